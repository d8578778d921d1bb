using System.Text.RegularExpressions;
using Agreements.Keys;
using Agreements.Loading;
using Wording;

namespace Agreements.Tests;

/// <summary>What the loader finds is said whole in French, Arabic and English, whatever is wrong.</summary>
public sealed partial class FindingsTests
{
    private const string School = "agreements/ANSS-MENPS-2026-01.yaml",
        Stops = "suspensions.yaml",
        Education = "openapi/education.yaml";
    private const string Provider = "institutions/menps.yaml",
        Agency = "institutions/anss.yaml",
        SigningKey = "anss-sign-2026.jwk.json";
    private const string Ended = "{ agreement: ANSS-MENPS-2026-01, by: menps, on: 2026-11-01, reference: x }";

    private static string Stop(string kind, string id) => $"  - {{ kind: {kind}, id: {id}, by: anss, since: 2026-11-01 }}\n";

    /// <summary>A finding holds no word of another language, outside of what stands in the file.</summary>
    internal static void IsSpoken(LoadError error)
    {
        var (french, arabic) = (error.Say("fr"), error.Say("ar"));
        Assert.DoesNotMatch(Latin(), Isolated().Replace(arabic, ""));
        Assert.Matches(@"\p{IsArabic}", arabic);
        Assert.DoesNotMatch(English(), Quoted().Replace(french, ""));
        Assert.DoesNotContain(error.What, french, StringComparison.Ordinal);
        Assert.DoesNotContain("{", Isolated().Replace(arabic, ""), StringComparison.Ordinal);
        Assert.DoesNotContain("→", french + arabic + error, StringComparison.Ordinal);
    }

    [Fact]
    public void A_folder_of_many_mistakes_is_told_without_a_word_of_English()
    {
        using var contracts = new TheContracts(signed: false);
        foreach (var (file, what, with, _) in LoadErrorsTest.Edits().Select(static row => row.Data).DistinctBy(static edit => edit.Item1))
            contracts.Edit(file, what, with);
        contracts.Write("agreements/notes.txt", "x");
        contracts.Write("suspensions.yml", "x");
        File.Delete(contracts.At("reference/qualities.yaml"));

        var load = contracts.Load();

        Assert.True(load.Errors.Length > 10);
        Assert.All(load.Errors, IsSpoken);
    }

    public static TheoryData<string, string, string, string> MoreKinds() =>
        new()
        {
            { School, "parties: [anss, menps]", "parties: []", "list-empty" },
            { School, "parties: [anss, menps]", "parties:", "text-unusable not-list" },
            { School, "      - { code: DFP,", "      - { code: MENPS-MASSAR, institution: menps }\n      - { code: DFP,", "source-twice" },
            { Stops, "suspensions:\n", $"suspensions:\n{Stop("agreement", "ANSS-CNSS-2026-01")}", "suspended-twice" },
            { Stops, "suspensions:\n", $"suspensions:\n{Stop("client", "anss-nobody")}", "stop-client-unknown" },
            { Stops, "suspensions:\n", $"suspensions:\n{Stop("institution", "nobody")}", "stop-institution-unknown" },
            { Stops, "suspensions:\n", $"ended: [ {Ended}, {Ended} ]\nsuspensions:\n", "ended-twice" },
            { Provider, "  undeclaredFields: strip", "  receipts: maybe\n  undeclaredFields: strip", "not-boolean" },
            { Provider, "  undeclaredFields: strip", "  paths: { x: nowhere }\n  undeclaredFields: strip", "path-form" },
            { Provider, "roles: [consumer, provider]", "roles: [consumer]", "terms-roleless" },
            { Agency, "signingKeys: [", $"signingKeys: [ {{ id: anss-sign-2026, file: {SigningKey} }},", "signing-key-twice" },
            { Agency, "sanUri: \"urn:anss:client:anss-inclusion\"", "subjectDn: \"CN=inclusion\"", "subject-rule" },
            { Agency, "    certificate: { authority: anss-partners, sanUri: \"urn:anss:client:anss-inclusion\" }\n", "", "tls-rules" },
            { Agency, "id: anss-payments", "id: anss-inclusion", "client-twice" },
            { "reference/areas.yaml", "code: \"06.467.\"", "code: \"06.181.\"", "code-twice" },
            { "reference/purposes.yaml", "code: MA-L-55-19", "code: MA-L-58-23", "legal-basis-twice" },
            { Education, "format: date,", "format: day,", "format-unknown" },
            { Education, "required: [reference]", "required: [reference, zzz]", "required-undeclared" },
            { Education, "x-part-of: education.school-enrolment.batch", "x-part-of: education.nothing.batch", "part-of-nothing" },
            { Education, "application/json:", "text/plain:", "content-kind" },
            { Education, "since: { type: string, format: date,", "since: { type: string, format: month,", "status-since" },
            { "fhir/elements.yaml", "types:\n", "types:\n  lower: {}\n", "fhir-type-form" },
            { "fhir/elements.yaml", "      date: dateTime\n", "      Date: dateTime\n", "element-path" },
            { "fhir/elements.yaml", "searchRequired: [code]", "searchRequired: [zzz]", "search-required" },
        };

    [Theory]
    [MemberData(nameof(MoreKinds))]
    public void Kinds_that_no_other_test_provokes_are_told_too(string file, string what, string with, string codes)
    {
        using var contracts = new TheContracts(signed: false);
        contracts.Edit(file, what, with);
        var load = contracts.Load();
        Assert.Contains(load.Errors, error => error.File == file && codes.Split(' ').Contains(error.Code));
        Assert.All(load.Errors, IsSpoken);
    }

    [Theory]
    [InlineData("parties: [anss, menps", "yaml-gave-up", "la lecture s’arrête à cette ligne", "توقفت القراءة عند هذا السطر")]
    [InlineData("parties: \"anss", "yaml-syntax", "ce n’est plus du YAML à partir de la colonne", "ابتداء من العمود")]
    public void Words_of_a_file_that_does_not_parse_are_ours(string with, string code, string french, string arabic)
    {
        using var contracts = new TheContracts(signed: false);
        contracts.Edit(School, "parties: [anss, menps]", with);
        var error = Assert.Single(contracts.Load().Errors, static error => error is { File: School, Severity: LoadSeverity.Error });
        Assert.Equal(code, error.Code);
        Assert.True(error.Line > 1);
        Assert.StartsWith("\u2068agreements/ANSS-MENPS-2026-01.yaml:", error.Say("ar"), StringComparison.Ordinal);
        Assert.Contains(arabic, error.Say("ar"), StringComparison.Ordinal);
        Assert.Contains(french, error.Say("fr"), StringComparison.Ordinal);
        IsSpoken(error);
    }

    [Fact]
    public void A_finding_without_a_line_names_the_file_alone()
    {
        using var contracts = new TheContracts();
        File.Delete(contracts.At("suspensions.yaml"));
        var error = Assert.Single(contracts.Load().Errors, static error => error.Severity is LoadSeverity.Error);
        Assert.Equal("suspensions.yaml", error.Place);
        Assert.Equal("suspensions.yaml: error: the file is missing. Restore it.", error.ToString());
        Assert.Equal("suspensions.yaml\u00A0: erreur\u00A0: le fichier manque. Le remettre en place.", error.Say("fr"));
        Assert.Equal("\u2068suspensions.yaml\u2069: خطأ: الملف غائب. يجب إرجاعه.", error.Say("ar"));
    }

    [Fact]
    public void Equal_findings_are_one()
    {
        var one = new LoadError("a.yaml", 3, "purpose-unknown", ["X", "reference/purposes.yaml"], LoadSeverity.Error);
        Assert.Equal(one, new LoadError("a.yaml", 3, "purpose-unknown", ["X", "reference/purposes.yaml"], LoadSeverity.Error));
        Assert.NotEqual(one, new LoadError("a.yaml", 3, "purpose-unknown", ["Y", "reference/purposes.yaml"], LoadSeverity.Error));
    }

    [Fact]
    public void Every_code_that_the_loader_reports_has_words_and_every_word_is_reported()
    {
        var reported = Directory
            .EnumerateFiles(Path.Combine(Root, "src/Agreements"), "*.cs", SearchOption.AllDirectories)
            .SelectMany(static file => Literal().Matches(File.ReadAllText(file)))
            .Select(static literal => literal.Groups["code"].Value)
            .ToHashSet(StringComparer.Ordinal);
        Assert.DoesNotContain(LoadError.Codes, code => !reported.Contains(code));
        Assert.True(LoadError.Codes.Count() > 200);
    }

    [Theory]
    [InlineData("""{"kty":"EC","crv":"P-256","d":"AAAA"}""", "membre privé «\u00A0d\u00A0»", "عضو خاص «\u2068d\u2069»")]
    [InlineData("{", "ce n’est pas du JSON", "ليس \u2066JSON\u2069")]
    public void Why_a_key_is_refused_is_told_in_the_language(string json, string french, string arabic)
    {
        Assert.Null(PublicKeySet.ReadKey(System.Text.Encoding.UTF8.GetBytes(json), out var fault));
        Assert.StartsWith(french, fault.Say("fr"), StringComparison.Ordinal);
        Assert.StartsWith(arabic, fault.Say("ar"), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("", "le fichier des exploitants nomme moins de deux exploitants\u00A0: 0")]
    [InlineData("nonsense", "une ligne du fichier des exploitants n’a pas la forme ")]
    [InlineData(
        """{"operator":"op-1","jwk":{"kty":"oct","k":"A"}}""",
        "une clé du fichier des exploitants n’est pas utilisable\u00A0: membre privé"
    )]
    public void Why_the_operators_are_refused_is_told_in_the_language(string text, string french)
    {
        var fault = Assert.Throws<InvalidDataException>(() => OperatorSet.Read(text));
        Assert.StartsWith(french, RefusedFile.Say(fault, "fr"), StringComparison.Ordinal);
        Assert.DoesNotMatch(Latin(), Isolated().Replace(RefusedFile.Say(fault, "ar")!, ""));
        Assert.Equal(fault.Message, RefusedFile.Say(fault, Languages.English));
    }

    private static string Root
    {
        get
        {
            var folder = AppContext.BaseDirectory;
            while (!File.Exists(Path.Combine(folder, "Gateway.sln")))
                folder = Path.GetDirectoryName(folder)!;
            return folder;
        }
    }

    [GeneratedRegex("[\u2066\u2068][^\u2066\u2068\u2069]*\u2069", RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture, 30_000)]
    private static partial Regex Isolated();

    [GeneratedRegex("«[^»]*»", RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture, 30_000)]
    private static partial Regex Quoted();

    [GeneratedRegex("[A-Za-z]{2,}", RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture, 30_000)]
    private static partial Regex Latin();

    [GeneratedRegex(
        @"\b(the|is|are|not|of|with|and|does|an|it|or|for|Write|Add|Remove|Correct|Keep|Use)\b",
        RegexOptions.ExplicitCapture,
        30_000
    )]
    private static partial Regex English();

    [GeneratedRegex("\"(?<code>[a-z0-9]+(-[a-z0-9]+)*)\"", RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture, 30_000)]
    private static partial Regex Literal();
}
