using System.Diagnostics.CodeAnalysis;
using System.Text;
using Ledger;

namespace Gateway.Tests.Flow;

/// <summary>A ledger that does something once, right after a record with a text became durable.</summary>
internal sealed class WatchedLedger : ILedger
{
    private ILedger _inner = null!;
    private (string Text, Func<Task> Then)? _when;

    public string Origin => _inner.Origin;
    public LedgerState State => _inner.State;
    public PublishedCheckpoint? Published => _inner.Published;

    public void When(string text, Action then) => When(text, () =>
        {
            then();
            return Task.CompletedTask;
        });

    /// <summary>The writer of the record waits for what is done.</summary>
    public void When(string text, Func<Task> then) => _when = (text, then);

    public ILedger Around(ILedger inner)
    {
        _inner = inner;
        return this;
    }

    public bool TryReserve(int records, [NotNullWhen(true)] out Reservation? reservation) => _inner.TryReserve(records, out reservation);

    public async ValueTask<IReadOnlyList<Receipt>> AppendAsync(Reservation reservation, IReadOnlyList<SealedRecord> records)
    {
        var receipts = await _inner.AppendAsync(reservation, records);
        if (
            _when is not { } when
            || !records.Any(record => Encoding.UTF8.GetString(record.Text.Span).Contains(when.Text, StringComparison.Ordinal))
        )
            return receipts;
        _when = null;
        await when.Then();
        return receipts;
    }
}
