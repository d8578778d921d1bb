using System.Buffers;
using System.Globalization;
using System.Text.Json;
using Agreements;
using Gateway.Minimization;
using Gateway.Problems;

namespace Gateway.Batches;

/// <summary>State and progress of a batch as JSON (exchanges page, section 5.2).</summary>
internal static class BatchManifest
{
    /// <summary>Writes the manifest.</summary>
    public static ReadOnlyMemory<byte> Write(Batch batch)
    {
        var buffer = new ArrayBufferWriter<byte>(512);
        using (var json = new Utf8JsonWriter(buffer, ProblemDocument.WriterOptions))
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
            for (var i = 0; i < counts.Length; i++)
                json.WriteNumber(LineOutcome.All[i], counts[i]);
            json.WriteEndObject();
            if (batch.StoppedBy is { } stop)
                Stopped(json, stop, batch.Entitlement.Registry);
            if (batch.ResultsSha256 is not null)
                json.WriteString("resultsSha256", batch.ResultsSha256);
            json.WriteEndObject();
        }

        return buffer.WrittenMemory;
    }

    // The owner's program reads the code; whoever it calls for help reads one of the languages.
    private static void Stopped(Utf8JsonWriter json, BatchStop stop, Registry law)
    {
        json.WriteStartObject("stopped");
        json.WriteString("code", stop.Refusal.Problem.Code);
        json.WriteString("rule", stop.Refusal.Rule);
        if (stop.Refusal.Clause is { } clause)
            json.WriteString("clause", clause);
        json.WriteString("fixableBy", stop.Refusal.Problem.FixableBy);
        Time(json, "since", stop.Since);
        json.WriteNumber("lines", stop.Lines);
        json.WriteStartObject("texts");
        foreach (var language in Languages.All)
            json.WriteString(language, ProblemTexts.Of(stop.Refusal.Problem.Code, language).Detail(stop.Refusal, law));
        json.WriteEndObject();
        json.WriteEndObject();
    }

    private static void Time(Utf8JsonWriter json, string name, DateTimeOffset? time)
    {
        if (time is { } stated)
            json.WriteString(name, stated.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture));
    }
}
