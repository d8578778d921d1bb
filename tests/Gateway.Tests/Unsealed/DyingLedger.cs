using System.Collections.Concurrent;
using System.Diagnostics.CodeAnalysis;
using System.Text;
using Ledger;

namespace Gateway.Tests.Unsealed;

/// <summary>
/// A ledger that dies at a step that a test chooses, and stays dead until it is healed. It remembers what became durable.
/// </summary>
internal sealed class DyingLedger : ILedger
{
    private readonly ConcurrentBag<string> _durable = [];
    private ILedger _inner = null!;
    private int _appendsLeft = int.MaxValue,
        _seatsLeft = int.MaxValue;

    public string Origin => _inner.Origin;
    public LedgerState State => _inner.State;
    public PublishedCheckpoint? Published => _inner.Published;
    public long Size => _inner.Size;

    /// <summary>Records with this text are refused, whatever else is sealed.</summary>
    public string? Refuses { get; set; }

    /// <summary>How many appends were refused.</summary>
    public int Refused { get; private set; }

    /// <summary>Who asks for so many seats next meets a fault that is no refusal.</summary>
    public int? FailsOnceAt { get; set; }

    /// <summary>Every record that is durable.</summary>
    public IReadOnlyCollection<string> Durable => _durable;

    public ILedger Around(ILedger inner)
    {
        _inner = inner;
        return this;
    }

    /// <summary>So many appends succeed yet, and so many seats are given.</summary>
    public void DieAfter(int appends = int.MaxValue - 1, int seats = int.MaxValue - 1) =>
        (_appendsLeft, _seatsLeft, Refused) = (appends, seats, 0);

    public void Heal() => DieAfter();

    public bool TryReserve(int records, [NotNullWhen(true)] out Reservation? reservation)
    {
        reservation = null;
        if (FailsOnceAt == records)
        {
            FailsOnceAt = null;
            throw new IOException("the log fails");
        }

        if (Interlocked.Decrement(ref _seatsLeft) >= 0)
            return _inner.TryReserve(records, out reservation);
        Refused++;
        return false;
    }

    public async ValueTask<IReadOnlyList<Receipt>> AppendAsync(Reservation reservation, IReadOnlyList<SealedRecord> records)
    {
        var texts = records.Select(static record => Encoding.UTF8.GetString(record.Text.Span)).ToList();
        if (
            Interlocked.Decrement(ref _appendsLeft) < 0
            || (Refuses is { } refuses && texts.Exists(text => text.Contains(refuses, StringComparison.Ordinal)))
        )
        {
            Refused++;
            throw new LedgerUnavailable("the disk fails");
        }

        var receipts = await _inner.AppendAsync(reservation, records);
        foreach (var text in texts)
            _durable.Add(text);
        return receipts;
    }
}
