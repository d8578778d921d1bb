using System.Buffers;
using System.Collections.Immutable;
using System.Globalization;
using System.Text.Encodings.Web;
using System.Text.Json;
using Agreements;
using Gateway.Quotas;

namespace Gateway.Problems;

/// <summary>
/// Writes a refusal as a problem document (RFC 9457; exchanges page, section 4):
/// <code>
/// {"type":"urn:anss:gateway:problem:purpose-not-covered","title":"…","status":403,"detail":"…","instance":"01M4Z9XFEG8YJ96NKJ10RVCVSR",
/// "code":"purpose-not-covered","rule":"PER-02","clause":"ANSS-MENPS-2026-01@3 art.
/// 4","fixableBy":"agreement-officer","retryable":false,"remedy":"…"}
/// </code>
/// Nothing in it was sent by the caller but pointers, made of names that the contract knows or that cannot hold an identifier.
/// </summary>
public static class ProblemDocument
{
    /// <summary>Media type of the document.</summary>
    public const string ContentType = "application/problem+json";

    /// <summary>Prefix of <c>type</c>.</summary>
    public const string TypePrefix = "urn:anss:gateway:problem:";

    // Arabic and accents stay legible; the document is never embedded in a page.
    internal static JsonWriterOptions WriterOptions { get; } = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>Writes the document.</summary>
    /// <param name="output">Where it goes.</param>
    /// <param name="refusal">What is told; <see cref="Refusal.Reason"/> is not.</param>
    /// <param name="exchangeId">Exchange id, a ulid; the receipt carries the same.</param>
    /// <param name="language">fr, ar or en.</param>
    /// <param name="law">Knows what things are called; null leaves their codes.</param>
    /// <param name="status">Status of the answer where the server chose it; the problem's own otherwise.</param>
    public static void Write(
        IBufferWriter<byte> output,
        Refusal refusal,
        string exchangeId,
        string language,
        Registry? law = null,
        int? status = null
    )
    {
        var problem = refusal.Problem;
        var text = ProblemTexts.Of(problem.Code, language);
        var advice = refusal.Choices.IsEmpty ? text : ProblemTexts.Of(Problem.AgreementChoiceRequired.Code, language);
        using var json = new Utf8JsonWriter(output, WriterOptions);
        json.WriteStartObject();
        json.WriteString("type"u8, TypePrefix + problem.Code);
        json.WriteString("title"u8, text.Title);
        json.WriteNumber("status"u8, status ?? problem.Status);
        json.WriteString("detail"u8, advice.Detail(refusal, law));
        json.WriteString("instance"u8, exchangeId);
        json.WriteString("code"u8, problem.Code);
        json.WriteString("rule"u8, refusal.Rule);
        if (refusal.Clause is { } clause)
            json.WriteString("clause"u8, clause);
        json.WriteString("fixableBy"u8, problem.FixableBy);
        json.WriteBoolean("retryable"u8, problem.Retryable);
        json.WriteString("remedy"u8, advice.Remedy);
        WriteParticulars(json, refusal);
        if (!refusal.Choices.IsEmpty)
            WriteChoices(json, refusal.Choices);
        json.WriteEndObject();
    }

    /// <summary>What a refusal names beside its code: the quota, the errors, the provider, what the agreement would have to name.</summary>
    internal static void WriteParticulars(Utf8JsonWriter json, Refusal refusal)
    {
        if (refusal.Quota is { } quota)
            WriteQuota(json, quota);
        if (!refusal.Errors.IsEmpty)
            WriteErrors(json, refusal.Errors);
        if (refusal.Provider is { } provider)
            json.WriteString("provider"u8, provider);
        if (!refusal.Missing.IsEmpty)
            WriteMissing(json, refusal.Missing);
    }

    private static void WriteQuota(Utf8JsonWriter json, QuotaState quota)
    {
        json.WriteStartObject("quota"u8);
        json.WriteString("name"u8, quota.Quota);
        json.WriteNumber("limit"u8, quota.Limit);
        json.WriteString("resetsAt"u8, quota.ResetsAt.UtcDateTime);
        json.WriteEndObject();
    }

    /// <summary>What a result line of a batch says of a refusal: all that a problem document does, save the words for people.</summary>
    /// <param name="json">Where it goes; an object is open.</param>
    /// <param name="refusal">Why.</param>
    /// <param name="now">When; from then on the seconds of the refusal count.</param>
    internal static void WriteInLine(Utf8JsonWriter json, Refusal refusal, DateTimeOffset now)
    {
        json.WriteString("code"u8, refusal.Problem.Code);
        json.WriteString("rule"u8, refusal.Rule);
        if (refusal.Clause is { } clause)
            json.WriteString("clause"u8, clause);
        json.WriteString("fixableBy"u8, refusal.Problem.FixableBy);
        json.WriteBoolean("retryable"u8, refusal.Problem.Retryable);
        // Seconds would mean nothing in a file that is read later.
        if (refusal.Quota is { } quota)
            json.WriteString("retryAt"u8, Text(quota.ResetsAt));
        else if (refusal.RetryAfterSeconds is { } seconds)
            json.WriteString("retryAt"u8, Text(now.AddSeconds(seconds)));
        WriteParticulars(json, refusal);
    }

    private static string Text(DateTimeOffset instant) =>
        instant.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture);

    /// <summary>The <c>errors</c> of a refusal, wherever it is told.</summary>
    internal static void WriteErrors(Utf8JsonWriter json, ImmutableArray<RequestError> errors)
    {
        json.WriteStartArray("errors"u8);
        foreach (var error in errors)
        {
            json.WriteStartObject();
            json.WriteString("pointer"u8, error.Pointer);
            json.WriteString("code"u8, error.Code);
            if (error.Rule is { } rule)
                json.WriteString("rule"u8, rule);
            if (error.Position is { } position)
                json.WriteNumber("position"u8, position);
            json.WriteEndObject();
        }

        json.WriteEndArray();
    }

    // Ready to be asked for as authorization_details, as the authority offers them.
    private static void WriteChoices(Utf8JsonWriter json, ImmutableArray<GrantChoice> choices)
    {
        json.WriteStartArray("choices"u8);
        foreach (var choice in choices)
        {
            json.WriteStartObject();
            json.WriteString("type"u8, "data_exchange"u8);
            json.WriteString("agreement"u8, choice.Agreement);
            json.WriteString("purpose"u8, choice.Purpose);
            json.WriteEndObject();
        }

        json.WriteEndArray();
    }

    private static void WriteMissing(Utf8JsonWriter json, ImmutableArray<string> missing)
    {
        json.WriteStartArray("missing"u8);
        foreach (var name in missing)
            json.WriteStringValue(name);
        json.WriteEndArray();
    }
}
