using System.Text.RegularExpressions;
using Wording;

namespace Agreements.Tests.Texts.Directions;

/// <summary>
/// The order in which the letters of a text are meant to stand on the line, told from its words alone: in Arabic from right to left,
/// but each
/// Latin word, code, option, date or range from left to right, and each value of a blank in its own direction. It knows nothing of
/// isolates.
/// </summary>
internal sealed partial class Meant
{
    private const string Opening = "([«\"“'",
        Closing = ")]»\"”'.,:;!?،؛؟…";
    private readonly List<int> _places = [];
    private readonly System.Text.StringBuilder _plain = new();

    /// <summary>The text without isolates.</summary>
    public string Plain => _plain.ToString();

    /// <summary>Places in <see cref="Plain"/> from left to right; marks of the sentence are left out.</summary>
    public IReadOnlyList<int> Places => _places;

    /// <summary>A sentence with values in its blanks.</summary>
    /// <param name="sentence">As in its file, blanks as <c>{0}</c>.</param>
    /// <param name="values">What each blank says, without isolates; several for a list.</param>
    /// <param name="language">Language of the sentence.</param>
    public static Meant Of(string sentence, IReadOnlyList<IReadOnlyList<string>> values, string language)
    {
        var meant = new Meant();
        meant._places.AddRange(meant.Read(sentence, values, Languages.IsRightToLeft(language), Phrases.Separator(language)));
        return meant;
    }

    private List<int> Read(string text, IReadOnlyList<IReadOnlyList<string>> values, bool rightToLeft, string separator)
    {
        var parts = new List<List<int>>();
        foreach (Match part in Part().Matches(text))
        {
            if (part.Groups["marked"] is { Success: true } marked)
                parts.Add(Read(marked.Value, values, rightToLeft: false, separator));
            else if (part.Groups["blank"] is { Success: true } blank)
                parts.AddRange(Value(values[int.Parse(blank.ValueSpan, null)], separator));
            else if (part.Groups["words"] is { Success: true } words)
                Words(words.Value, parts, rightToLeft);
        }

        if (rightToLeft)
            parts.Reverse();
        return [.. parts.SelectMany(static part => part)];
    }

    // Items of a list are parts of the sentence, so that they follow its direction.
    private IEnumerable<List<int>> Value(IReadOnlyList<string> items, string separator)
    {
        var parts = new List<List<int>>();
        for (var at = 0; at < items.Count; at++)
        {
            if (at > 0)
                _plain.Append(separator);
            parts.Add(Read(items[at], [], Arabic().IsMatch(items[at]), separator));
        }

        return parts;
    }

    private void Words(string words, List<List<int>> parts, bool rightToLeft)
    {
        var (start, mayGoOn) = (_plain.Length, false);
        _plain.Append(words);
        foreach (Match word in Word().Matches(words))
        {
            var (first, last) = (word.Index, word.Index + word.Length - 1);
            while (first <= last && Opening.Contains(words[first], StringComparison.Ordinal))
                first++;
            while (last >= first && Closing.Contains(words[last], StringComparison.Ordinal))
                last--;
            var bare = words[first..(last + 1)];
            var isLatin = Latin().IsMatch(bare) && !Arabic().IsMatch(bare);
            // Latin words behind each other are read on from left to right, also in an Arabic sentence.
            var follows = mayGoOn && first == word.Index && (isLatin || Number().IsMatch(bare));
            var part = new List<int>();
            for (var at = first; at <= last; at++)
                if (isLatin || char.IsLetterOrDigit(words[at]))
                    part.Add(start + at);
            if (Arabic().IsMatch(bare))
                part.Reverse();
            if (follows)
                parts[^1].AddRange(part);
            else
                parts.Add(part);
            mayGoOn = rightToLeft && (isLatin || follows) && last == word.Index + word.Length - 1;
        }
    }

    [GeneratedRegex(
        @"\u2066(?<marked>[^\u2069]*)\u2069|\{(?<blank>\d)\}|(?<words>([^\u2066{]|\{(?!\d\}))+)",
        RegexOptions.ExplicitCapture,
        1000
    )]
    private static partial Regex Part();

    [GeneratedRegex(@"[^ \n]+", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Word();

    [GeneratedRegex(@"[A-Za-z\u00C0-\u024F]|\d[-:/.+]\d", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Latin();

    [GeneratedRegex(@"[\u0590-\u08FF]", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Arabic();

    [GeneratedRegex(@"\A\d+\z", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Number();
}
