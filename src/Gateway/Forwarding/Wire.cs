namespace Gateway.Forwarding;

/// <summary>
/// One connection to a source, and what it saw of the call that has it. It belongs to one call at a time, and goes back to
/// <see cref="Wires"/> only after the answer was found sound, so that what a connection still holds can never answer somebody else.
/// </summary>
internal sealed class Wire(Wires home, Func<Wire, HttpMessageInvoker> connect) : IDisposable
{
    private HttpMessageInvoker? _invoker;
    private int _opened,
        _openedBefore;
    private volatile bool _sent,
        _heard;

    /// <summary>Sends over this connection; opens it when there is none, or when the other side has closed it meanwhile.</summary>
    public HttpMessageInvoker Invoker => _invoker ??= connect(this);

    /// <summary>Something of the question was given to the connection: it may have arrived.</summary>
    public bool Sent => _sent;

    /// <summary>Something of an answer came.</summary>
    public bool Heard => _heard;

    /// <summary>The connection had carried another question before this one.</summary>
    public bool IsUsed => _openedBefore > 0 && _opened == _openedBefore;

    /// <summary>Certificates under which it was opened, counted by <see cref="Wires.Renew"/>.</summary>
    public int Generation { get; init; }

    /// <summary>When it was given back.</summary>
    public long RestsSince { get; set; }

    /// <summary>A call takes it.</summary>
    public void Begin() => (_openedBefore, _sent, _heard) = (_opened, false, false);

    /// <summary>Its answer was sound to the last byte: another call may have it.</summary>
    public void GiveBack() => home.Take(this);

    /// <summary>A handshake is done: what passes over the connection is watched.</summary>
    public Stream Watch(Stream connection)
    {
        _opened++;
        return new WatchedStream(connection, this);
    }

    /// <summary>Bytes leave.</summary>
    public void NoteSent() => _sent = true;

    /// <summary>Bytes came.</summary>
    /// <exception cref="IOException">Nothing was asked yet: they are no answer, and the connection is of no more use.</exception>
    public void NoteHeard()
    {
        if (!_sent)
            throw new IOException("bytes that nobody asked for");
        _heard = true;
    }

    /// <summary>Closes the connection.</summary>
    public void Dispose() => _invoker?.Dispose();
}
