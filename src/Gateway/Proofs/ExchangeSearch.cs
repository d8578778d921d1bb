using System.Text;
using Ledger.Tiles;

namespace Gateway.Proofs;

/// <summary>
/// Finds a record by its exchange id without an index: the id begins with its time, records stand nearly in the order of theirs, so a bisection
/// leads to the neighbourhood, which is read through. Bounded: an exchange is sealed within a minute of its id.
/// </summary>
internal static class ExchangeSearch
{
    private const string Alphabet = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
    private const int TimeCharacters = 10;
    private const int MostRecords = 65_536;
    private static readonly TimeSpan Before = TimeSpan.FromSeconds(10), After = TimeSpan.FromMinutes(2);

    /// <summary>The first record with this id; null when there is none near its time.</summary>
    public static long? Find(LogReader log, string exchangeId)
    {
        var at = TimeOf(exchangeId);
        var first = Bisect(log, at - Before);
        var member = Encoding.ASCII.GetBytes($"\"id\":\"{exchangeId}\"");
        var last = at + After;
        foreach (var entry in log.Entries(first, first + MostRecords))
        {
            // Members stand in a fixed order: the id is the third, so a pseudonym or a reference further on is never taken for it.
            if (entry.Text.Span.IndexOf(member) is >= 0 and < 64) return entry.Index;
            if (entry.Index % 256 == 255 && SealedAt(entry) > last) return null;
        }

        return null;
    }

    private static long Bisect(LogReader log, DateTimeOffset from)
    {
        long low = 0, high = (log.Checkpoint.Size + 255) / 256;
        while (low < high)
        {
            var middle = low + (high - low) / 2;
            if (SealedAt(log.Entry(middle * 256)) < from) low = middle + 1;
            else high = middle;
        }

        return Math.Max(0, low - 1) * 256;
    }

    private static DateTimeOffset SealedAt(LogEntry entry)
    {
        using var json = System.Text.Json.JsonDocument.Parse(entry.Text);
        return json.RootElement.TryGetProperty("ts", out var time) ? time.GetDateTimeOffset() : DateTimeOffset.MinValue;
    }

    private static DateTimeOffset TimeOf(string ulid)
    {
        long milliseconds = 0;
        foreach (var character in ulid.AsSpan(0, TimeCharacters)) milliseconds = milliseconds << 5 | (uint)Alphabet.IndexOf(character, StringComparison.Ordinal);
        return DateTimeOffset.FromUnixTimeMilliseconds(Math.Min(milliseconds, 253_402_300_799_000));
    }
}
