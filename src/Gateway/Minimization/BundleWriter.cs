using System.Globalization;
using System.Security.Cryptography;
using System.Text.Json;
using Agreements;

namespace Gateway.Minimization;

/// <summary>
/// Writes the Bundle that leaves (health page, section 5). FHIR has no matchStatus, and an empty Bundle says three different
/// things: so it stands as a tag, and every status but MATCHED as an outcome too, for clients that only know FHIR.
/// </summary>
internal static class BundleWriter
{
    private const string StatusSystem = "urn:anss:gateway:match-status";

    public static byte[] Write(FhirReleasePlan plan, ReleaseTerms terms, CombinedAnswer answer)
    {
        using var scratch = Scratch.Take();
        var json = scratch.Json;
        var matched = answer.MatchStatus == MatchStatus.Matched;
        json.WriteStartObject();
        json.WriteString("resourceType"u8, "Bundle"u8);
        json.WriteStartObject("meta"u8);
        json.WriteStartArray("tag"u8);
        Tag(json, StatusSystem, answer.MatchStatus);
        if (answer.IsStale(terms))
            Tag(json, "urn:anss:gateway:qualification", "STALE");
        json.WriteEndArray();
        json.WriteEndObject();
        json.WriteString("type"u8, "searchset"u8);
        json.WriteString(
            "timestamp"u8,
            Timestamp(terms, answer).UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture)
        );
        json.WriteNumber("total"u8, matched ? answer.Answer.Matches : 0);
        WriteSelf(json, $"{terms.GatewayBase.TrimEnd('/')}/fhir/{plan.Type.Name}");
        if (!matched)
            WriteOutcome(json, answer.MatchStatus, terms.Language);
        else if (answer.Answer.Matches > 0)
        {
            json.WritePropertyName("entry"u8);
            json.WriteRawValue(answer.Answer.Released.Span, skipInputValidation: true);
        }

        json.WriteEndObject();
        return scratch.ToArray();
    }

    /// <summary>F19: R4 wants a fullUrl; the provider's would leak its ids and its host.</summary>
    public static string FreshUrn()
    {
        Span<byte> bytes = stackalloc byte[16];
        RandomNumberGenerator.Fill(bytes);
        bytes[6] = (byte)((bytes[6] & 0x0F) | 0x40);
        bytes[8] = (byte)((bytes[8] & 0x3F) | 0x80);
        return $"urn:uuid:{new Guid(bytes, bigEndian: true):D}";
    }

    /// <summary>Identifier system of the scheme that the caller used.</summary>
    public static string SystemOf(ReleaseTerms terms) => terms.Asked.Scheme == "idcs" ? "urn:anss:id:idcs" : "urn:anss:id:health";

    public static void Tag(Utf8JsonWriter json, string system, string code)
    {
        json.WriteStartObject();
        json.WriteString("system"u8, system);
        json.WriteString("code"u8, code);
        json.WriteEndObject();
    }

    public static void Identifier(Utf8JsonWriter json, string system, string value)
    {
        json.WriteStartObject("identifier"u8);
        json.WriteString("system"u8, system);
        json.WriteString("value"u8, value);
        json.WriteEndObject();
    }

    public static void Mode(Utf8JsonWriter json, string mode)
    {
        json.WriteStartObject("search"u8);
        json.WriteString("mode"u8, mode);
        json.WriteEndObject();
    }

    // What nobody dated is as old as the call; where a silent refusal must look the same, both stand at midnight.
    private static DateTimeOffset Timestamp(ReleaseTerms terms, CombinedAnswer answer)
    {
        var stated = answer.Answer.AsOf ?? terms.Now;
        return terms.NotFoundAtMidnight && answer.MatchStatus == MatchStatus.NotFound
            ? CivilTime.StartOf(CivilTime.DateOf(stated))
            : stated;
    }

    private static void WriteSelf(Utf8JsonWriter json, string url)
    {
        json.WriteStartArray("link"u8);
        json.WriteStartObject();
        json.WriteString("relation"u8, "self"u8);
        json.WriteString("url"u8, url);
        json.WriteEndObject();
        json.WriteEndArray();
    }

    private static void WriteOutcome(Utf8JsonWriter json, string status, string language)
    {
        var (severity, code, text) = Outcomes(status);
        json.WriteStartArray("entry"u8);
        json.WriteStartObject();
        json.WriteString("fullUrl"u8, FreshUrn());
        json.WriteStartObject("resource"u8);
        json.WriteString("resourceType"u8, "OperationOutcome"u8);
        json.WriteStartArray("issue"u8);
        json.WriteStartObject();
        json.WriteString("severity"u8, severity);
        json.WriteString("code"u8, code);
        json.WriteStartObject("details"u8);
        json.WriteStartArray("coding"u8);
        Tag(json, StatusSystem, status);
        json.WriteEndArray();
        json.WriteString("text"u8, text.In(language));
        json.WriteEndObject();
        json.WriteEndObject();
        json.WriteEndArray();
        json.WriteEndObject();
        Mode(json, "outcome");
        json.WriteEndObject();
        json.WriteEndArray();
    }

    private static (string Severity, string Code, LocalizedText Text) Outcomes(string status) =>
        status switch
        {
            MatchStatus.NotFound => (
                "information",
                "not-found",
                new("Personne inconnue de la source.", "شخص غير معروف لدى المصدر.", "The source does not know the person.")
            ),
            MatchStatus.Ambiguous => (
                "warning",
                "multiple-matches",
                new(
                    "Plusieurs personnes correspondent à cet identifiant.",
                    "عدة أشخاص يطابقون هذا المعرف.",
                    "Several people match this identifier."
                )
            ),
            _ => (
                "warning",
                "incomplete",
                new(
                    "La réponse de la source est incomplète\u202F; rien n’en est communiqué.",
                    "جواب المصدر غير مكتمل، ولم يتم الإفصاح عن أي شيء منه.",
                    "The source's answer is incomplete; nothing of it is disclosed."
                )
            ),
        };
}
