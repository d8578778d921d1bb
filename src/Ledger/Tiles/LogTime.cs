using System.Text.Json;

namespace Ledger.Tiles;

/// <summary>
/// Finds places in a log by time, without an index: records stand nearly in the order of theirs, and clocks are set back now and then.
/// </summary>
public static class LogTime
{
    private const int SlackBundles = 2;

    /// <summary>
    /// A place a little before the first record that was sealed at <paramref name="since"/> or later: who reads on from there looks at each
    /// record's own time.
    /// </summary>
    public static long FirstSince(LogReader log, DateTimeOffset since)
    {
        long low = 0,
            high = (log.Checkpoint.Size + TilePath.Width - 1) / TilePath.Width;
        while (low < high)
        {
            var middle = low + (high - low) / 2;
            if (SealedAt(log.Entry(middle * TilePath.Width)) < since)
                low = middle + 1;
            else
                high = middle;
        }

        return Math.Max(0, low - SlackBundles) * TilePath.Width;
    }

    /// <summary>When a record was sealed, by its own <c>ts</c>.</summary>
    public static DateTimeOffset SealedAt(LogEntry entry)
    {
        using var json = JsonDocument.Parse(entry.Text);
        return json.RootElement.TryGetProperty("ts", out var time) ? time.GetDateTimeOffset() : DateTimeOffset.MinValue;
    }
}
