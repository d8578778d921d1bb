using System.Globalization;

namespace Agreements.Contracts;

/// <summary>
/// Does a value have the form that the contract gives it (exchanges page, section 1.1)? The same check reads what consumers
/// send and what providers answer; it allocates nothing.
/// </summary>
public static class ShapeCheck
{
    /// <summary>
    /// Longest text that <see cref="Accepts(Shape, ReadOnlySpan{char})"/> can accept under any shape; callers size their buffers by it.
    /// </summary>
    public const int LongestText = 4096;

    private static readonly System.Buffers.SearchValues<char> Crockford = System.Buffers.SearchValues.Create(
        "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
    );

    /// <summary>Checks length, closed list, format and pattern of an unescaped string.</summary>
    public static bool Accepts(this Shape shape, ReadOnlySpan<char> text)
    {
        if (shape.Kind != ShapeKind.String || text.Length > shape.MaxLength || text.Length > LongestText)
            return false;
        if (shape.Values is { } values && !Contains(values, text))
            return false;
        if (!HasFormat(shape.Format, text))
            return false;
        return shape.Pattern is null || shape.Pattern.IsMatch(text);
    }

    /// <summary>Checks the bounds of an integer.</summary>
    public static bool Accepts(this Shape shape, long number) =>
        shape.Kind == ShapeKind.Integer && number >= shape.Minimum && number <= shape.Maximum;

    /// <summary>Reads a civil date <c>YYYY-MM-DD</c>.</summary>
    public static bool TryDate(ReadOnlySpan<char> text, out DateOnly date)
    {
        date = default;
        return text.Length == 10 && DateOnly.TryParseExact(text, "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out date);
    }

    /// <summary>Reads an instant <c>YYYY-MM-DDThh:mm:ss[.f…]Z</c> (RFC 3339, UTC only); fractions are accepted and left out.</summary>
    public static bool TryInstant(ReadOnlySpan<char> text, out DateTimeOffset instant)
    {
        instant = default;
        if (text.Length is < 20 or > 30 || text[^1] != 'Z')
            return false;
        if (text.Length > 20 && (text[19] != '.' || text.Length == 21 || text[20..^1].ContainsAnyExceptInRange('0', '9')))
            return false;
        return DateTimeOffset.TryParseExact(
            text[..19],
            "yyyy-MM-dd'T'HH:mm:ss",
            CultureInfo.InvariantCulture,
            DateTimeStyles.AssumeUniversal,
            out instant
        );
    }

    private static bool Contains(System.Collections.Frozen.FrozenSet<string> values, ReadOnlySpan<char> text)
    {
        if (values.TryGetAlternateLookup<ReadOnlySpan<char>>(out var lookup))
            return lookup.Contains(text);
        foreach (var value in values)
            if (text.SequenceEqual(value))
                return true;
        return false;
    }

    private static bool HasFormat(ShapeFormat format, ReadOnlySpan<char> text) =>
        format switch
        {
            ShapeFormat.None => true,
            ShapeFormat.Date => TryDate(text, out _),
            ShapeFormat.DateTime => TryInstant(text, out _),
            ShapeFormat.Month => text.Length == 7
                && DateOnly.TryParseExact(text, "yyyy-MM", CultureInfo.InvariantCulture, DateTimeStyles.None, out _),
            ShapeFormat.Ulid => text.Length == 26 && text[0] is >= '0' and <= '7' && !text.ContainsAnyExcept(Crockford),
            ShapeFormat.Uuid => Guid.TryParseExact(text, "D", out _),
            _ => false,
        };
}
