using System.Buffers;
using System.Text.Json;

namespace Sandbox.Institutions;

/// <summary>One JSON writer for each thread: answers are written in one go, so it is never shared.</summary>
public static class PooledJson
{
    [ThreadStatic]
    private static Utf8JsonWriter? _writer;

    /// <summary>This thread's writer, set on a buffer. Valid until the next call on the same thread.</summary>
    public static Utf8JsonWriter Rent(IBufferWriter<byte> output)
    {
        if (_writer is null)
            return _writer = new Utf8JsonWriter(output);
        _writer.Reset(output);
        return _writer;
    }
}
