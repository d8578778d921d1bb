using System.Text;
using Ledger;
using Ledger.Tiles;

namespace Gateway.Proofs;

/// <summary>
/// Finds a record by its exchange id without an index: the id begins with its time, records stand nearly in the order of theirs, so a
/// bisection leads to the neighbourhood, which is read through. Bounded: an exchange is sealed within a minute of its id.
/// </summary>
internal static class ExchangeSearch
{
    private const int MostRecords = 65_536;
    private static readonly TimeSpan Before = TimeSpan.FromSeconds(10),
        After = TimeSpan.FromMinutes(2);

    /// <summary>The first record with this id; null when there is none near its time.</summary>
    public static long? Find(LogReader log, string exchangeId)
    {
        var at = Ulid.TimeOf(exchangeId);
        var first = LogTime.FirstSince(log, at - Before);
        var member = Encoding.ASCII.GetBytes($"\"id\":\"{exchangeId}\"");
        var last = at + After;
        foreach (var entry in log.Entries(first, first + MostRecords))
        {
            // Members stand in a fixed order: the id is the third, so a pseudonym or a reference further on is never taken for it.
            if (entry.Text.Span.IndexOf(member) is >= 0 and < 64)
                return entry.Index;
            if (entry.Index % 256 == 255 && LogTime.SealedAt(entry) > last)
                return null;
        }

        return null;
    }
}
