using System.Globalization;
using Ledger;
using Ledger.Subjects;

namespace AuditIndex.Retention;

/// <summary>Destroys the pseudonym key of a quarter: from then on nobody can search it (ledger page §4.2).</summary>
public static class KeyDestruction
{
    /// <summary>Seals <c>key</c>, then destroys. Crash between: the record stands and the key too; repeat.</summary>
    /// <param name="keys">The keys.</param>
    /// <param name="period">Quarter, <c>2026q4</c>.</param>
    /// <param name="rules">Holds; a hold on any day of the quarter forbids it.</param>
    /// <param name="by">Who decided.</param>
    /// <param name="ledger">Where it is sealed.</param>
    /// <param name="time">Clock.</param>
    /// <exception cref="RetentionRefused">A hold stands, or there is no such key.</exception>
    /// <exception cref="InvalidOperationException">The quarter is not over.</exception>
    /// <exception cref="LedgerUnavailable">It cannot be sealed now; the key stays.</exception>
    public static async Task Run(SubjectKeys keys, string period, RetentionRules rules, string by, ILedger ledger, TimeProvider time)
    {
        var today = DateOnly.FromDateTime(time.GetUtcNow().UtcDateTime);
        if (!keys.Periods().Contains(period, StringComparer.Ordinal))
        {
            throw new RetentionRefused("there is no key of that quarter");
        }

        var first = new DateOnly(int.Parse(period.AsSpan(0, 4), CultureInfo.InvariantCulture), (period[5] - '1') * 3 + 1, 1);
        var last = first.AddMonths(3).AddDays(-1);
        if (last >= today)
        {
            throw new InvalidOperationException("The key of a quarter that is not over is in use.");
        }

        // A key serves all agreements: any hold on these days stands in the way.
        if (rules.Holds.FirstOrDefault(hold => hold.Covers(first, last, hold.Agreement is { } own ? [own] : [], today)) is { } standing)
        {
            throw new RetentionRefused($"the legal hold {standing.Id} stands");
        }

        if (!ledger.TryReserve(1, out var seat))
        {
            throw new LedgerUnavailable("the destruction cannot be sealed now");
        }

        using (seat)
        {
            await ledger.AppendAsync(seat, [Record(period, by, time)]);
        }

        keys.Destroy(period);
    }

    private static SealedRecord Record(string period, string by, TimeProvider time) => RecordText.Write("key", time, json =>
        {
            json.WriteString("kind", "subject");
            json.WriteString("kid", period);
            json.WriteString("act", "destroyed");
            json.WriteString("by", by);
        });
}
