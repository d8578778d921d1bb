using Ledger.Journal;

namespace Ledger.Tiles;

/// <summary>
/// Writes the tiles and bundles of everything that was not durably published, from a journal that has been judged good, on all cores. Each
/// record is hashed once more, from the bytes that are published, and must have the leaf that the signed root covers.
/// </summary>
internal sealed class Republication(Segments segments, Replayed replayed, TileStack tiles)
{
    private const int Most = 128;
    private readonly long first = tiles.Next * TilePath.Width;
    private readonly List<EntryBundle> full = [];
    private readonly Stack<EntryBundle> idle = new();
    private EntryBundle filling = new(tiles.Next);
    private int done;

    /// <summary>Publishes all full bundles; the one that is not full yet.</summary>
    public EntryBundle Run()
    {
        var scan = new SegmentScan(segments);
        // The last segment may have no group: its first was torn and cut, and what stands before it must be published all the same.
        foreach (var number in segments.Numbers().Where(number => number <= replayed.Segment))
        {
            scan.Read(number, hash: false);
            for (var i = 0; i < scan.Frames; i++)
            {
                if (scan[i] is { Kind: Frame.Record } record && record.Number >= first)
                {
                    Add(record.Payload);
                }
            }
        }

        Write();
        return filling;
    }

    private void Add(ReadOnlySpan<byte> entry)
    {
        if (done == replayed.Leaves.Count)
        {
            throw new LedgerDamaged("journal", $"more records than the {replayed.Edge.Size} that were judged");
        }

        filling.Add(entry, replayed.Leaves[done++]);
        if (!filling.IsFull)
        {
            return;
        }

        full.Add(filling);
        var next = filling.Index + 1;
        filling = idle.TryPop(out var used) ? used.Reuse(next) : new EntryBundle(next);
        if (full.Count == Most)
        {
            Write();
        }
    }

    private void Write()
    {
        tiles.AddFull(full);
        full.ForEach(idle.Push);
        full.Clear();
    }
}
