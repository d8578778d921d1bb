using Ledger.Journal;

namespace Ledger.Tiles;

/// <summary>
/// Compares what is published of the records that are replayed with the journal, while it is replayed: each record is read once, and copied
/// only when its bundle stands in two segments. Nothing is written. What it finds is said only when the journal was judged as a whole:
/// damage there comes first.
/// </summary>
/// <param name="tiles">Makes the tiles to compare with; one that compares.</param>
/// <param name="first">Index of the first record that may not be published durably, a multiple of 256.</param>
internal sealed class Comparison(Func<TileStack> tiles, long first)
{
    private readonly List<JournalBundle> _full = [];
    private EntryBundle _filling = new(first / TilePath.Width);
    private int _start = -1;
    private int _end;
    private TileStack? _there;
    private LedgerDamaged? _damage;

    /// <summary>Takes the records of one group, which was judged good.</summary>
    /// <param name="scan">The segment that it is in.</param>
    /// <param name="from">Its first frame.</param>
    /// <param name="commit">Its commit.</param>
    /// <param name="roots">The root of each bundle that one of its records ends.</param>
    public void Add(SegmentScan scan, int from, int commit, IReadOnlyList<TreeHash> roots)
    {
        var done = 0;
        for (var i = from; i < commit; i++)
        {
            var record = scan[i];
            var ends = TilePath.Ends(record.Number);
            if (record.Number >= first)
            {
                Take(scan, i, record);
                if (ends)
                {
                    End(scan, i + 1, record.Number / TilePath.Width, roots[done]);
                }
            }

            done += ends ? 1 : 0;
        }

        _end = commit;
    }

    /// <summary>
    /// Compares the bundles that ended in a segment, whose bytes are not kept, and copies the records of the one that did not.
    /// </summary>
    public void EndSegment(SegmentScan scan)
    {
        if (_start >= 0)
        {
            JournalBundle.Copy(scan, _start, _end, _filling);
            _start = -1;
        }

        Compare();
    }

    /// <summary>What was found.</summary>
    /// <returns>The bundle that is not full yet.</returns>
    /// <exception cref="LedgerDamaged">A full bundle or tile has other bytes, and not only missing ones.</exception>
    public EntryBundle Finish() => _damage is null ? _filling : throw _damage;

    /// <summary>A record goes with those before it: they stand in this segment, or were copied from the one before.</summary>
    private void Take(SegmentScan scan, int frame, in FrameView record)
    {
        if (_filling.Count > 0)
        {
            _filling.Add(record.Payload, scan.Leaf(frame));
        }
        else if (_start < 0)
        {
            _start = frame;
        }
    }

    private void End(SegmentScan scan, int behind, long index, in TreeHash root)
    {
        if (_filling.Count > 0)
        {
            _full.Add(new JournalBundle(index, root, _filling));
            _filling = new EntryBundle(index + 1);
        }
        else
        {
            _full.Add(new JournalBundle(index, root, scan, _start, behind));
            _filling.Reuse(index + 1);
        }

        _start = -1;
    }

    private void Compare()
    {
        try
        {
            if (_damage is null && _full.Count > 0)
            {
                (_there ??= tiles()).Compare(_full);
            }
        }
        catch (LedgerDamaged e)
        {
            _damage = e;
        }

        _full.Clear();
    }
}
