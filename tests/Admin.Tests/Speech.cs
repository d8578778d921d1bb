using System.Text.RegularExpressions;
using Wording;

namespace Admin.Tests;

/// <summary>Looks at what was printed: is it said in the language that was asked for? Every run of the tool in these tests is looked
/// at.</summary>
internal static partial class Speech
{
    /// <summary>The language that arguments ask for; French unless they do.</summary>
    public static string LanguageOf(string[] args) =>
        args.Zip(args.Skip(1))
            .Where(static pair => pair.First == "--lang")
            .Select(static pair => pair.Second)
            .Concat(
                args.Where(static word => word.StartsWith("--lang=", StringComparison.Ordinal))
                    .Select(static word => word["--lang=".Length..])
            )
            .FirstOrDefault(static word => Languages.All.Contains(word))
        ?? Languages.French;

    /// <summary>Lines that are in another language.</summary>
    public static IEnumerable<string> Strangers(string text, string language) =>
        text.Split('\n')
            .Where(line =>
                language switch
                {
                    // Of a file, and what the loader of the contracts says, which has its own tests.
                    _ when line.StartsWith("-----", StringComparison.Ordinal) || OfTheLoader.IsMatch(line) => false,
                    Languages.Arabic => LatinRun.IsMatch(Isolated.Replace(line, "")),
                    Languages.French => English.IsMatch(Code.Replace(line, "")),
                    _ => false,
                }
            );

    [GeneratedRegex(
        @"[\u2066\u2068][^\u2066\u2068\u2069]*(?:[\u2066\u2068][^\u2066\u2068\u2069]*\u2069[^\u2066\u2068\u2069]*)*\u2069",
        RegexOptions.ExplicitCapture,
        1000
    )]
    private static partial Regex Isolated { get; }

    [GeneratedRegex(@"[A-Za-z][A-Za-z'’-]*( +[A-Za-z][A-Za-z'’-]*){2,}", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex LatinRun { get; }

    [GeneratedRegex(@"\.(yaml|json):\d+: |^  [→←] ", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex OfTheLoader { get; }

    // Options, files and identifiers.
    [GeneratedRegex(@"\S*[-/_.@][a-z]\S*|<[^>]*>", RegexOptions.IgnoreCase | RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Code { get; }

    // Words that no French sentence has; files, keys and quotations of people have none of them either.
    [GeneratedRegex(
        @"\b(the|is|are|was|does|cannot|must|which|and|with|this|there|nothing|give)\b",
        RegexOptions.IgnoreCase | RegexOptions.ExplicitCapture,
        1000
    )]
    private static partial Regex English { get; }
}
