using System.Diagnostics.CodeAnalysis;

namespace Ledger;

/// <summary>
/// A place where records are sealed. Two implementations: <see cref="LedgerWriter"/> in the process that owns the log, and
/// <see cref="Local.LedgerSocketClient"/> in its neighbours on the same machine.
/// </summary>
public interface ILedger
{
    /// <summary>Origin line of the log (C2SP tlog-checkpoint), for instance <c>anss.example/audit/2026/n1</c>.</summary>
    string Origin { get; }

    /// <summary>Whether records can be sealed now. Readiness follows it.</summary>
    LedgerState State { get; }

    /// <summary>The newest checkpoint that has been published, null before the first.</summary>
    PublishedCheckpoint? Published { get; }

    /// <summary>Records that are durable, published or not; what is published is at most about a second behind.</summary>
    long Size => Published?.Size ?? 0;

    /// <summary>
    /// Takes room for <paramref name="records"/> records before any other work is done for a request. False means: answer 503
    /// <c>ledger-unavailable</c> and fetch nothing. An implementation MUST NOT block.
    /// </summary>
    /// <param name="records">1 to 5,000.</param>
    /// <param name="reservation">The room taken; dispose of it on every path. Disposing of a used one does nothing.</param>
    bool TryReserve(int records, [NotNullWhen(true)] out Reservation? reservation);

    /// <summary>
    /// Seals the records together: all of them or none, with consecutive indexes, in one group. Completes after they are durable and
    /// the signed checkpoint that covers them is durable too. There is no cancellation: a caller who hangs up does not stop a record.
    /// </summary>
    /// <param name="reservation">Room for at least as many records, not used before.</param>
    /// <param name="records">What to seal, in order.</param>
    /// <returns>One receipt per record, in order.</returns>
    /// <exception cref="LedgerUnavailable">Nothing may be released: the records are not known to be durable.</exception>
    ValueTask<IReadOnlyList<Receipt>> AppendAsync(Reservation reservation, IReadOnlyList<SealedRecord> records);
}
