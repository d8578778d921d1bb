using System.Collections.Immutable;
using Wording;

namespace Agreements.Loading;

/// <summary>
/// The words for a refused file. Each finding has a code; the text of that name says what is wrong, and <c>code/do</c> says what to do.
/// They are written for the person who edits the file.
/// </summary>
internal static class FindingWords
{
    /// <summary>What remedies name.</summary>
    public const string PurposesFile = "reference/purposes.yaml",
        AreasFile = "reference/areas.yaml",
        QualitiesFile = "reference/qualities.yaml",
        ElementsFile = "fhir/elements.yaml",
        OpenApiFolder = "contracts/openapi",
        FhirFolder = "contracts/fhir",
        ApproveCommand = "gatewayctl contracts approve",
        SignCommand = "gatewayctl agreement sign",
        SignatureForm = "ES256, b64 false, kid";

    private const string Remedy = "/do";
    private const int LongestValue = 80;

    public static TextBook Book { get; } =
        TextBook.Of(
            typeof(FindingWords).Assembly,
            "form-findings",
            "set-findings",
            "agreement-findings",
            "institution-findings",
            "contract-findings"
        );

    /// <summary>Codes of findings: each has a remedy.</summary>
    public static IEnumerable<string> Codes => Book.Keys.Where(static key => Book.Has(key + Remedy));

    public static string What(string code, string language, ImmutableArray<Blank> blanks) => Book.Say(code, language, blanks.AsSpan());

    public static string ToDo(string code, string language, ImmutableArray<Blank> blanks) =>
        Book.Say(code + Remedy, language, blanks.AsSpan());

    /// <summary>Words that stand in the blank of a finding.</summary>
    public static Blank Words(string key, params ImmutableArray<Blank> blanks) =>
        Blank.Of(language => Book.Say(key, language, blanks.AsSpan()));

    /// <summary>What was found in a file, cut where it is long: it is shown, not quoted.</summary>
    public static Blank Found(string? value) => value is { Length: > LongestValue } ? value[..LongestValue] + "…" : value ?? "";

    /// <summary>A version, a number of an approval: not grouped, as it is a name.</summary>
    public static Blank Number(long number) => number.ToString(System.Globalization.CultureInfo.InvariantCulture);
}
