using System.Text.RegularExpressions;

namespace Agreements.Tests.Texts;

/// <summary>
/// Programs put texts together in text files alone: word order, colons, commas and brackets differ from language to language. So no source
/// that speaks to people joins words with <c>+</c>, with a comma, or with punctuation between two holes of a string.
/// </summary>
public sealed partial class JoinedTextTests
{
    private static readonly string[] Speaking =
    [
        "Wording",
        "Agreements",
        "Admin",
        "Verifier",
        "Ledger/Evidence",
        "AuditIndex/Exports",
        "Gateway/Problems",
        "Gateway/Diagnosis",
        "Gateway/Catalogue",
        "Gateway/Explanations",
        "Gateway/Batches",
        "Gateway/Declarations",
    ];

    // What stands in the line, and why it is no text that people read in their language.
    private static readonly (string File, string Part, string Why)[] Exceptions =
    [
        ("Agreements/Loading/LawNotices.cs", "the contracts on disk are not in force since", "a line of a log"),
        ("Agreements/Loading/AgreementMemory.cs", "string.Join(',',", "is digested, not read"),
        ("Agreements/GrantDiff.cs", "string.Join(\", \"", "for programs; DifferenceWords takes it apart again"),
        ("Agreements/AgreementStatus.cs", "string.Join(\", \"", "for programs; StandingWords takes it apart again"),
        ("Gateway/Catalogue/CallerLaw.cs", "string.Join(\", \"", "for programs; StandingWords takes it apart again"),
        ("Agreements/Signatures/AgreementSignature.cs", "{ institution: ", "a line of YAML"),
        ("Agreements/Narrowing/NarrowedContract.cs", "[\"title\"]", "codes: one title for readers of every language"),
        ("Agreements/Keys/PublicKeySet.cs", "string.Join(',', keys", "JSON"),
        ("Agreements/Approvable.cs", "string.Join(\", \"", "a list of YAML"),
        ("Admin/Operators/Approval.cs", "string.Join(',', by)", "a member of a record"),
        ("Admin/Registration/ClientSheet.cs", "right.Agreement.Reference", "for scripts: codes"),
        ("Admin/Registration/ClientSheet.cs", "rule.Authority", "for scripts: codes"),
        ("Admin/Texts/Said.cs", "Signature(LoadError error)", "tells findings apart, is not shown"),
        ("Admin/Registration/PartnerFiles.cs", "names: ", "a line of YAML"),
        ("Admin/Conventions/ContractsCommands.cs", "{ operator: ", "a line of YAML"),
        ("Admin/Conventions/NewCommand.cs", "\"  on: \"", "a line of YAML"),
        ("Admin/LedgerTasks/ExportCommand.cs", "Query = ", "codes: a log and its positions"),
        ("Admin/Checks/TokenServer.cs", "\"Bearer \"", "a header"),
        ("Admin/Checks/TokenServer.cs", "\"DPoP \"", "a header"),
        ("Admin/CommandLine/HelpInWords.cs", "option.Aliases", "spellings of an option, one run from left to right"),
        ("Admin/CommandLine/HelpInWords.cs", "<{argument.Name}: ", "a word to type and what it can be, one run from left to right"),
        ("Verifier/Speaking/HelpPage.cs", "names) + Value(option)", "spellings of an option, one run from left to right"),
        ("Verifier/CommandLine.cs", "{word}: {result.Sentence", "the verdict, a word that scripts look for and no language changes"),
        ("Gateway/Explanations/SomeQuestion.cs", "\"_elements\"", "a parameter of FHIR"),
        ("Gateway/Batches/BatchKeys.cs", "\"batch body \"", "is digested, not read"),
        ("Gateway/Declarations/DeclarationKeys.cs", "\"declaration body \"", "is digested, not read"),
        ("Gateway/Batches/Batch.cs", "lines, {State}", "for debuggers"),
    ];

    [Fact]
    public void No_text_that_people_read_is_joined_in_code()
    {
        var joined = Lines()
            .Where(static line => !Exceptions.Any(one => IsMeant(line, one)))
            .Select(static line => $"{line.File}: {line.Text.Trim()}");
        Assert.True(!joined.Any(), string.Join('\n', joined));
    }

    [Fact]
    public void No_exception_is_kept_for_nothing()
    {
        var lines = Lines().ToList();
        Assert.DoesNotContain(Exceptions, one => !lines.Exists(line => IsMeant(line, one)));
    }

    [Theory]
    [InlineData("""Line(name + ": " + value);""")]
    [InlineData("""return "no longer " + Words(key);""")]
    [InlineData("""var all = string.Join(", ", names);""")]
    [InlineData("""var all = string.Join(" · ", names);""")]
    [InlineData("""var all = string.Join(',', names);""")]
    [InlineData("""page.AppendJoin("، ", names);""")]
    [InlineData("""return $"{label}: {value}";""")]
    [InlineData("""return $"{name} ({code})";""")]
    [InlineData("""return $"{days} days left";""")]
    public void Joined_texts_are_found(string line) => Assert.True(IsJoined(line));

    [Theory]
    [InlineData("""yield return "  " + Words("sheet-parties");""")]
    [InlineData("""Line("✓ " + Words(key));""")]
    [InlineData("""return Words("page-quota-" + name);""")]
    [InlineData("""return string.Join(' ', words);""")]
    [InlineData("""return $"{file}.{language}.json";""")]
    [InlineData("""/// <summary>Says "a, " + b.</summary>""")]
    public void Keys_marks_and_names_of_files_are_not(string line) => Assert.False(IsJoined(line));

    private static bool IsMeant((string File, string Text) line, (string File, string Part, string Why) one) =>
        line.File == one.File && line.Text.Contains(one.Part, StringComparison.Ordinal);

    private static IEnumerable<(string File, string Text)> Lines() =>
        from folder in Speaking
        from file in Directory.EnumerateFiles(Path.Combine(PublishedTexts.Root, "src", folder), "*.cs", SearchOption.AllDirectories)
        where !file.Split(Path.DirectorySeparatorChar).Any(static part => part is "bin" or "obj")
        from line in Broken().Replace(File.ReadAllText(file), static match => match.Value.Contains('+', StringComparison.Ordinal) ? " +" : "(").Split('\n')
        where IsJoined(line)
        select (Path.GetRelativePath(Path.Combine(PublishedTexts.Root, "src"), file).Replace('\\', '/'), line);

    private static bool IsJoined(string line)
    {
        var code = line.TrimStart();
        // What is thrown goes to logs, or through Faults; and a comment is no text.
        if (code.StartsWith("//", StringComparison.Ordinal) || code.Contains("throw new ", StringComparison.Ordinal))
            return false;
        code = Key().Replace(code, "");
        return Separator().IsMatch(code)
            || Added().IsMatch(code)
            || Holes().Matches(code).Any(static text => Between().IsMatch(text.Value));
    }

    // However it is laid out: a sum or a call that goes on in the next line is read as one line.
    [GeneratedRegex(@"\(\s*\n\s*|\s*\n\s*\+(?= )", RegexOptions.ExplicitCapture, 30_000)]
    private static partial Regex Broken();

    // Of a sentence: "key-state " and the state.
    [GeneratedRegex(
        """
            (?<=(?:Words|Under|Say)\(|key = )"[a-z-]+ " \+
            """,
        RegexOptions.ExplicitCapture,
        30_000
    )]
    private static partial Regex Key();

    // Join with punctuation.
    [GeneratedRegex("""Join\((?:"[^"]*[,;:،·][^"]*"|'[,;:]')""", RegexOptions.ExplicitCapture, 30_000)]
    private static partial Regex Separator();

    // A literal with words, or with punctuation and a space, beside something that is none.
    [GeneratedRegex(
        """
            (?<!")"(?:[^"\\]*[,;:.(،] |[^"\\]*\p{L}{2,} )[^"\\]*" \+ (?!["$@])|[^" ] \+ "(?:[,;:.)،] | [,;:(]| \p{L}{2,} )[^"\\]*"
            """,
        RegexOptions.ExplicitCapture,
        30_000
    )]
    private static partial Regex Added();

    [GeneratedRegex(
        """
            \$"(?:[^"\\]|\\.)*"
            """,
        RegexOptions.ExplicitCapture,
        30_000
    )]
    private static partial Regex Holes();

    // Between or behind holes: punctuation and a space, a bracket, or words.
    [GeneratedRegex(
        """
            \}(?:[,;:،] | \()[^"{}]*\{|\} \p{L}{3,}(?: \p{L}+)*[."]
            """,
        RegexOptions.ExplicitCapture,
        30_000
    )]
    private static partial Regex Between();
}
