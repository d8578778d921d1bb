using System.Collections.Immutable;

namespace Agreements;

/// <summary>A weekly window, in local time (<c>Africa/Casablanca</c>), in which a grant's calls are answered.</summary>
/// <param name="Days">Days of the week on which it begins.</param>
/// <param name="From">Start, inclusive.</param>
/// <param name="To">End, exclusive; on the next day when it is not after <paramref name="From"/>, so that 00:00 to 00:00 is the whole
/// day.</param>
public sealed record OpenHours(ImmutableArray<DayOfWeek> Days, TimeOnly From, TimeOnly To)
{
    private const int MinutesOfDay = 24 * 60,
        DaysOfWeek = 7;

    /// <summary>Does one of the windows hold now? No windows means always. Allocates nothing.</summary>
    /// <param name="windows">Windows of a grant.</param>
    /// <param name="local">Local wall-clock time (<see cref="CivilTime.Local"/>).</param>
    public static bool AreOpen(ImmutableArray<OpenHours> windows, DateTime local)
    {
        if (windows.IsDefaultOrEmpty)
            return true;
        foreach (var window in windows)
            if (window.Holds(local))
                return true;
        return false;
    }

    /// <summary>The instant at which the next window opens, strictly after <paramref name="local"/>; null without windows.</summary>
    public static DateTimeOffset? NextOpening(ImmutableArray<OpenHours> windows, DateTime local)
    {
        if (windows.IsDefaultOrEmpty)
            return null;
        DateTime? next = null;
        foreach (var window in windows)
        {
            for (var ahead = 0; ahead <= DaysOfWeek; ahead++)
            {
                var begins = local.Date.AddDays(ahead) + window.From.ToTimeSpan();
                if (begins <= local || !window.Days.Contains(begins.DayOfWeek))
                    continue;
                if (next is null || begins < next)
                    next = begins;
                break;
            }
        }

        return next is { } opening ? CivilTime.InstantOf(opening) : null;
    }

    /// <summary>Minutes that the window is open each week.</summary>
    public int MinutesAWeek => Days.Length * Minutes;

    private int Minutes => ((int)(To.ToTimeSpan() - From.ToTimeSpan()).TotalMinutes + MinutesOfDay - 1) % MinutesOfDay + 1;

    private bool Holds(DateTime local)
    {
        var time = TimeOnly.FromDateTime(local);
        if (From < To)
            return Days.Contains(local.DayOfWeek) && From <= time && time < To;
        // Past midnight the window belongs to the day before.
        return (Days.Contains(local.DayOfWeek) && From <= time) || (Days.Contains(local.AddDays(-1).DayOfWeek) && time < To);
    }
}
