namespace Ledger.Writing;

/// <summary>Appends that wait together: one completion for all of them.</summary>
internal sealed class Group(List<Seat> seats)
{
    /// <summary>Done with the head that covers the group, or failed.</summary>
    public TaskCompletionSource<SignedHead> Done { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public List<Seat> Seats { get; } = seats;

    public int Records { get; set; }

    /// <summary>Seats to give back, which may be more than the records used.</summary>
    public int Reserved { get; set; }

    public long Bytes { get; set; }
}

/// <summary>The ledger's seats and the groups that fill while the disk syncs. No timer: whatever waits when the writer is free goes.</summary>
internal sealed class GroupQueue(LedgerOptions options)
{
    private readonly object gate = new();
    private readonly Queue<Group> closed = new();
    private readonly Stack<List<Seat>> lists = new();
    private Group filling = new([]);
    private int free = options.QueueRecords;
    private long bytes;
    private bool poked;
    private bool ended;

    /// <summary>Records reserved or waiting.</summary>
    public int Taken => options.QueueRecords - Volatile.Read(ref free);

    public bool TryReserve(int records)
    {
        if (Volatile.Read(ref bytes) >= options.QueueBytes)
        {
            return false;
        }

        for (var now = Volatile.Read(ref free); now >= records;)
        {
            var before = Interlocked.CompareExchange(ref free, now - records, now);
            if (before == now)
            {
                return true;
            }

            now = before;
        }

        return false;
    }

    public void GiveBack(int records) => Interlocked.Add(ref free, records);

    /// <summary>Queues an append; the group that it will be in. Null when the queue has ended.</summary>
    public Group? Add(Seat seat, int size)
    {
        lock (gate)
        {
            if (ended)
            {
                return null;
            }

            if (filling.Records > 0 && (filling.Records + seat.Entries.Count > options.GroupRecords || filling.Bytes + size > options.GroupBytes))
            {
                closed.Enqueue(filling);
                filling = NewGroup();
            }

            filling.Seats.Add(seat);
            filling.Records += seat.Entries.Count;
            filling.Reserved += seat.Records;
            filling.Bytes += size;
            Interlocked.Add(ref bytes, size);
            if (filling.Seats.Count == 1)
            {
                Monitor.Pulse(gate);
            }

            return filling;
        }
    }

    /// <summary>The next group, or null after <paramref name="most"/>, a poke or the end.</summary>
    public Group? Take(TimeSpan most)
    {
        lock (gate)
        {
            if (closed.Count == 0 && filling.Records == 0 && !poked && !ended)
            {
                Monitor.Wait(gate, most);
            }

            poked = false;
            if (closed.TryDequeue(out var first))
            {
                return first;
            }

            if (filling.Records == 0)
            {
                return null;
            }

            var group = filling;
            filling = NewGroup();
            return group;
        }
    }

    /// <summary>Appends in the group that is filling.</summary>
    public int Waiting
    {
        get
        {
            lock (gate)
            {
                return filling.Seats.Count;
            }
        }
    }

    /// <summary>Whether the group that is filling has so many appends, or the writer is wanted at once: a full group, a poke, the end.</summary>
    public bool Holds(int appends)
    {
        lock (gate)
        {
            return filling.Seats.Count >= appends || closed.Count > 0 || poked || ended;
        }
    }

    /// <summary>Gives back the room of a group that is done or failed.</summary>
    public void Finish(Group group)
    {
        Interlocked.Add(ref bytes, -group.Bytes);
        GiveBack(group.Reserved);
    }

    /// <summary>Completes a group that is durable: its callers go on, its room and its list are free again.</summary>
    public void Complete(Group group, SignedHead head)
    {
        Finish(group);
        group.Done.SetResult(head);
        group.Seats.Clear();
        lock (gate)
        {
            if (lists.Count < 8)
            {
                lists.Push(group.Seats);
            }
        }
    }

    /// <summary>Wakes the writer.</summary>
    public void Poke()
    {
        lock (gate)
        {
            poked = true;
            Monitor.Pulse(gate);
        }
    }

    /// <summary>No further appends; what waits can still be taken.</summary>
    public void End()
    {
        lock (gate)
        {
            ended = true;
            Monitor.Pulse(gate);
        }
    }

    private Group NewGroup() => new(lists.TryPop(out var list) ? list : []);
}
