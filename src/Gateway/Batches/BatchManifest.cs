using System.Buffers;
using System.Globalization;
using System.Text.Json;

namespace Gateway.Batches;

/// <summary>State and progress of a batch as JSON (exchanges page, section 5.2).</summary>
internal static class BatchManifest
{
    /// <summary>Writes the manifest.</summary>
    public static ReadOnlyMemory<byte> Write(Batch batch)
    {
        var buffer = new ArrayBufferWriter<byte>(512);
        using (var json = new Utf8JsonWriter(buffer))
        {
            json.WriteStartObject();
            json.WriteString("batchId", batch.Id);
            json.WriteString("state", batch.State.ToString().ToUpperInvariant());
            json.WriteString("operation", batch.Entitlement.Operation.Id);
            Time(json, "submittedAt", batch.SubmittedAt);
            Time(json, "completedAt", batch.CompletedAt);
            Time(json, "purgeAt", batch.PurgeAt);
            json.WriteNumber("lines", batch.Lines);
            var counts = batch.Counts;
            json.WriteStartObject("counts");
            json.WriteNumber("MATCHED", counts.Matched);
            json.WriteNumber("NOT_FOUND", counts.NotFound);
            json.WriteNumber("AMBIGUOUS", counts.Ambiguous);
            json.WriteNumber("UNAVAILABLE", counts.Unavailable);
            json.WriteNumber("INVALID", counts.Invalid);
            json.WriteEndObject();
            if (batch.ResultsSha256 is not null) json.WriteString("resultsSha256", batch.ResultsSha256);
            json.WriteEndObject();
        }

        return buffer.WrittenMemory;
    }

    private static void Time(Utf8JsonWriter json, string name, DateTimeOffset? time)
    {
        if (time is { } stated) json.WriteString(name, stated.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture));
    }
}
