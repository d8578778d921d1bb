using System.Buffers;

namespace Gateway.Forwarding;

/// <summary>A provider's answer: captured whole, bounded, not yet looked at. Disposing gives its buffer back.</summary>
internal sealed class Answer(byte[] buffer, int length, Wire? wire) : IDisposable
{
    private byte[]? _buffer = buffer;
    private bool _sound;

    /// <summary>The body as received. Empty when the provider said by 404 that it does not know the person.</summary>
    public ReadOnlyMemory<byte> Body => _buffer.AsMemory(0, length);

    /// <summary>The provider said by 404 that it does not know the person, as its institution file allows.</summary>
    public bool PersonUnknown { get; init; }

    /// <summary>The connection may carry another question once this answer was found sound (<see cref="Attempt.MayGoOn"/>).</summary>
    public bool MayGoOn { get; init; }

    /// <summary>
    /// It was read, and it answers the question that was asked: its connection may carry another. Without this the connection is closed,
    /// for one that answered about somebody else may be a question behind.
    /// </summary>
    public void Trust() => _sound = MayGoOn;

    /// <inheritdoc/>
    public void Dispose()
    {
        var taken = Interlocked.Exchange(ref _buffer, null);
        if (taken is null)
            return;
        // The buffer held a family's data: it goes back empty.
        ArrayPool<byte>.Shared.Return(taken, clearArray: true);
        if (_sound)
            wire?.GiveBack();
        else
            wire?.Dispose();
    }
}
