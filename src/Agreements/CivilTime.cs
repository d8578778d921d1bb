namespace Agreements;

/// <summary>
/// Civil days and months in <c>Africa/Casablanca</c>, in which agreements, quotas and windows are counted (exchanges page, section 1.1).
/// The offset is +01 except in Ramadan, so it comes from the time zone data and never from a constant.
/// </summary>
public static class CivilTime
{
    /// <summary>The zone. Without time zone data the first use throws: dates of agreements cannot be guessed.</summary>
    public static TimeZoneInfo Zone { get; } = TimeZoneInfo.FindSystemTimeZoneById("Africa/Casablanca");

    /// <summary>The civil day of now.</summary>
    public static DateOnly Today(TimeProvider time) => DateOf(time.GetUtcNow());

    /// <summary>The civil day of an instant.</summary>
    public static DateOnly DateOf(DateTimeOffset instant) => DateOnly.FromDateTime(Local(instant));

    /// <summary>Local wall-clock time of an instant.</summary>
    public static DateTime Local(DateTimeOffset instant) => TimeZoneInfo.ConvertTime(instant, Zone).DateTime;

    /// <summary>The instant at which a civil day begins.</summary>
    public static DateTimeOffset StartOf(DateOnly day) => InstantOf(day.ToDateTime(TimeOnly.MinValue));

    /// <summary>
    /// The instant of a wall-clock time; of a time that is skipped, the first that follows; of one that occurs twice, the first.
    /// </summary>
    public static DateTimeOffset InstantOf(DateTime local)
    {
        // A day whose midnight is skipped begins at the first minute that exists.
        while (Zone.IsInvalidTime(local))
            local = local.AddMinutes(1);
        // Of a time that occurs twice the first one has the larger offset.
        var offset = Zone.IsAmbiguousTime(local) ? Zone.GetAmbiguousTimeOffsets(local).Max() : Zone.GetUtcOffset(local);
        return new DateTimeOffset(local, offset);
    }

    /// <summary>The instant at which a civil day has ended: the first of the next day.</summary>
    public static DateTimeOffset EndOf(DateOnly day) => StartOf(day.AddDays(1));

    /// <summary>The instant at which the civil month of <paramref name="day"/> has ended: the first of the next month.</summary>
    public static DateTimeOffset EndOfMonth(DateOnly day) => StartOf(new DateOnly(day.Year, day.Month, 1).AddMonths(1));
}
