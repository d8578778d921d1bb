using System.Collections.Concurrent;

namespace AuditIndex.Filling;

/// <summary>A moment as the agency's clocks show it.</summary>
/// <param name="Month">Year and month: <c>year * 12 + month - 1</c>. Names the file of the index.</param>
/// <param name="Day">Day number since 0001-01-01.</param>
/// <param name="HourOfWeek">0 = Monday from midnight to one.</param>
internal readonly record struct LocalMoment(int Month, int Day, int HourOfWeek);

/// <summary>
/// Local time of the agency, Africa/Casablanca. Offsets are whole hours that change on the hour, so each hour is converted once. Months and
/// days of the index are local ones: a day never lies in two files. A change of the zone's rules means a rebuild.
/// </summary>
internal static class LocalTime
{
    public const long HourMilliseconds = 3_600_000;

    /// <summary>Day number of 1970-01-01.</summary>
    public const int EpochDay = 719_162;

    private const int MostHours = 100_000;
    private static readonly TimeZoneInfo Zone = TimeZoneInfo.FindSystemTimeZoneById("Africa/Casablanca");
    private static readonly ConcurrentDictionary<long, LocalMoment> Hours = new();

    public static LocalMoment Of(long unixMilliseconds)
    {
        var hour = Math.DivRem(unixMilliseconds, HourMilliseconds, out var rest) - (rest < 0 ? 1 : 0);
        if (Hours.TryGetValue(hour, out var known))
        {
            return known;
        }

        if (Hours.Count > MostHours)
        {
            Hours.Clear();
        }

        var local = TimeZoneInfo.ConvertTime(DateTimeOffset.FromUnixTimeMilliseconds(hour * HourMilliseconds), Zone);
        var weekday = ((int)local.DayOfWeek + 6) % 7;
        return Hours[hour] = new LocalMoment(
            local.Year * 12 + local.Month - 1,
            DateOnly.FromDateTime(local.DateTime).DayNumber,
            weekday * 24 + local.Hour
        );
    }

    /// <summary>A moment as the agency's clocks show it, for tables.</summary>
    public static string Text(DateTimeOffset moment) =>
        TimeZoneInfo.ConvertTime(moment, Zone).ToString("yyyy-MM-dd HH:mm:ss", System.Globalization.CultureInfo.InvariantCulture);

    /// <summary>When a local day begins.</summary>
    public static DateTimeOffset StartOf(DateOnly day)
    {
        var start = day.ToDateTime(TimeOnly.MinValue);
        return new DateTimeOffset(start, Zone.GetUtcOffset(start));
    }

    /// <summary>Month of a name like <c>2026-10</c>, or null.</summary>
    public static int? MonthOf(string name) =>
        DateOnly.TryParseExact(
            name + "-01",
            "yyyy-MM-dd",
            System.Globalization.CultureInfo.InvariantCulture,
            System.Globalization.DateTimeStyles.None,
            out var day
        )
            ? day.Year * 12 + day.Month - 1
            : null;

    public static string NameOf(int month) =>
        string.Create(System.Globalization.CultureInfo.InvariantCulture, $"{month / 12:0000}-{month % 12 + 1:00}");

    /// <summary>
    /// Whether a quarter (UTC, <c>2026q4</c>) can have records in a local month: the months of the quarter, and the hour at each seam.
    /// </summary>
    public static bool Touches(string period, int month)
    {
        var first = (int.Parse(period.AsSpan(0, 4), System.Globalization.CultureInfo.InvariantCulture) * 12) + (period[5] - '1') * 3;
        return month >= first - 1 && month <= first + 3;
    }
}
