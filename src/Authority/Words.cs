namespace Authority;

/// <summary>Names of our own closed lists, as ledger and log spell them.</summary>
internal static class Words
{
    /// <summary><c>NotYetValid</c> → <c>not-yet-valid</c>.</summary>
    internal static string Kebab(string name) =>
        string.Concat(
            name.Select(static (c, i) => char.IsAsciiLetterUpper(c) ? (i == 0 ? "" : "-") + char.ToLowerInvariant(c) : c.ToString())
        );
}
