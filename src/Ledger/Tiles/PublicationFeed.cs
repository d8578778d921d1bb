namespace Ledger.Tiles;

/// <summary>
/// Between the writer and the publisher: durable records in order, gathered into bundles, and the newest durable head. Bounded: when the
/// publisher falls behind the writer waits here, admission follows, and partners see 503, never loss.
/// </summary>
/// <param name="first">The bundle being filled when the log was opened.</param>
/// <param name="mostFull">Full bundles that may wait.</param>
internal sealed class PublicationFeed(EntryBundle first, int mostFull)
{
    private readonly object _gate = new();
    private readonly Queue<EntryBundle> _full = new();
    private readonly Stack<EntryBundle> _idle = new();
    private EntryBundle _filling = first;
    private SignedHead? _head;
    private bool _closed;
    private bool _nudged;

    /// <summary>Adds one durable group.</summary>
    public void Add(Journal.GroupBuffer group, SignedHead newHead)
    {
        lock (_gate)
        {
            while (_full.Count >= mostFull && !_closed)
            {
                Monitor.Wait(_gate);
            }

            for (var i = 0; i < group.Count; i++)
            {
                Add(group.Record(i, out var leaf), leaf);
            }

            _head = newHead;
            if (_full.Count > 0)
            {
                Monitor.PulseAll(_gate);
            }
        }
    }

    /// <summary>
    /// Sets the head that recovery found. What would be published must be exactly what it covers: fewer records would be lost with their
    /// segment.
    /// </summary>
    /// <exception cref="LedgerDamaged">The replayed records do not end at the head.</exception>
    public void Recovered(SignedHead? found)
    {
        var size = _filling.Index * TilePath.Width + _filling.Count;
        if (size != (found?.Size ?? 0))
        {
            throw new LedgerDamaged("journal", $"replay for publication ends at {size} records, the tree has {found?.Size ?? 0}");
        }

        _head = found;
    }

    /// <summary>Waits up to <paramref name="most"/> for a full bundle or a nudge, then takes all full bundles.</summary>
    /// <param name="most">Longest wait.</param>
    /// <param name="bundles">Gets the bundles.</param>
    /// <param name="asked">Whether somebody waits for a publication.</param>
    /// <returns>False when the feed is closed.</returns>
    public bool Take(TimeSpan most, List<EntryBundle> bundles, out bool asked)
    {
        lock (_gate)
        {
            if (_full.Count == 0 && !_closed && !_nudged && most > TimeSpan.Zero)
            {
                Monitor.Wait(_gate, most);
            }

            Drain(bundles);
            asked = _nudged;
            _nudged = false;
            return !_closed;
        }
    }

    /// <summary>
    /// The state of this moment: remaining full bundles, a copy of the one being filled, and the head that covers exactly these.
    /// </summary>
    public SignedHead? Snapshot(List<EntryBundle> bundles, out EntryBundle partial)
    {
        lock (_gate)
        {
            Drain(bundles);
            partial = _filling.Snapshot();
            return _head;
        }
    }

    /// <summary>Takes back the buffers of bundles that are on disk.</summary>
    public void Recycle(List<EntryBundle> bundles)
    {
        lock (_gate)
        {
            foreach (var bundle in bundles)
            {
                if (_idle.Count < 16)
                {
                    _idle.Push(bundle);
                }
            }
        }

        bundles.Clear();
    }

    /// <summary>Asks for a publication now.</summary>
    public void Nudge()
    {
        lock (_gate)
        {
            _nudged = true;
            Monitor.PulseAll(_gate);
        }
    }

    public void Close()
    {
        lock (_gate)
        {
            _closed = true;
            Monitor.PulseAll(_gate);
        }
    }

    private void Drain(List<EntryBundle> bundles)
    {
        bundles.AddRange(_full);
        _full.Clear();
        Monitor.PulseAll(_gate);
    }

    private void Add(ReadOnlySpan<byte> entry, in TreeHash leaf)
    {
        _filling.Add(entry, leaf);
        if (_filling.IsFull)
        {
            _full.Enqueue(_filling);
            var next = _filling.Index + 1;
            _filling = _idle.TryPop(out var used) ? used.Reuse(next) : new EntryBundle(next);
        }
    }
}
