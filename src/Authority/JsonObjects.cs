using System.Buffers;
using System.Text.Json;

namespace Authority;

/// <summary>Writes JSON objects, three for each token, into memory that each thread keeps for its next one.</summary>
internal static class JsonObjects
{
    [ThreadStatic]
    private static Kept? _kept;

    /// <summary>Writes one object.</summary>
    /// <param name="members">Writes its members; writes no other object meanwhile.</param>
    /// <returns>Its bytes, which stand until the same thread writes the next one: copy them before anything is awaited.</returns>
    internal static ReadOnlySpan<byte> Write(Action<Utf8JsonWriter> members)
    {
        var kept = _kept ??= new Kept();
        kept.Buffer.ResetWrittenCount();
        kept.Json.Reset(); // also after an exception half-way
        kept.Json.WriteStartObject();
        members(kept.Json);
        kept.Json.WriteEndObject();
        kept.Json.Flush();
        return kept.Buffer.WrittenSpan;
    }

    private sealed class Kept
    {
        internal Kept() => Json = new Utf8JsonWriter(Buffer);

        internal ArrayBufferWriter<byte> Buffer { get; } = new(4096);
        internal Utf8JsonWriter Json { get; }
    }
}
