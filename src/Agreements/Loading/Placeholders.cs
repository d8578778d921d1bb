using System.Buffers.Text;
using System.Collections.Frozen;
using System.Security.Cryptography;
using System.Text.RegularExpressions;
using Agreements.Loading.Yaml;

namespace Agreements.Loading;

/// <summary>
/// Finds what somebody meant to fill in: blanks between brackets, words such as TODO or <i>to be completed</i>, digests of nothing, ids of
/// examples. A draft may have them; what is signed may not, and neither may an institution's file.
/// </summary>
internal static partial class Placeholders
{
    private const int ShortestRun = 8;
    private static readonly FrozenSet<string> DigestsOfNothing = FrozenSet.Create(
        StringComparer.OrdinalIgnoreCase,
        Convert.ToHexString(SHA256.HashData([])),
        Base64Url.EncodeToString(SHA256.HashData([]))
    );

    /// <summary>Reports each of them: an error, or of a draft a warning.</summary>
    /// <param name="root">Document.</param>
    /// <param name="report">Of its file.</param>
    /// <param name="draft">Nobody has signed it.</param>
    public static void Check(YamlMapping root, FileReport report, bool draft)
    {
        // Signatures are random characters, among which any word may stand by chance.
        foreach (
            var (key, value) in root
                .Entries.Where(static entry => entry.Key != "signatures")
                .SelectMany(static entry => Texts(entry.Key, entry.Value))
        )
        {
            if (!Is(value.Value))
                continue;
            if (draft)
                report.Warn(value.Line, "placeholder-draft", key, FindingWords.Found(value.Value));
            else
                report.Error(value.Line, "placeholder", key, FindingWords.Found(value.Value));
        }
    }

    /// <summary>Is it a placeholder?</summary>
    internal static bool Is(string text) =>
        Blank().IsMatch(text) || Words().IsMatch(text) || ExampleId().IsMatch(text) || IsEmptyDigest(text);

    private static IEnumerable<(string Key, YamlScalar Value)> Texts(string key, YamlNode node) =>
        node switch
        {
            YamlScalar scalar => [(key, scalar)],
            YamlSequence list => list.Items.SelectMany(item => Texts(key, item)),
            YamlMapping map => map.Entries.SelectMany(static entry => Texts(entry.Key, entry.Value)),
            _ => [],
        };

    // The same few characters again and again: no digest of anything.
    private static bool IsEmptyDigest(string text)
    {
        if (DigestsOfNothing.Contains(text))
            return true;
        if (text.Length < ShortestRun || !text.All(char.IsAsciiLetterOrDigit))
            return false;
        if (text.All(c => c == text[0]))
            return true;
        return text.Length == 64
            && text.All(char.IsAsciiHexDigit)
            && Enumerable.Range(1, 32).Any(period => text.AsSpan(period).SequenceEqual(text.AsSpan(0, text.Length - period)));
    }

    [GeneratedRegex(
        @"<[^<>]*>|\{\{.*\}\}|\$\{.*\}|_{3,}|\?{2,}|\A[-.…?_*]+\z|\b0{4,}\b|\bX{4,}\b|\bYYYY\b|\bNNNN\b",
        RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture | RegexOptions.IgnoreCase,
        30_000
    )]
    private static partial Regex Blank();

    [GeneratedRegex(
        @"\b(to-?do|tbd|tbc|fixme|change-?me|fill-?me|placeholder|lorem ipsum)\b|\bto be (completed|defined|determined|decided|filled|confirmed|supplied|added|agreed|announced)\b|\b[àa] (compléter|completer|définir|definir|déterminer|determiner|décider|decider|remplir|renseigner|préciser|preciser|confirmer)\b|fill (me |this )?in\b|ي[ُ]?ستكمل|للاستكمال|يحدد لاحقا|تحدد لاحقا|للتعبئة",
        RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture | RegexOptions.IgnoreCase,
        30_000
    )]
    private static partial Regex Words();

    [GeneratedRegex(
        @"\A(\S*[-_/:])?(example|exemple|dummy|sample|foobar)([-_/:0-9]\S*)?\z|\bexample\.(com|org|net)\b",
        RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture | RegexOptions.IgnoreCase,
        30_000
    )]
    private static partial Regex ExampleId();
}
