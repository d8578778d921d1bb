using Ledger.Journal;

namespace Ledger.Tiles;

/// <summary>
/// What was sealed and not durably published when the log was opened, taken from the journal once that was judged good: the publisher
/// writes it again while records are sealed.
/// </summary>
internal sealed class Republication(Segments segments, Replayed replayed, long first)
{
    /// <summary>
    /// Writes every full bundle, and whatever becomes full with it. Each record is hashed once more and must have the leaf that the signed
    /// root covers.
    /// </summary>
    /// <exception cref="LedgerDamaged">A published file has other bytes, or the journal is no longer what was judged.</exception>
    public void Write(TileStack tiles)
    {
        if (replayed.Leaves.Count < TilePath.Width)
        {
            return;
        }

        var filling = new EntryBundle(first / TilePath.Width);
        var scan = new SegmentScan(segments);
        var done = 0;

        // The last segment may have no group: its first was torn and cut, and what stands before it must be published all the same. Behind
        // the last group that was judged the writer may be at work.
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
                    tiles.AddFull(filling);
                    filling.Reuse(filling.Index + 1);
                }
            }
        }

        if (done != replayed.Leaves.Count)
        {
            throw new LedgerDamaged("journal", $"{replayed.Leaves.Count} records are to be published, {done} are there");
        }

        replayed.Leaves.Clear();
        replayed.Leaves.TrimExcess();
    }
}
