using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;
using Agreements.Loading.Yaml;

namespace Agreements.Loading.Conventions;

/// <summary>
/// Finds the entries of <c>suspensions.yaml</c> by the form of their lines, where the file as a whole is broken: whatever stands before,
/// between and behind them, a person reads them, and they stop what they name. In which list they stand makes no difference, as they differ
/// in their members. Remarks are passed over. Linear in the length of the file.
/// </summary>
internal static partial class StopEntries
{
    private const int Longest = 8_000;
    private const string Member = """["']?(kind|id|by|since|agreement|on|reference)["']?""";
    private const RegexOptions Strict = RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture;

    /// <summary>Texts of what looks like entries, each a mapping of its own; whether they are ones, the reader of entries says.</summary>
    public static IReadOnlyList<string> In(ReadOnlySpan<byte> file)
    {
        var text = string.Join('\n', Readable(file).Split('\n').Select(WithoutRemark)).Replace('\v', '\n');
        var lines = text.Split('\n').Where(static line => line.Length <= Longest).ToList();
        var found = Braced(text).Concat(BracedLines(lines)).Concat(Blocks(lines));
        static bool Names(string entry, string member) => entry.Contains(member, StringComparison.Ordinal);
        static bool MayBeOne(string entry) => entry.Length <= Longest && (Names(entry, "id") || Names(entry, "agreement"));
        return [.. found.Where(MayBeOne).Select(Spaced).Distinct(StringComparer.Ordinal)];
    }

    // As a person sees it: blanks are blanks, what is shown as nothing is nothing, and a byte that is no character is one that no id has.
    // What only some programs take for the end of a line does not end a remark, unless it is what ends all lines of the file.
    private static string Readable(ReadOnlySpan<byte> file)
    {
        var encoding =
            file is [0xFF, 0xFE, ..] ? Encoding.Unicode
            : file is [0xFE, 0xFF, ..] ? Encoding.BigEndianUnicode
            : Encoding.UTF8;
        var text = new StringBuilder(file.Length);
        foreach (var rune in encoding.GetString(file).EnumerateRunes())
        {
            if (rune.Value is '\n' or '\r')
                text.Append('\n');
            else if (rune.Value is '\v' or '\f' or 0x85 or 0x2028 or 0x2029)
                text.Append('\v');
            else if (rune.Value is '\t' || Rune.GetUnicodeCategory(rune) is UnicodeCategory.SpaceSeparator)
                text.Append(' ');
            else if (!Invisible.Is(rune))
                text.Append(rune.ToString());
        }
        var read = text.ToString();
        return read.Contains('\n') ? read : read.Replace('\v', '\n');
    }

    // A remark begins with # at the begin of a line or behind a blank, outside of quotes; quotes begin with a value and end on their line.
    private static string WithoutRemark(string line)
    {
        for (var at = 0; at < line.Length; at++)
        {
            var before = at == 0 ? ' ' : line[at - 1];
            if (line[at] == '#' && before == ' ')
                return line[..at];
            var opens = line[at] is '"' or '\'' && before is ' ' or ':' or ',' or '{' or '[';
            if (opens && line.IndexOf(line[at], at + 1) is > 0 and var end)
                at = end;
        }
        return line;
    }

    // From the last opening brace to the first closing one: an entry holds no other, save in quotes.
    private static IEnumerable<string> Braced(string text)
    {
        for (int from = 0, end; (end = text.IndexOf('}', from)) >= 0; from = end + 1)
            if (text.LastIndexOf('{', end, end - from + 1) is >= 0 and var begin)
                yield return text[begin..(end + 1)];
    }

    private static IEnumerable<string> BracedLines(IEnumerable<string> lines) =>
        from line in lines
        where BracedLine().IsMatch(line)
        select line[line.IndexOf('{', StringComparison.Ordinal)..(line.LastIndexOf('}') + 1)];

    // Members below each other: a dash begins the next entry, and a line that is no member ends one, unless it is a member misspelt.
    private static IEnumerable<string> Blocks(IEnumerable<string> lines)
    {
        var entry = new StringBuilder();
        foreach (var line in lines.Where(static line => !string.IsNullOrWhiteSpace(line)).Append("-"))
        {
            var member = MemberLine().Match(line);
            if (!member.Success && OtherMember().IsMatch(line))
                continue;
            if (!member.Success || member.Groups["dash"].Success)
            {
                yield return entry.ToString();
                entry.Clear();
            }
            if (member.Success)
                entry.Append(member.Groups["member"].ValueSpan.TrimEnd()).Append('\n');
        }
    }

    // With the blank behind a colon that somebody forgot, and without anchors and tags before a value.
    private static string Spaced(string entry) => Colon().Replace(entry, "${before}${key}: ");

    [GeneratedRegex(@"\A *(- *)?([&!]\S* +)*\{.*\}[ ,]*\z", Strict, 30_000)]
    private static partial Regex BracedLine();

    [GeneratedRegex($@"\A *(?<dash>- *)?([&!]\S* +)*(?<member>{Member} *:.*)\z", Strict, 30_000)]
    private static partial Regex MemberLine();

    [GeneratedRegex(@"\A +[A-Za-z]+ *: ", Strict, 30_000)]
    private static partial Regex OtherMember();

    [GeneratedRegex($@"(?<before>\A|[{{,\n]) *(?<key>{Member}) *:( *[&!]\S* )* *", Strict, 30_000)]
    private static partial Regex Colon();
}
