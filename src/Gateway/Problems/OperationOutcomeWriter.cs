using System.Buffers;
using System.Text.Json;
using Agreements;
using Wording;

namespace Gateway.Problems;

/// <summary>
/// Writes a refusal as a FHIR R4 OperationOutcome (health page, section 7): our code under <c>details.coding</c>, title and
/// detail as text, exchange id and rule as <c>diagnostics</c>, then one issue for each thing that is wrong with the request. Nothing a
/// provider sent is ever in it.
/// </summary>
public static class OperationOutcomeWriter
{
    /// <summary>Media type of the resource.</summary>
    public const string ContentType = "application/fhir+json; charset=utf-8";

    /// <summary>Code system of our codes.</summary>
    public const string ProblemSystem = "urn:anss:gateway:problem";

    /// <summary>Writes the resource.</summary>
    /// <param name="output">Where it goes.</param>
    /// <param name="refusal">What is told.</param>
    /// <param name="exchangeId">Exchange id, a ulid.</param>
    /// <param name="language">fr, ar or en.</param>
    /// <param name="expression">Resource type or parameter that is meant; null when none is.</param>
    /// <param name="law">Knows what things are called; null leaves their codes.</param>
    public static void Write(
        IBufferWriter<byte> output,
        Refusal refusal,
        string exchangeId,
        string language,
        string? expression,
        Registry? law = null
    )
    {
        var problem = refusal.Problem;
        var text = ProblemTexts.Of(problem.Code, language);
        using var json = new Utf8JsonWriter(output, ProblemDocument.WriterOptions);
        json.WriteStartObject();
        json.WriteString("resourceType"u8, "OperationOutcome"u8);
        json.WriteStartArray("issue"u8);
        json.WriteStartObject();
        json.WriteString("severity"u8, "error"u8);
        json.WriteString("code"u8, IssueType(problem));
        json.WriteStartObject("details"u8);
        json.WriteStartArray("coding"u8);
        json.WriteStartObject();
        json.WriteString("system"u8, ProblemSystem);
        json.WriteString("code"u8, problem.Code);
        json.WriteEndObject();
        json.WriteEndArray();
        json.WriteString("text"u8, Phrases.Titled(text.Title, text.Detail(refusal, law), language));
        json.WriteEndObject();
        json.WriteString("diagnostics"u8, $"{exchangeId} {refusal.Rule}");
        if (expression is not null)
        {
            json.WriteStartArray("expression"u8);
            json.WriteStringValue(expression);
            json.WriteEndArray();
        }

        json.WriteEndObject();
        foreach (var error in refusal.Errors)
            WriteError(json, error, IssueType(problem));
        json.WriteEndArray();
        json.WriteEndObject();
    }

    // One issue for each thing that is wrong: which parameter or header, and which rule. Never a value.
    private static void WriteError(Utf8JsonWriter json, RequestError error, string issueType)
    {
        json.WriteStartObject();
        json.WriteString("severity"u8, "error"u8);
        json.WriteString("code"u8, issueType);
        json.WriteStartObject("details"u8);
        json.WriteStartArray("coding"u8);
        json.WriteStartObject();
        json.WriteString("system"u8, ProblemSystem);
        json.WriteString("code"u8, error.Code);
        json.WriteEndObject();
        json.WriteEndArray();
        if (error.Rule is { } rule)
            json.WriteString("text"u8, rule);
        json.WriteEndObject();
        if (error.Position is { } position)
            json.WriteString("diagnostics"u8, $"parameter {position} of the form");
        if (error.Pointer.Length > 0)
        {
            json.WriteStartArray("expression"u8);
            json.WriteStringValue(error.Pointer);
            json.WriteEndArray();
        }

        json.WriteEndObject();
    }

    /// <summary>R4 issue type (http://hl7.org/fhir/R4/valueset-issue-type.html) of a problem.</summary>
    public static string IssueType(Problem problem) =>
        problem.Code switch
        {
            "search-parameter-not-allowed" => "not-supported",
            "token-expired" or "token-outdated" => "expired",
            "provider-answer-too-large" => "too-costly",
            "provider-modifier-refused" => "extension",
            "ledger-unavailable" => "no-store",
            "agreement-choice-required" => "forbidden",
            _ => problem.Status switch
            {
                401 => "login",
                403 => "forbidden",
                404 or 410 => "not-found",
                405 or 406 or 415 => "not-supported",
                409 => "conflict",
                413 or 431 => "too-long",
                429 => "throttled",
                500 or 502 => "exception",
                503 => "transient",
                504 => "timeout",
                _ => "invalid",
            },
        };
}
