using System.Globalization;

namespace Gateway.Minimization;

/// <summary>
/// Instants as institutions write them, and as they leave: RFC 3339 (section 5.6) in any offset in, UTC with <c>Z</c> out. Small
/// letters, any number of digits behind the second and the leap second are understood; nine digits leave, and a leap second leaves as
/// the second before it, which every reader knows and which is on the same day. A time without an offset says no instant.
/// </summary>
internal static class Instants
{
    /// <summary>Room for the longest text that <see cref="TryUtc"/> writes.</summary>
    public const int Longest = 30;
    private const int Seconds = 19,
        MostDigits = 9;

    /// <summary>Reads an instant, to the second.</summary>
    public static bool TryRead(ReadOnlySpan<char> text, out DateTimeOffset instant) => TryRead(text, out instant, out _);

    /// <summary>Reads an instant and writes it in UTC.</summary>
    /// <param name="text">What the institution wrote.</param>
    /// <param name="utc">At least <see cref="Longest"/> characters; not the memory of <paramref name="text"/>.</param>
    /// <param name="length">Characters written.</param>
    /// <param name="instant">The instant, to the second.</param>
    public static bool TryUtc(ReadOnlySpan<char> text, Span<char> utc, out int length, out DateTimeOffset instant)
    {
        length = 0;
        if (!TryRead(text, out instant, out var fraction))
            return false;
        instant.UtcDateTime.TryFormat(utc, out length, "yyyy-MM-dd'T'HH:mm:ss", CultureInfo.InvariantCulture);
        if (fraction.Length > 0)
        {
            utc[length++] = '.';
            var digits = fraction[..Math.Min(fraction.Length, MostDigits)];
            digits.CopyTo(utc[length..]);
            length += digits.Length;
        }

        utc[length++] = 'Z';
        return true;
    }

    private static bool TryRead(ReadOnlySpan<char> text, out DateTimeOffset instant, out ReadOnlySpan<char> fraction)
    {
        instant = default;
        fraction = default;
        if (text.Length <= Seconds || text[10] is not ('T' or 't'))
            return false;
        Span<char> civil = stackalloc char[Seconds];
        text[..Seconds].CopyTo(civil);
        civil[10] = 'T';
        var leap = civil[17..] is "60";
        if (leap)
            (civil[17], civil[18]) = ('5', '9');
        var rest = text[Seconds..];
        if (rest[0] == '.')
        {
            var end = rest[1..].IndexOfAnyExceptInRange('0', '9');
            if (end <= 0)
                return false;
            fraction = rest.Slice(1, end);
            rest = rest[(end + 1)..];
        }

        if (!TryOffset(rest, out var offset))
            return false;
        if (!DateTime.TryParseExact(civil, "yyyy-MM-dd'T'HH:mm:ss", CultureInfo.InvariantCulture, DateTimeStyles.None, out var local))
            return false;
        var ticks = local.Ticks - offset.Ticks;
        if (ticks < DateTime.MinValue.Ticks || ticks > DateTime.MaxValue.Ticks)
            return false;
        instant = new DateTimeOffset(ticks, TimeSpan.Zero);
        return !leap || IsLeap(instant);
    }

    // Z, or hours and minutes: RFC 3339 knows offsets up to 23:59, more than a DateTimeOffset holds.
    private static bool TryOffset(ReadOnlySpan<char> text, out TimeSpan offset)
    {
        offset = TimeSpan.Zero;
        if (text is "Z" or "z")
            return true;
        if (text.Length != 6 || text[0] is not ('+' or '-'))
            return false;
        if (!TimeSpan.TryParseExact(text[1..], "hh':'mm", CultureInfo.InvariantCulture, out offset))
            return false;
        if (text[0] == '-')
            offset = -offset;
        return true;
    }

    // Leap seconds are added at the end of a month, in UTC.
    private static bool IsLeap(DateTimeOffset second) =>
        second.TimeOfDay == new TimeSpan(23, 59, 59) && second.Day == DateTime.DaysInMonth(second.Year, second.Month);
}
