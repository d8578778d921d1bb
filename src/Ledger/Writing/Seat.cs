using System.Collections;

namespace Ledger.Writing;

/// <summary>
/// A reservation of the in-process writer. It is also the queued append and, once sealed, the list of its receipts, so that one append
/// costs this object and its receipts.
/// </summary>
internal sealed class Seat(GroupQueue queue, int records) : Reservation(records), IReadOnlyList<Receipt>
{
    private Receipt[]? receipts;

    /// <summary>What is to be sealed.</summary>
    public IReadOnlyList<SealedRecord> Entries { get; set; } = [];

    /// <summary>Index of the first record, set by the writer before the group completes.</summary>
    public long First { get; set; }

    /// <summary>The queue that it belongs to.</summary>
    public GroupQueue Queue { get; } = queue;

    public int Count => receipts?.Length ?? 0;

    public Receipt this[int index] => receipts![index];

    /// <summary>Makes the receipts, on the thread of the waiter.</summary>
    public IReadOnlyList<Receipt> Sealed(SignedHead head)
    {
        var made = new Receipt[Entries.Count];
        for (var i = 0; i < made.Length; i++)
        {
            made[i] = new Receipt(head, First + i, made.Length, Entries[i].Leaf);
        }

        Entries = [];
        receipts = made;
        return this;
    }

    public IEnumerator<Receipt> GetEnumerator() => (receipts ?? []).AsEnumerable().GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    private protected override void GiveBack() => Queue.GiveBack(Records);
}
