using System.Buffers;
using System.Text;
using System.Text.RegularExpressions;

namespace Wording;

/// <summary>
/// Keeps what is written from left to right in its order inside Arabic text, and the other way round (Unicode Standard
/// Annex 9, section 2.4: directional isolates). Without them a page draws "2026-12-31" from its last part to its first,
/// and an option without its dashes in front.
/// </summary>
public static partial class Isolation
{
    /// <summary>Opens text from left to right.</summary>
    public const char LeftToRight = '\u2066';

    /// <summary>Opens text whose first letter tells its direction; without letters it runs from left to right.</summary>
    public const char FirstStrong = '\u2068';

    /// <summary>Closes either.</summary>
    public const char End = '\u2069';

    private static readonly SearchValues<char> Marks = SearchValues.Create(LeftToRight, FirstStrong, End);
    private const string OpeningMarks = "([<\"'",
        ClosingMarks = ".,:;!?)]>\"'";

    /// <summary>What stands in a blank of a sentence.</summary>
    /// <param name="value">The words or the code.</param>
    /// <param name="language">Language of the sentence.</param>
    public static string Around(string value, string language)
    {
        var (closed, hasArabic) = (Closed(value), HasArabic(value));
        if (closed.Length == 0 || !(hasArabic || Languages.IsRightToLeft(language)))
            return closed;
        return FirstStrong + (hasArabic ? OfRuns(closed, Languages.Arabic) : closed) + End;
    }

    /// <summary>
    /// A sentence with each run of Latin words, codes, options or ranges isolated; one that has isolates is left as it is.
    /// </summary>
    /// <param name="sentence">The sentence, blanks as <c>{0}</c>.</param>
    /// <param name="language">Its language.</param>
    public static string OfRuns(string sentence, string language)
    {
        if (!Languages.IsRightToLeft(language) || sentence.AsSpan().ContainsAny(Marks))
            return sentence;
        var text = new StringBuilder();
        var at = 0;
        foreach (var (start, end) in Runs(sentence))
        {
            text.Append(sentence, at, start - at).Append(LeftToRight).Append(sentence, start, end - start).Append(End);
            at = end;
        }

        return text.Append(sentence, at, sentence.Length - at).ToString();
    }

    /// <summary>HTML in which what is isolated stands in elements that browsers isolate.</summary>
    /// <param name="text">The text.</param>
    /// <param name="encode">Encodes text for HTML.</param>
    public static string ToHtml(string text, Func<string, string> encode)
    {
        var html = new StringBuilder(text.Length);
        var open = 0;
        var rest = text.AsSpan();
        while (rest.IndexOfAny(Marks) is >= 0 and var mark)
        {
            html.Append(encode(rest[..mark].ToString()));
            var isEnd = rest[mark] == End;
            if (!isEnd)
                html.Append(rest[mark] == LeftToRight ? "<bdi dir=\"ltr\">" : "<bdi>");
            else if (open > 0)
                html.Append("</bdi>");
            open = Math.Max(0, open + (isEnd ? -1 : 1));
            rest = rest[(mark + 1)..];
        }

        html.Append(encode(rest.ToString()));
        for (; open > 0; open--)
            html.Append("</bdi>");
        return html.ToString();
    }

    // Latin words that follow each other with one space are one run, and so is a number after one of them.
    private static List<(int Start, int End)> Runs(string sentence)
    {
        var runs = new List<(int Start, int End)>();
        var mayGoOn = false;
        foreach (Match word in Word.Matches(sentence))
        {
            var (start, end) = Bare(word);
            var text = sentence[start..end];
            var isLatin = Letters.IsMatch(Blank.Replace(text, ""));
            var follows = mayGoOn && start == word.Index && runs[^1].End == word.Index - 1 && sentence[word.Index - 1] == ' ';
            if (follows && (isLatin || Digits.IsMatch(text)))
                runs[^1] = (runs[^1].Start, end);
            else if (isLatin)
                runs.Add((start, end));
            mayGoOn = runs.Count > 0 && runs[^1].End == word.Index + word.Length;
        }

        return runs;
    }

    // Without the marks of the sentence around it; a mark that closes what the word opened belongs to the word.
    private static (int Start, int End) Bare(Match word)
    {
        var text = word.Value;
        int start = 0,
            end = text.Length;
        while (start < end && OpeningMarks.Contains(text[start], StringComparison.Ordinal))
            start++;
        while (end > start && ClosingMarks.Contains(text[end - 1], StringComparison.Ordinal) && !Closes(text[start..end]))
            end--;
        return (word.Index + start, word.Index + end);
    }

    private static bool HasArabic(string value) => value.AsSpan().ContainsAnyInRange('\u0590', '\u08FF');

    // A mark without its other half would close, or leave open, what stands around the value.
    private static string Closed(string value)
    {
        if (!value.AsSpan().ContainsAny(Marks))
            return value;
        var depth = 0;
        foreach (var mark in value)
            if (
                (
                    depth += mark switch
                    {
                        LeftToRight or FirstStrong => 1,
                        End => -1,
                        _ => 0,
                    }
                ) < 0
            )
                break;
        return depth == 0 ? value : string.Concat(value.Where(static mark => !Marks.Contains(mark)));
    }

    private static bool Closes(string text)
    {
        var opens = text[^1] switch
        {
            ')' => '(',
            ']' => '[',
            '>' => '<',
            _ => '\0',
        };
        return opens != '\0' && text.Count(mark => mark == opens) >= text.Count(mark => mark == text[^1]);
    }

    [GeneratedRegex(
        @"[!-~\u00C0-\u024F\u2019]+",
        RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture,
        matchTimeoutMilliseconds: 1000
    )]
    private static partial Regex Word { get; }

    [GeneratedRegex(@"[A-Za-z\u00C0-\u024F]|[0-9][-:/.+][0-9]", RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Letters { get; }

    [GeneratedRegex(@"\A[0-9]+\z", RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Digits { get; }

    [GeneratedRegex(@"\{[0-9]+\}", RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Blank { get; }
}
