using System.Collections;

namespace Ledger.Writing;

/// <summary>
/// A reservation of the in-process writer. It is also the queued append and, once sealed, the list of its receipts, so that one append
/// costs this object and its receipts.
/// </summary>
internal sealed class Seat(GroupQueue queue, int records) : Reservation(records), IReadOnlyList<Receipt>
{
    private Receipt? _single;
    private Receipt[]? _receipts;

    /// <summary>What is to be sealed.</summary>
    public IReadOnlyList<SealedRecord> Entries { get; set; } = [];

    /// <summary>Index of the first record, set by the writer before the group completes.</summary>
    public long First { get; set; }

    /// <summary>The queue that it belongs to.</summary>
    public GroupQueue Queue { get; } = queue;

    public int Count => _receipts?.Length ?? (_single is null ? 0 : 1);

    public Receipt this[int index] =>
        _receipts is not null ? _receipts[index]
        : index == 0 && _single is not null ? _single
        : throw new ArgumentOutOfRangeException(nameof(index));

    /// <summary>Makes the receipts, on the thread of the waiter.</summary>
    public IReadOnlyList<Receipt> Sealed(SignedHead head)
    {
        if (Entries.Count == 1)
        {
            _single = new Receipt(head, First, 1, Entries[0].Leaf);
        }
        else
        {
            _receipts = new Receipt[Entries.Count];
            for (var i = 0; i < _receipts.Length; i++)
            {
                _receipts[i] = new Receipt(head, First + i, _receipts.Length, Entries[i].Leaf);
            }
        }

        Entries = [];
        return this;
    }

    public IEnumerator<Receipt> GetEnumerator()
    {
        for (var i = 0; i < Count; i++)
        {
            yield return this[i];
        }
    }

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    private protected override void GiveBack() => Queue.GiveBack(Records);
}
