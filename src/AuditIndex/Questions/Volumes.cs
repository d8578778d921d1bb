using AuditIndex.Filling;

namespace AuditIndex.Questions;

/// <summary>A client's use of an operation on one day, beside what was usual.</summary>
/// <param name="Client">System.</param>
/// <param name="Operation">Operation.</param>
/// <param name="Count">Exchanges of the day.</param>
/// <param name="Median">Median of the comparable days of the 28 before: work days or weekend days.</param>
/// <param name="Score"><c>0.6745 × (count − median) / max(MAD, 0.05 × median, 1)</c>.</param>
public sealed record UnusualVolume(string Client, string Operation, long Count, double Median, double Score)
{
    /// <summary>Whether rule R1 fires with its default thresholds.</summary>
    public bool Fires => Score >= Volumes.Finding && Count - Median >= Volumes.LeastExcess;
}

/// <summary>Pure arithmetic over hourly counts (console page §8).</summary>
internal static class Volumes
{
    public const double Shown = 3.5;
    public const double Finding = 6;
    public const double LeastExcess = 50;
    private const int Days = 28;

    public static RollUpFilter Needed(DateOnly day) =>
        new() { From = LocalTime.StartOf(day.AddDays(-Days)), To = LocalTime.StartOf(day.AddDays(1)) };

    public static IReadOnlyList<long> ByHourOfWeek(IEnumerable<HourlyCount> counts)
    {
        var hours = new long[168];
        foreach (var count in counts)
        {
            hours[LocalTime.Of(count.Hour.ToUnixTimeMilliseconds()).HourOfWeek] += count.Count;
        }

        return hours;
    }

    public static IReadOnlyList<UnusualVolume> Unusual(IEnumerable<HourlyCount> counts, DateOnly day)
    {
        var comparable = Enumerable
            .Range(1, Days)
            .Select(back => day.AddDays(-back))
            .Where(other => IsWeekend(other) == IsWeekend(day))
            .ToList();
        var found = new List<UnusualVolume>();
        foreach (
            var use in counts
                .Where(static count => count is { Client: not null, Operation: not null })
                .GroupBy(static count => (count.Client, count.Operation))
        )
        {
            var byDay = use.GroupBy(static count => DateOnly.FromDayNumber(LocalTime.Of(count.Hour.ToUnixTimeMilliseconds()).Day))
                .ToDictionary(static group => group.Key, static group => group.Sum(static count => count.Count));
            var today = byDay.GetValueOrDefault(day);
            var median = Median(comparable.Select(other => (double)byDay.GetValueOrDefault(other)));
            var spread = Median(comparable.Select(other => Math.Abs(byDay.GetValueOrDefault(other) - median)));
            var score = 0.6745 * (today - median) / Math.Max(Math.Max(spread, 0.05 * median), 1);
            if (score >= Shown)
            {
                found.Add(new UnusualVolume(use.Key.Client!, use.Key.Operation!, today, median, score));
            }
        }

        return
        [
            .. found
                .OrderByDescending(static volume => volume.Score)
                .ThenBy(static volume => volume.Client, StringComparer.Ordinal)
                .ThenBy(static volume => volume.Operation, StringComparer.Ordinal),
        ];
    }

    private static bool IsWeekend(DateOnly day) => day.DayOfWeek is DayOfWeek.Saturday or DayOfWeek.Sunday;

    private static double Median(IEnumerable<double> values)
    {
        var sorted = values.Order().ToList();
        return sorted.Count == 0 ? 0 : (sorted[(sorted.Count - 1) / 2] + sorted[sorted.Count / 2]) / 2;
    }
}
