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

/// <summary>
/// The ledger's seats and the groups that fill while the disk syncs. No timer: whatever waits when the writer is free goes.
/// </summary>
internal sealed class GroupQueue(LedgerOptions options)
{
    private readonly object _gate = new();
    private readonly Queue<Group> _closed = new();
    private readonly Stack<List<Seat>> _lists = new();
    private Group _filling = new([]);
    private int _free = options.QueueRecords;
    private long _bytes;
    private bool _poked;
    private bool _ended;

    /// <summary>Records reserved or waiting.</summary>
    public int Taken => options.QueueRecords - Volatile.Read(ref _free);

    public bool TryReserve(int records)
    {
        if (Volatile.Read(ref _bytes) >= options.QueueBytes)
        {
            return false;
        }

        for (var now = Volatile.Read(ref _free); now >= records;)
        {
            var before = Interlocked.CompareExchange(ref _free, now - records, now);
            if (before == now)
            {
                return true;
            }

            now = before;
        }

        return false;
    }

    public void GiveBack(int records) => Interlocked.Add(ref _free, records);

    /// <summary>Queues an append; the group that it will be in. Null when the queue has ended.</summary>
    public Group? Add(Seat seat, int size)
    {
        lock (_gate)
        {
            if (_ended)
            {
                return null;
            }

            if (
                _filling.Records > 0
                && (_filling.Records + seat.Entries.Count > options.GroupRecords || _filling.Bytes + size > options.GroupBytes)
            )
            {
                _closed.Enqueue(_filling);
                _filling = NewGroup();
            }

            _filling.Seats.Add(seat);
            _filling.Records += seat.Entries.Count;
            _filling.Reserved += seat.Records;
            _filling.Bytes += size;
            Interlocked.Add(ref _bytes, size);
            if (_filling.Seats.Count == 1)
            {
                Monitor.Pulse(_gate);
            }

            return _filling;
        }
    }

    /// <summary>The next group, or null after <paramref name="most"/>, a poke or the end.</summary>
    public Group? Take(TimeSpan most)
    {
        lock (_gate)
        {
            if (_closed.Count == 0 && _filling.Records == 0 && !_poked && !_ended)
            {
                Monitor.Wait(_gate, most);
            }

            _poked = false;
            if (_closed.TryDequeue(out var first))
            {
                return first;
            }

            if (_filling.Records == 0)
            {
                return null;
            }

            var group = _filling;
            _filling = NewGroup();
            return group;
        }
    }

    /// <summary>Appends in the group that is filling.</summary>
    public int Waiting
    {
        get
        {
            lock (_gate)
            {
                return _filling.Seats.Count;
            }
        }
    }

    /// <summary>
    /// Whether the group that is filling has so many appends, or the writer is wanted at once: a full group, a poke, the end.
    /// </summary>
    public bool Holds(int appends)
    {
        lock (_gate)
        {
            return _filling.Seats.Count >= appends || _closed.Count > 0 || _poked || _ended;
        }
    }

    /// <summary>Gives back the room of a group that is done or failed.</summary>
    public void Finish(Group group)
    {
        Interlocked.Add(ref _bytes, -group.Bytes);
        GiveBack(group.Reserved);
    }

    /// <summary>Completes a group that is durable: its callers go on, its room and its list are free again.</summary>
    public void Complete(Group group, SignedHead head)
    {
        Finish(group);
        group.Done.SetResult(head);
        group.Seats.Clear();
        lock (_gate)
        {
            if (_lists.Count < 8)
            {
                _lists.Push(group.Seats);
            }
        }
    }

    /// <summary>Wakes the writer.</summary>
    public void Poke()
    {
        lock (_gate)
        {
            _poked = true;
            Monitor.Pulse(_gate);
        }
    }

    /// <summary>No further appends; what waits can still be taken.</summary>
    public void End()
    {
        lock (_gate)
        {
            _ended = true;
            Monitor.Pulse(_gate);
        }
    }

    private Group NewGroup() => new(_lists.TryPop(out var list) ? list : []);
}
