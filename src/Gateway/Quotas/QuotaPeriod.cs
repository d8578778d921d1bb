using Agreements;

namespace Gateway.Quotas;

/// <summary>
/// A civil day of Africa/Casablanca and its month, as quotas count them (exchanges page, section 1.15). The day of a call is that of its
/// exchange id, so that it is the same when it is counted again from the records.
/// </summary>
/// <param name="Day">Number of the day.</param>
/// <param name="Month">Number of the month.</param>
/// <param name="Starts">First instant of the day.</param>
/// <param name="DayEnds">First instant of the next day.</param>
/// <param name="MonthEnds">First instant of the next month.</param>
internal sealed record QuotaPeriod(int Day, int Month, DateTimeOffset Starts, DateTimeOffset DayEnds, DateTimeOffset MonthEnds)
{
    private static QuotaPeriod? _latest;

    /// <summary>The period of an instant; the zone's rules are asked once a day only.</summary>
    public static QuotaPeriod At(DateTimeOffset instant)
    {
        var known = Volatile.Read(ref _latest);
        if (known is not null && known.Starts <= instant && instant < known.DayEnds)
            return known;
        var period = Of(CivilTime.DateOf(instant));
        Volatile.Write(ref _latest, period);
        return period;
    }

    /// <summary>The period of a day.</summary>
    public static QuotaPeriod Of(DateOnly day) =>
        new(day.DayNumber, MonthOf(day), CivilTime.StartOf(day), CivilTime.EndOf(day), CivilTime.EndOfMonth(day));

    /// <summary>First instant of the month of <paramref name="instant"/>.</summary>
    public static DateTimeOffset MonthStarts(DateTimeOffset instant)
    {
        var day = CivilTime.DateOf(instant);
        return CivilTime.StartOf(new DateOnly(day.Year, day.Month, 1));
    }

    private static int MonthOf(DateOnly day) => day.Year * 12 + day.Month;
}
