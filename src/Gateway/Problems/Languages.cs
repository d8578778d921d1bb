using System.Collections.Immutable;

namespace Gateway.Problems;

/// <summary>The three languages of titles, details and outcomes, and how one is chosen (exchanges page, section 1.2).</summary>
public static class Languages
{
    /// <summary>French, where the caller states no wish that can be met.</summary>
    public const string Default = "fr";

    /// <summary>All languages.</summary>
    public static ImmutableArray<string> All { get; } = ["fr", "ar", "en"];

    /// <summary>
    /// Chooses the language of highest weight in an <c>Accept-Language</c> header (RFC 9110 section 12.5.4); of equal weights the
    /// first named. Regions are ignored (<c>ar-MA</c> is Arabic). A header that cannot be read chooses the default: a wish about
    /// language is no reason to refuse.
    /// </summary>
    /// <param name="header">Value of the header; null or empty when there is none.</param>
    public static string Negotiate(string? header)
    {
        if (string.IsNullOrEmpty(header) || header.Length > 256)
            return Default;
        var (best, bestWeight) = (Default, 0.0);
        foreach (var range in header.AsSpan().Split(','))
        {
            var item = header.AsSpan(range).Trim();
            var semicolon = item.IndexOf(';');
            var weight = semicolon < 0 ? 1.0 : Weight(item[(semicolon + 1)..].Trim());
            var tag = (semicolon < 0 ? item : item[..semicolon]).Trim();
            if (weight > bestWeight && Match(tag) is { } language)
                (best, bestWeight) = (language, weight);
        }

        return best;
    }

    private static string? Match(ReadOnlySpan<char> tag)
    {
        if (tag is "*")
            return Default;
        var dash = tag.IndexOf('-');
        var primary = dash < 0 ? tag : tag[..dash];
        foreach (var language in All)
            if (primary.Equals(language, StringComparison.OrdinalIgnoreCase))
                return language;
        return null;
    }

    private static double Weight(ReadOnlySpan<char> parameter) =>
        parameter.StartsWith("q=", StringComparison.OrdinalIgnoreCase)
        && double.TryParse(
            parameter[2..],
            System.Globalization.NumberStyles.AllowDecimalPoint,
            System.Globalization.CultureInfo.InvariantCulture,
            out var weight
        )
        && weight <= 1
            ? weight
            : 0;
}
