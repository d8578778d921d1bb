using Ledger.Journal;

namespace Ledger.Tiles;

/// <summary>
/// Compares what is published of the records that are replayed with the journal, while it is replayed: each record is read once. Nothing is
/// written. What it finds is said only when the journal was judged as a whole: damage there comes first.
/// </summary>
/// <param name="tiles">Makes the tiles to compare with; one that compares.</param>
/// <param name="first">Index of the first record that may not be published durably, a multiple of 256.</param>
internal sealed class Comparison(Func<TileStack> tiles, long first)
{
    private const int Most = 128;
    private readonly List<EntryBundle> full = [];
    private readonly Stack<EntryBundle> idle = new();
    private EntryBundle filling = new(first / TilePath.Width);
    private TileStack? there;
    private LedgerDamaged? damage;

    /// <summary>Takes the records of one group, which was judged good.</summary>
    /// <param name="scan">The segment that it is in.</param>
    /// <param name="from">Its first frame.</param>
    /// <param name="commit">Its commit.</param>
    public void Add(SegmentScan scan, int from, int commit)
    {
        for (var i = from; i < commit; i++)
        {
            var record = scan[i];
            if (record.Number < first)
            {
                continue;
            }

            filling.Add(record.Payload, scan.Leaf(i));
            if (filling.IsFull)
            {
                full.Add(filling);
                var next = filling.Index + 1;
                if (full.Count == Most)
                {
                    Compare();
                }

                filling = idle.TryPop(out var used) ? used.Reuse(next) : new EntryBundle(next);
            }
        }
    }

    /// <summary>Compares the rest.</summary>
    /// <returns>The bundle that is not full yet.</returns>
    /// <exception cref="LedgerDamaged">A full bundle or tile has other bytes, and not only missing ones.</exception>
    public EntryBundle Finish()
    {
        Compare();
        return damage is null ? filling : throw damage;
    }

    private void Compare()
    {
        try
        {
            if (damage is null)
            {
                (there ??= tiles()).Compare(full);
            }
        }
        catch (LedgerDamaged e)
        {
            damage = e;
        }

        full.ForEach(idle.Push);
        full.Clear();
    }
}
