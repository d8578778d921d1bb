using Ledger.Journal;

namespace Ledger.Tiles;

/// <summary>
/// What was sealed and not durably published when the log was opened, taken from the journal once that was judged good. In two passes: before
/// the log opens, what is published of it is compared with the journal; afterwards the publisher writes it again, while records are sealed.
/// </summary>
internal sealed class Republication(Segments segments, Replayed replayed, long first)
{
    private const int Most = 128;

    /// <summary>Compares every full bundle and tile that is there with what the journal says. Nothing is written.</summary>
    /// <param name="tiles">One that compares.</param>
    /// <returns>The bundle that is not full yet.</returns>
    /// <exception cref="LedgerDamaged">One of them has other bytes, and not only missing ones.</exception>
    public EntryBundle Compare(TileStack tiles)
    {
        var (full, idle) = (new List<EntryBundle>(), new Stack<EntryBundle>());
        var last = Walk(
            bundle =>
            {
                full.Add(bundle);
                if (full.Count == Most)
                {
                    tiles.Compare(full);
                    full.ForEach(idle.Push);
                    full.Clear();
                }
            },
            idle);
        tiles.Compare(full);
        return last;
    }

    /// <summary>Writes every full bundle, and whatever becomes full with it. Each record is hashed once more and must have the leaf that the signed root covers.</summary>
    /// <exception cref="LedgerDamaged">As <see cref="Compare"/>, or the journal is no longer what was judged.</exception>
    public void Write(TileStack tiles)
    {
        if (replayed.Leaves.Count < TilePath.Width)
        {
            return;
        }

        var idle = new Stack<EntryBundle>();
        Walk(
            bundle =>
            {
                tiles.AddFull(bundle);
                idle.Push(bundle);
            },
            idle);
        replayed.Leaves.Clear();
        replayed.Leaves.TrimExcess();
    }

    /// <summary>Reads the records again, gives every full bundle, and returns the one that is not.</summary>
    private EntryBundle Walk(Action<EntryBundle> full, Stack<EntryBundle> idle)
    {
        var filling = new EntryBundle(first / TilePath.Width);
        var scan = new SegmentScan(segments);
        var done = 0;

        // The last segment may have no group: its first was torn and cut, and what stands before it must be published all the same. Behind the
        // last group that was judged the writer may be at work.
        foreach (var number in segments.Numbers().Where(number => number <= replayed.Segment))
        {
            scan.Read(number, hash: false);
            for (var i = 0; i < scan.Frames && done < replayed.Leaves.Count; i++)
            {
                if (scan[i] is not { Kind: Frame.Record } record || record.Number < first)
                {
                    continue;
                }

                filling.Add(record.Payload, replayed.Leaves[done++]);
                if (filling.IsFull)
                {
                    full(filling);
                    var next = filling.Index + 1;
                    filling = idle.TryPop(out var used) ? used.Reuse(next) : new EntryBundle(next);
                }
            }
        }

        return done == replayed.Leaves.Count ? filling
            : throw new LedgerDamaged("journal", $"{replayed.Leaves.Count} records are to be published, {done} are there");
    }
}
