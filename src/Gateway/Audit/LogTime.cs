using System.Text.Json;
using Ledger.Tiles;

namespace Gateway.Audit;

/// <summary>Finds places in the log by time, without an index: records stand nearly in the order of theirs.</summary>
internal static class LogTime
{
    /// <summary>A place before which no record was sealed at <paramref name="since"/> or later, at most one bundle too early.</summary>
    public static long FirstSince(LogReader log, DateTimeOffset since)
    {
        long low = 0, high = (log.Checkpoint.Size + TilePath.Width - 1) / TilePath.Width;
        while (low < high)
        {
            var middle = low + (high - low) / 2;
            if (SealedAt(log.Entry(middle * TilePath.Width)) < since) low = middle + 1;
            else high = middle;
        }

        return Math.Max(0, low - 1) * TilePath.Width;
    }

    /// <summary>When a record was sealed.</summary>
    public static DateTimeOffset SealedAt(LogEntry entry)
    {
        using var json = JsonDocument.Parse(entry.Text);
        return json.RootElement.TryGetProperty("ts", out var time) ? time.GetDateTimeOffset() : DateTimeOffset.MinValue;
    }
}
