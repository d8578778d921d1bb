namespace Gateway.Forwarding;

/// <summary>
/// The connections to one source that rest between two calls. The one used last is taken first, so that those too many grow old;
/// one that has rested for <see cref="Longest"/> is closed.
/// </summary>
internal sealed class Wires(Func<Wire, HttpMessageInvoker> connect, TimeProvider time) : IDisposable
{
    /// <summary>
    /// Longest rest. Apache, Node.js and uvicorn close after five seconds: two seconds before that, no question crosses the closing of a
    /// connection. A server that closes earlier says so by <c>Keep-Alive: timeout</c>, which the handler obeys, or costs a second try.
    /// </summary>
    public static readonly TimeSpan Longest = TimeSpan.FromSeconds(3);

    private readonly Lock _gate = new();
    private readonly Stack<Wire> _resting = new();
    private bool _closed;
    private int _generation;

    /// <summary>A connection for a call: the one that rested the shortest, or a new one.</summary>
    public Wire Any()
    {
        lock (_gate)
        {
            while (_resting.TryPop(out var wire))
            {
                if (time.GetElapsedTime(wire.RestsSince) < Longest)
                    return wire;
                wire.Dispose();
            }
        }

        return Fresh();
    }

    /// <summary>A new connection.</summary>
    public Wire Fresh() => new(this, connect) { Generation = Volatile.Read(ref _generation) };

    /// <summary>Certificates have changed: what rests is closed, and what a call has now is closed when it comes back.</summary>
    public void Renew()
    {
        lock (_gate)
        {
            _generation++;
            while (_resting.TryPop(out var wire))
                wire.Dispose();
        }
    }

    /// <summary>Takes back a connection that another call may have.</summary>
    public void Take(Wire wire)
    {
        wire.RestsSince = time.GetTimestamp();
        lock (_gate)
        {
            if (!_closed && wire.Generation == _generation)
                _resting.Push(wire);
            else
                wire.Dispose();
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        lock (_gate)
        {
            _closed = true;
            while (_resting.TryPop(out var wire))
                wire.Dispose();
        }
    }
}
