namespace Ledger.Tiles;

/// <summary>
/// Between the writer and the publisher: durable records in order, gathered into bundles, and the newest durable head. Bounded: when the
/// publisher falls behind the writer waits here, admission follows, and partners see 503, never loss.
/// </summary>
/// <param name="first">The bundle being filled when the log was opened.</param>
/// <param name="mostFull">Full bundles that may wait.</param>
internal sealed class PublicationFeed(EntryBundle first, int mostFull)
{
    private readonly object gate = new();
    private readonly Queue<EntryBundle> full = new();
    private readonly Stack<EntryBundle> idle = new();
    private EntryBundle filling = first;
    private SignedHead? head;
    private bool closed;
    private bool nudged;

    /// <summary>Adds one durable group.</summary>
    public void Add(Journal.GroupBuffer group, SignedHead newHead)
    {
        lock (gate)
        {
            while (full.Count >= mostFull && !closed)
            {
                Monitor.Wait(gate);
            }

            for (var i = 0; i < group.Count; i++)
            {
                Add(group.Record(i, out var leaf), leaf);
            }

            head = newHead;
            if (full.Count > 0)
            {
                Monitor.PulseAll(gate);
            }
        }
    }

    /// <summary>Sets the head that recovery found. What would be published must be exactly what it covers: fewer records would be lost with their segment.</summary>
    /// <exception cref="LedgerDamaged">The replayed records do not end at the head.</exception>
    public void Recovered(SignedHead? found)
    {
        var size = filling.Index * TilePath.Width + filling.Count;
        if (size != (found?.Size ?? 0))
        {
            throw new LedgerDamaged("journal", $"replay for publication ends at {size} records, the tree has {found?.Size ?? 0}");
        }

        head = found;
    }

    /// <summary>Waits up to <paramref name="most"/> for a full bundle or a nudge, then takes all full bundles.</summary>
    /// <param name="most">Longest wait.</param>
    /// <param name="bundles">Gets the bundles.</param>
    /// <param name="asked">Whether somebody waits for a publication.</param>
    /// <returns>False when the feed is closed.</returns>
    public bool Take(TimeSpan most, List<EntryBundle> bundles, out bool asked)
    {
        lock (gate)
        {
            if (full.Count == 0 && !closed && !nudged && most > TimeSpan.Zero)
            {
                Monitor.Wait(gate, most);
            }

            Drain(bundles);
            asked = nudged;
            nudged = false;
            return !closed;
        }
    }

    /// <summary>The state of this moment: remaining full bundles, a copy of the one being filled, and the head that covers exactly these.</summary>
    public SignedHead? Snapshot(List<EntryBundle> bundles, out EntryBundle partial)
    {
        lock (gate)
        {
            Drain(bundles);
            partial = filling.Snapshot();
            return head;
        }
    }

    /// <summary>Takes back the buffers of bundles that are on disk.</summary>
    public void Recycle(List<EntryBundle> bundles)
    {
        lock (gate)
        {
            foreach (var bundle in bundles)
            {
                if (idle.Count < 16)
                {
                    idle.Push(bundle);
                }
            }
        }

        bundles.Clear();
    }

    /// <summary>Asks for a publication now.</summary>
    public void Nudge()
    {
        lock (gate)
        {
            nudged = true;
            Monitor.PulseAll(gate);
        }
    }

    public void Close()
    {
        lock (gate)
        {
            closed = true;
            Monitor.PulseAll(gate);
        }
    }

    private void Drain(List<EntryBundle> bundles)
    {
        bundles.AddRange(full);
        full.Clear();
        Monitor.PulseAll(gate);
    }

    private void Add(ReadOnlySpan<byte> entry, in TreeHash leaf)
    {
        filling.Add(entry, leaf);
        if (filling.IsFull)
        {
            full.Enqueue(filling);
            var next = filling.Index + 1;
            filling = idle.TryPop(out var used) ? used.Reuse(next) : new EntryBundle(next);
        }
    }
}
