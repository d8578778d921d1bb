using System.Buffers;

namespace Gateway.Forwarding;

/// <summary>A provider's answer: captured whole, bounded, not yet looked at. Disposing gives its buffer back.</summary>
internal sealed class Answer(byte[] buffer, int length) : IDisposable
{
    private byte[]? _buffer = buffer;

    /// <summary>The body as received. Empty when the provider said by 404 that it does not know the person.</summary>
    public ReadOnlyMemory<byte> Body => _buffer.AsMemory(0, length);

    /// <summary>The provider said by 404 that it does not know the person, as its institution file allows.</summary>
    public bool PersonUnknown { get; init; }

    /// <inheritdoc/>
    public void Dispose()
    {
        var taken = Interlocked.Exchange(ref _buffer, null);
        // The buffer held a family's data: it goes back empty.
        if (taken is not null) ArrayPool<byte>.Shared.Return(taken, clearArray: true);
    }
}
