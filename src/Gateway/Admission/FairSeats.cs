using System.Collections.Concurrent;

namespace Gateway.Admission;

/// <summary>
/// A number of seats that many clients share. While there are free ones, a seat costs one interlocked step. When there are none, callers
/// wait by client: each seat that becomes free goes to the client that has the fewest, in turn among equals, and within a client to who
/// waits longest. So it does not matter to one client how many callers another one has. Nobody is refused for the length of the queue: a
/// caller waits until its own time is over. Thread-safe.
/// </summary>
/// <remarks>
/// Batches of all clients together leave at least half of the seats to single questions. Whoever arrives counts itself as waiting before it
/// looks for a free seat, whoever leaves frees the seat before it looks for somebody who waits: one of the two sees the other.
/// </remarks>
internal sealed class FairSeats
{
    // Far more lanes than there can be connections: only then is it worth looking for those that nobody uses.
    private const int MostLanes = 20_000;
    private readonly Lock _gate = new();
    private readonly ConcurrentDictionary<string, FairLane> _lanes = new(StringComparer.Ordinal),
        _bulkLanes = new(StringComparer.Ordinal);

    // Clients with somebody who waits; the first has waited longest for its turn.
    private readonly LinkedList<FairLane> _turns = [];
    private readonly int _mostBulk;
    private readonly TimeProvider _time;
    private int _free,
        _waiting,
        _bulk;

    /// <summary>Makes free seats.</summary>
    /// <param name="seats">How many.</param>
    /// <param name="time">Clock.</param>
    public FairSeats(int seats, TimeProvider time) => (_free, _mostBulk, _time) = (seats, Math.Max(1, seats / 2), time);

    /// <summary>Callers that wait.</summary>
    public int Waiting => Volatile.Read(ref _waiting);

    /// <summary>Callers that wait, by client.</summary>
    public IReadOnlyList<(string Client, int Waiting)> WaitingByClient
    {
        get
        {
            lock (_gate)
                return
                [
                    .. _turns
                        .GroupBy(static lane => lane.Client, StringComparer.Ordinal)
                        .Select(static lanes => (lanes.Key, lanes.Sum(static lane => lane.Waiters.Count))),
                ];
        }
    }

    /// <summary>The lane of a client's single calls.</summary>
    public FairLane LaneOf(string client) => Lane(_lanes, client, isBulk: false);

    /// <summary>The lane of a client's batches.</summary>
    public FairLane BulkLaneOf(string client) => Lane(_bulkLanes, client, isBulk: true);

    /// <summary>Takes a seat, at once if one is free and nobody waits; false when <paramref name="patience"/> was over before.</summary>
    /// <param name="lane">Lane of the client.</param>
    /// <param name="patience">Longest wait.</param>
    /// <param name="cancellation">The caller hung up: it leaves the queue at once.</param>
    /// <exception cref="OperationCanceledException">The caller hung up.</exception>
    public ValueTask<bool> EnterAsync(FairLane lane, TimeSpan patience, CancellationToken cancellation)
    {
        if (!lane.IsBulk && Waiting == 0 && TryTake())
        {
            lane.Take();
            return new ValueTask<bool>(true);
        }

        var waiter = new FairWaiter(this, lane);
        lock (_gate)
        {
            if (lane.Waiters.Count == 0)
                _turns.AddLast(lane);
            lane.Waiters.AddLast(waiter.Place);
            Interlocked.Increment(ref _waiting);
            Serve();
        }

        return waiter.Task.IsCompleted ? new ValueTask<bool>(true) : WaitAsync(waiter, patience, cancellation);
    }

    /// <summary>Takes a seat whether one is free or not: what has begun goes on, and those who begin wait longer instead.</summary>
    public void Return(FairLane lane)
    {
        lane.Take();
        Interlocked.Decrement(ref _free);
        if (!lane.IsBulk)
            return;
        lock (_gate)
            _bulk++;
    }

    /// <summary>Gives a seat back.</summary>
    public void Leave(FairLane lane)
    {
        lane.Leave();
        if (lane.IsBulk)
        {
            lock (_gate)
            {
                _bulk--;
                Interlocked.Increment(ref _free);
                Serve();
            }

            return;
        }

        Interlocked.Increment(ref _free);
        if (Waiting == 0)
            return;
        lock (_gate)
            Serve();
    }

    /// <summary>A caller that waits leaves without a seat; nothing when it has one already.</summary>
    public void GiveUp(FairWaiter waiter)
    {
        lock (_gate)
        {
            if (waiter.Place.List is null)
                return;
            Remove(waiter);
            if (waiter.Lane.Waiters.Count == 0)
                _turns.Remove(waiter.Lane);
            waiter.SetResult(false);
        }
    }

    private async ValueTask<bool> WaitAsync(FairWaiter waiter, TimeSpan patience, CancellationToken cancellation)
    {
        await using var hungUp = cancellation.UnsafeRegister(static state => ((FairWaiter)state!).GiveUp(), waiter);
        await using var late = _time.CreateTimer(static state => ((FairWaiter)state!).GiveUp(), waiter, patience, Timeout.InfiniteTimeSpan);
        var seated = await waiter.Task;
        if (!seated)
            cancellation.ThrowIfCancellationRequested();
        return seated;
    }

    // Under the gate: as many seats as are free go to those whose turn it is.
    private void Serve()
    {
        while (Next() is { } turn && TryTake())
        {
            var (lane, waiter) = (turn.Value, turn.Value.Waiters.First!.Value);
            Remove(waiter);
            _turns.Remove(turn);
            if (lane.Waiters.Count > 0)
                _turns.AddLast(turn);
            lane.Take();
            if (lane.IsBulk)
                _bulk++;
            waiter.SetResult(true);
        }
    }

    private void Remove(FairWaiter waiter)
    {
        waiter.Lane.Waiters.Remove(waiter.Place);
        Interlocked.Decrement(ref _waiting);
    }

    private LinkedListNode<FairLane>? Next()
    {
        LinkedListNode<FairLane>? next = null;
        for (var turn = _turns.First; turn is not null; turn = turn.Next)
            if (!(turn.Value.IsBulk && _bulk >= _mostBulk) && (next is null || turn.Value.Taken < next.Value.Taken))
                next = turn;
        return next;
    }

    private bool TryTake()
    {
        var free = Volatile.Read(ref _free);
        while (free > 0)
        {
            var seen = Interlocked.CompareExchange(ref _free, free - 1, free);
            if (seen == free)
                return true;
            free = seen;
        }

        return false;
    }

    // A lane that is forgotten while somebody is about to enter it lives on with him; its client begins anew meanwhile.
    private static FairLane Lane(ConcurrentDictionary<string, FairLane> lanes, string client, bool isBulk)
    {
        if (lanes.TryGetValue(client, out var known))
            return known;
        if (lanes.Count > MostLanes)
            foreach (var (name, lane) in lanes)
                if (lane.Taken == 0)
                    lanes.TryRemove(name, out _);
        return lanes.GetOrAdd(client, static (name, bulk) => new FairLane(name, bulk), isBulk);
    }
}
