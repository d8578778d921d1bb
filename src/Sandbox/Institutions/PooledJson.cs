using System.Buffers;
using System.Text.Json;

namespace Sandbox.Institutions;

/// <summary>One JSON writer for each thread: answers are written in one go, so it is never shared.</summary>
public static class PooledJson
{
    [ThreadStatic]
    private static Utf8JsonWriter? writer;

    /// <summary>This thread's writer, set on a buffer. Valid until the next call on the same thread.</summary>
    public static Utf8JsonWriter Rent(IBufferWriter<byte> output)
    {
        if (writer is null) return writer = new Utf8JsonWriter(output);
        writer.Reset(output);
        return writer;
    }
}
