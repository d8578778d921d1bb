namespace Gateway.Authorization.Dossiers;

/// <summary>A civil day in sixteen bits, counted from 2000-01-01: the register holds two of them for each of millions of persons.</summary>
internal static class DossierDay
{
    /// <summary>No last day: open.</summary>
    public const ushort Open = ushort.MaxValue;

    private static readonly int Origin = new DateOnly(2000, 1, 1).DayNumber;

    /// <summary>The day's number; false before 2000 and after 2179.</summary>
    public static bool TryOf(DateOnly day, out ushort number)
    {
        var count = day.DayNumber - Origin;
        number = (ushort)count;
        return count is >= 0 and < Open;
    }

    /// <summary>The day's number.</summary>
    /// <exception cref="ArgumentOutOfRangeException">Before 2000 or after 2179.</exception>
    public static ushort Of(DateOnly day) => TryOf(day, out var number) ? number : throw new ArgumentOutOfRangeException(nameof(day));

    /// <summary>The day of a number; null for <see cref="Open"/>.</summary>
    public static DateOnly? Day(ushort number) => number == Open ? null : DateOnly.FromDayNumber(Origin + number);
}
