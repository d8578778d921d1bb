using System.Text.Json;
using System.Text.Unicode;
using Gateway.Requests;

namespace Gateway.Batches;

/// <summary>A provider's answer to a chunk: one line per person, in any order, matched by <c>reference</c>.</summary>
internal static class ChunkAnswer
{
    /// <summary>
    /// The lines by reference. A line without a sound reference, of a reference that was not asked, or of one that stands twice is
    /// nobody's: the lines that it could have been about count as not answered.
    /// </summary>
    /// <param name="body">The answer as received; the lines are slices of it.</param>
    /// <param name="asked">Was this reference asked?</param>
    public static Dictionary<string, ReadOnlyMemory<byte>> Split(ReadOnlyMemory<byte> body, Func<string, bool> asked)
    {
        var lines = new Dictionary<string, ReadOnlyMemory<byte>>(StringComparer.Ordinal);
        var twice = new HashSet<string>(StringComparer.Ordinal);
        foreach (var line in BatchReader.Lines(body))
        {
            if (ReferenceOf(line.Span) is not { } reference || !asked(reference))
                continue;
            if (!lines.TryAdd(reference, line))
                twice.Add(reference);
        }

        foreach (var reference in twice)
            lines.Remove(reference);
        return lines;
    }

    private static string? ReferenceOf(ReadOnlySpan<byte> line)
    {
        if (!Utf8.IsValid(line))
            return null;
        try
        {
            var reader = new Utf8JsonReader(line);
            reader.Read();
            while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
            {
                var found = reader.ValueTextEquals("reference"u8);
                reader.Read();
                if (found)
                    return reader.TokenType == JsonTokenType.String ? reader.GetString() : null;
                reader.Skip();
            }
        }
        catch (Exception fault) when (fault is JsonException or InvalidOperationException)
        {
            // Not JSON: the line answers nobody.
        }

        return null;
    }
}
