using System.Buffers;
using System.Text.Json;
using Agreements;
using Gateway.Catalogue;
using Gateway.Problems;

namespace Gateway.Explanations;

/// <summary>Writes explanations as JSON (exchanges page, section 13), each in all three languages.</summary>
internal static class ExplanationDocument
{
    /// <summary>The answer to a dry run.</summary>
    public static ReadOnlyMemory<byte> Write(DryRun run, DryRunVerdict rehearsed, Registry law)
    {
        return Written(json =>
        {
            json.WriteBoolean("wouldPass", rehearsed.WouldPass);
            json.WriteString("policy", law.Digest);
            json.WriteStartArray("notJudged");
            json.WriteStringValue("person");
            json.WriteStringValue("quotas");
            if (run.Request is null)
                json.WriteStringValue("request");
            json.WriteEndArray();
            json.WriteStartArray("findings");
            foreach (var finding in rehearsed.Findings)
                Finding(json, finding, law);
            json.WriteEndArray();
        });
    }

    /// <summary>The longer text about a refusal.</summary>
    public static ReadOnlyMemory<byte> Write(PastRefusal past, Registry law) =>
        Written(json =>
        {
            json.WriteString("exchangeId", past.ExchangeId);
            json.WriteString("at", past.At.UtcDateTime);
            Text(json, "operation", past.Operation);
            Text(json, "purpose", past.Purpose);
            Text(json, "agreement", past.Agreement);
            json.WriteString("policy", past.Policy);
            json.WriteNumber("status", past.Refusal.Problem.Status);
            json.WritePropertyName("finding");
            Finding(json, past.Refusal, law);
        });

    private static void Finding(Utf8JsonWriter json, Refusal refusal, Registry law)
    {
        json.WriteStartObject();
        json.WriteString("code", refusal.Problem.Code);
        json.WriteString("rule", refusal.Rule);
        Text(json, "clause", refusal.Clause);
        if (refusal.Missing.Length > 0)
            json.WriteStrings("missing", refusal.Missing);
        json.WriteString("fixableBy", refusal.Problem.FixableBy);
        json.WriteBoolean("retryable", refusal.Problem.Retryable);
        if (refusal.RetryAfterSeconds is { } seconds)
            json.WriteNumber("retryAfterSeconds", seconds);
        if (!refusal.Errors.IsEmpty)
            ProblemDocument.WriteErrors(json, refusal.Errors);
        json.WriteStartObject("texts");
        foreach (var language in Languages.All)
        {
            var text = ProblemTexts.Of(refusal.Problem.Code, language);
            json.WriteStartObject(language);
            json.WriteString("title", text.Title);
            json.WriteString("detail", text.Detail(refusal, law));
            json.WriteString("remedy", text.Remedy);
            json.WriteEndObject();
        }

        json.WriteEndObject();
        json.WriteEndObject();
    }

    private static void Text(Utf8JsonWriter json, string name, string? value)
    {
        if (value is not null)
            json.WriteString(name, value);
    }

    private static ReadOnlyMemory<byte> Written(Action<Utf8JsonWriter> members)
    {
        var buffer = new ArrayBufferWriter<byte>(2048);
        using (var json = new Utf8JsonWriter(buffer, ProblemDocument.WriterOptions))
        {
            json.WriteStartObject();
            members(json);
            json.WriteEndObject();
        }

        return buffer.WrittenMemory;
    }
}
