using System.Collections.Concurrent;
using System.Diagnostics.CodeAnalysis;
using System.Text.Json.Nodes;
using Ledger;

namespace Authority.Tests.Support;

/// <summary>A real ledger that also remembers what was sealed, and that can be full or broken on command.</summary>
internal sealed class RecordingLedger(ILedger inner) : ILedger
{
    public ConcurrentQueue<JsonNode> Records { get; } = new();

    /// <summary>Called after a record is durable; may throw, as a fault between sealing and answering.</summary>
    public Action<JsonNode>? OnSealed { get; set; }
    public bool IsFull { get; set; }

    /// <summary>Seats that were ever asked for.</summary>
    public int Asked;
    public bool IsBroken { get; set; }
    public string Origin => inner.Origin;
    public LedgerState State => IsBroken ? LedgerState.Healing : inner.State;
    public PublishedCheckpoint? Published => inner.Published;

    public bool TryReserve(int records, [NotNullWhen(true)] out Reservation? reservation)
    {
        reservation = null;
        Interlocked.Increment(ref Asked);
        return !IsFull && inner.TryReserve(records, out reservation);
    }

    public async ValueTask<IReadOnlyList<Receipt>> AppendAsync(Reservation reservation, IReadOnlyList<SealedRecord> records)
    {
        if (IsBroken)
            throw new LedgerUnavailable("broken on command");
        var receipts = await inner.AppendAsync(reservation, records);
        foreach (var record in records.Select(static record => JsonNode.Parse(record.Text.Span)!))
        {
            Records.Enqueue(record);
            OnSealed?.Invoke(record);
        }
        return receipts;
    }
}
