using System.Text.RegularExpressions;

namespace Agreements.Tests.Documents;

/// <summary>
/// Finds what code, tests, contracts and pages cite, and says what is not there. A section is cited as "exchanges page, section 1.9",
/// "ledger page §10, N4", "hardening.md §5.1", and within a page as "§5"; a rule by its id; a file by its path, perhaps with words
/// of it in quotes.
/// </summary>
internal static partial class References
{
    private const string Number = @"\d+(?:\.\d+)*";
    private const RegexOptions Options = RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture;
    private const int Milliseconds = 60_000;
    private static readonly Dictionary<string, string> Pages = Directory
        .EnumerateFiles(Path.Combine(Repository.Root, "docs", "design"), "*.md")
        .ToDictionary(
            static file => Path.GetFileNameWithoutExtension(file),
            static file => File.ReadAllText(file),
            StringComparer.OrdinalIgnoreCase
        );
    private static readonly Dictionary<string, HashSet<string>> Headings = Pages.ToDictionary(
        static page => page.Key,
        static page => Heading().Matches(page.Value).Select(static match => match.Groups["number"].Value).ToHashSet(StringComparer.Ordinal),
        StringComparer.OrdinalIgnoreCase
    );

    /// <summary>Everything that a text cites and that is not there, in words.</summary>
    public static IEnumerable<string> Wrong(string path, string text)
    {
        var joined = LineBreak().Replace(text, " ");
        var wrong = Sections(joined).Concat(OwnSections(path, text)).Concat(Rules(joined)).Concat(Paths(joined));
        return wrong.Select(one => $"{path}: {one}");
    }

    /// <summary>How many sections a text cites.</summary>
    public static int Count(string text) => Cited().Count(LineBreak().Replace(text, " "));

    /// <summary>Relative links of a page whose file or heading is not there.</summary>
    public static IEnumerable<string> DeadLinks(string path, string text)
    {
        foreach (Match link in Link().Matches(CodeBlock().Replace(text, "")))
        {
            var (target, anchor) = (link.Groups["file"].Value, link.Groups["anchor"].Value);
            if (Elsewhere().IsMatch(target))
                continue;
            var file = target.Length == 0 ? path : Normalized(Path.Combine(Path.GetDirectoryName(path) ?? "", target));
            if (file.StartsWith("..", StringComparison.Ordinal) || !Repository.Has(file))
                yield return $"{path}: no file {target}";
            else if (anchor.Length > 0 && !Anchors(Repository.Read(file)).Contains(anchor))
                yield return $"{path}: no heading #{anchor} in {file}";
        }
    }

    private static IEnumerable<string> Sections(string text)
    {
        foreach (Match cited in Cited().Matches(text))
        {
            var page = cited.Groups["page"].Value;
            foreach (Capture number in cited.Groups["number"].Captures)
                if (!Headings[page].Contains(number.Value))
                    yield return $"{page} page has no section {number.Value}";
            foreach (Capture rule in cited.Groups["rule"].Captures)
                if (!Says(Pages[page], rule.Value))
                    yield return $"{page} page has no {rule.Value}";
        }
    }

    // Within a page "§5" is its own section 5, unless a standard or another page stands before it. Lines of the checklist name standards.
    private static IEnumerable<string> OwnSections(string path, string text)
    {
        if (!path.StartsWith("docs/design/", StringComparison.Ordinal))
            return [];
        var page = Path.GetFileNameWithoutExtension(path);
        if (!Headings.TryGetValue(page, out var headings) || headings.Count == 0)
            return [];
        return from line in text.Split('\n')
               where !line.StartsWith("| OA-", StringComparison.Ordinal)
               from Match own in Own().Matches(Foreign().Replace(line, ""))
               where !headings.Contains(own.Groups["number"].Value)
               select $"the page has no section {own.Groups["number"].Value}";
    }

    // Tests invent rules with the number 99.
    private static IEnumerable<string> Rules(string text)
    {
        foreach (Match rule in Rule().Matches(text))
        {
            var id = $"{rule.Groups["kind"].Value}-{rule.Groups["number"].Value}";
            var page = rule.Groups["kind"].Value switch
            {
                "OA" => "authority",
                "TH" => "hardening",
                _ => "exchanges",
            };
            if (!Says(Pages[page], id))
                yield return $"{page} page has no rule {id}";
        }
    }

    private static IEnumerable<string> Paths(string text)
    {
        foreach (Match cited in PageFile().Matches(text))
        {
            var (file, words) = (cited.Groups["file"].Value, cited.Groups["words"].Value);
            if (!Repository.Has(file))
                yield return $"no file {file}";
            else if (words.Length > 0 && !Plain(Repository.Read(file)).Contains(Plain(words), StringComparison.OrdinalIgnoreCase))
                yield return $"{file} does not say \"{words}\"";
        }
    }

    // The word, and no longer one that holds it.
    private static bool Says(string text, string word)
    {
        for (var at = text.IndexOf(word, StringComparison.Ordinal); at >= 0; at = text.IndexOf(word, at + 1, StringComparison.Ordinal))
        {
            var end = at + word.Length;
            if ((at == 0 || !char.IsLetterOrDigit(text[at - 1])) && (end == text.Length || !char.IsLetterOrDigit(text[end])))
                return true;
        }
        return false;
    }

    private static string Plain(string text) => LineBreak().Replace(text, " ").Replace("`", "", StringComparison.Ordinal);

    private static string Normalized(string path) =>
        Path.GetRelativePath(Repository.Root, Path.GetFullPath(Path.Combine(Repository.Root, path))).Replace('\\', '/');

    // As GitHub and its like make them: small letters, no signs, blanks are hyphens.
    private static HashSet<string> Anchors(string text) =>
        [
            .. from Match title in Title().Matches(CodeBlock().Replace(text, ""))
            select AnchorSign().Replace(title.Groups["title"].Value.Trim().ToLowerInvariant(), "").Replace(' ', '-'),
        ];

    [GeneratedRegex(@"^#{2,4} (?<number>\d+(?:\.\d+)*)", Options | RegexOptions.Multiline, Milliseconds)]
    private static partial Regex Heading();

    [GeneratedRegex(@"\s*\r?\n\s*(?:///?|#|\*|--)?[ \t]*", Options, Milliseconds)]
    private static partial Regex LineBreak();

    [GeneratedRegex(
        @"\b(?<page>architecture|exchanges|authority|ledger|health|console|hardening|performance|language|packages)(?:'s)?"
            + @"(?: page|\.md`?\)?),? \(?(?:§ ?|sections? )?(?<number>"
            + Number
            + ")"
            + @"(?:(?:, and|,| and| to) (?:§ ?|sections? )?(?<number>"
            + Number
            + @"))*(?![\d.]*\w)"
            + @"(?:(?:,| and| to) (?<rule>[FNPRT]\d+)\b)*",
        Options | RegexOptions.IgnoreCase,
        Milliseconds
    )]
    private static partial Regex Cited();

    [GeneratedRegex(@"§ ?(?<number>\d+(?:\.\d+)*)", Options, Milliseconds)]
    private static partial Regex Own();

    [GeneratedRegex(@"(?:\w+\.md|RFC \d+|FAPI2|BCP \d+|tlog-\w+|bis)(?:(?:,| and)? §[§ ]*[\d.]+)+", Options, Milliseconds)]
    private static partial Regex Foreign();

    [GeneratedRegex(@"\b(?<kind>OA|TH|WIR|AUT|AGR|PER|REQ|QUO|FWD|MIN|AUD|FLT)[-_](?!99)(?<number>\d\d)(?!\d)", Options, Milliseconds)]
    private static partial Regex Rule();

    [GeneratedRegex(
        "(?<![\\w./-])(?<file>(?:src|tests|contracts|docs|certs-dev)/[\\w./-]+\\.md)\\b`?(?:,? \"(?<words>[^\"]+)\")?",
        Options,
        Milliseconds
    )]
    private static partial Regex PageFile();

    [GeneratedRegex(@"\[[^\]]*\]\((?<file>[^)#\s]*)(?:#(?<anchor>[^)\s]+))?\)", Options, Milliseconds)]
    private static partial Regex Link();

    [GeneratedRegex("^(?:[a-z]+:|//)", Options, Milliseconds)]
    private static partial Regex Elsewhere();

    [GeneratedRegex(@"^```.*?^```|`[^`\n]*`", Options | RegexOptions.Multiline | RegexOptions.Singleline, Milliseconds)]
    private static partial Regex CodeBlock();

    [GeneratedRegex("^#{1,6} (?<title>.+)$", Options | RegexOptions.Multiline, Milliseconds)]
    private static partial Regex Title();

    [GeneratedRegex(@"[^\w\- ]", Options, Milliseconds)]
    private static partial Regex AnchorSign();
}
