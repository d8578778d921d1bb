namespace Admin.CommandLine;

/// <summary>Words that somebody may have meant who wrote another one.</summary>
internal static class Near
{
    private const int Most = 5;

    /// <summary>The nearest of them, best first; none when nothing resembles the word.</summary>
    /// <param name="word">What was written.</param>
    /// <param name="known">What exists.</param>
    internal static IReadOnlyList<string> Of(string word, IEnumerable<string> known) =>
        [
            .. known
                .Distinct(StringComparer.Ordinal)
                .Select(other => (Word: other, Changes: Changes(word.ToUpperInvariant(), other.ToUpperInvariant())))
                .Where(one => one.Changes <= Math.Max(2, word.Length / 3) || one.Word.StartsWith(word, StringComparison.OrdinalIgnoreCase))
                .OrderBy(static one => one.Changes)
                .ThenBy(static one => one.Word, StringComparer.Ordinal)
                .Take(Most)
                .Select(static one => one.Word),
        ];

    // Letters put in, taken out or changed (Levenshtein).
    private static int Changes(string from, string to)
    {
        var row = Enumerable.Range(0, to.Length + 1).ToArray();
        for (var i = 1; i <= from.Length; i++)
        {
            var diagonal = row[0];
            row[0] = i;
            for (var j = 1; j <= to.Length; j++)
            {
                var changed = diagonal + (from[i - 1] == to[j - 1] ? 0 : 1);
                diagonal = row[j];
                row[j] = Math.Min(changed, Math.Min(row[j], row[j - 1]) + 1);
            }
        }

        return row[to.Length];
    }
}

/// <summary>Commands that a reader is to give, as a shell takes them.</summary>
internal static class Shell
{
    private const string Plain = "@%+=:,./_-…";

    /// <summary>The words in one line; a word with a blank or a sign of the shell stands between quotation marks.</summary>
    internal static string Line(params ReadOnlySpan<string> words) => string.Join(' ', words.ToArray().Select(Word));

    private static string Word(string word) =>
        word.Length > 0 && word.All(static c => char.IsAsciiLetterOrDigit(c) || Plain.Contains(c, StringComparison.Ordinal))
            ? word
            : $"'{word.Replace("'", "'\\''", StringComparison.Ordinal)}'";
}
