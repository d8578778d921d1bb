using System.Globalization;
using System.Text.Json;
using Ledger.Tiles;

namespace Admin.Conventions;

/// <summary>Finds places in a log by time: records stand in the order in which they were sealed.</summary>
internal static class LogTime
{
    private const int Slack = 512;

    /// <summary>A position before which every record is older, a little early, since clocks are set back now and then.</summary>
    internal static long First(LogReader log, DateTimeOffset since)
    {
        var (low, high) = (0L, log.Checkpoint.Size);
        while (low < high)
        {
            var middle = low + (high - low) / 2;
            if (TimeOf(log.Entry(middle)) < since) low = middle + 1;
            else high = middle;
        }

        return Math.Max(0, low - Slack);
    }

    /// <summary>When a record was sealed.</summary>
    internal static DateTimeOffset TimeOf(LogEntry entry)
    {
        var reader = new Utf8JsonReader(entry.Text.Span);
        while (reader.Read())
            if (reader.TokenType == JsonTokenType.PropertyName && reader.CurrentDepth == 1 && reader.ValueTextEquals("ts"u8) && reader.Read())
                return DateTimeOffset.Parse(reader.GetString()!, CultureInfo.InvariantCulture);
        return DateTimeOffset.MinValue;
    }
}
