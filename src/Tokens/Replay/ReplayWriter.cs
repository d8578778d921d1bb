using System.Diagnostics.Metrics;
using System.Security.Cryptography;
using Microsoft.Extensions.Logging;
using Tokens.Stores;

namespace Tokens.Replay;

/// <summary>
/// The one thread that talks to the store. It turns everything that waits into one transaction; batches form while the store makes the one
/// before durable, and under load a moment longer, until about as many wait as the batch before served, so that one sync serves many. A
/// lone caller never waits for company. Whoever waits is answered after the commit that holds his reservation.
/// </summary>
internal sealed class ReplayWriter : IDisposable
{
    private static readonly Meter Meter = new("Tokens.Replay");
    private static readonly Histogram<double> Commits = Meter.CreateHistogram<double>(
        "replay.commit.ms",
        "ms",
        "time of one batch until it is durable"
    );
    private static readonly Counter<long> Replays = Meter.CreateCounter<long>("replay.refused", "{id}", "ids seen before");
    private static readonly Counter<long> Full = Meter.CreateCounter<long>(
        "replay.owner.full",
        "{id}",
        "ids refused because their owner has too many"
    );
    private static readonly Counter<long> Faults = Meter.CreateCounter<long>(
        "replay.faults",
        "{batch}",
        "batches that the store did not answer"
    );

    /// <summary>The shortest sleep there is: about a millisecond.</summary>
    private const int LingerMilliseconds = 1;

    /// <summary>Sleeps before a batch at most.</summary>
    private const int Lingers = 3;
    private static readonly TimeSpan FirstPause = TimeSpan.FromMilliseconds(20);
    private static readonly TimeSpan LongestPause = TimeSpan.FromMilliseconds(500);

    private readonly Func<IReplayTable> _connect;
    private readonly TimeProvider _time;
    private readonly ReplayLimits _limits;
    private readonly ILogger? _log;
    private readonly SweepClock _clock;
    private readonly WaitingLine<Waiter> _queue;
    private readonly Thread _thread;
    private readonly ITimer _watch;
    private readonly long _writer = BitConverter.ToInt64(RandomNumberGenerator.GetBytes(8));
    private readonly List<Waiter> _taken;
    private IReplayTable? _table;
    private long _exchanged;
    private long _begun;
    private long _tried;
    private TimeSpan _pause;
    private Exception? _away;
    private volatile Waiter[] _underWay = [];
    private volatile bool _healthy;

    /// <summary>
    /// Starts the thread over a first connection, or without one when the store is away: every reservation then tries again.
    /// </summary>
    internal ReplayWriter(Func<IReplayTable> connect, IReplayTable? first, TimeProvider time, ReplayLimits limits, ILogger? log)
    {
        (_connect, _table, _time, _limits, _log, _healthy) = (connect, first, time, limits, log, first is not null);
        (_clock, Recent, Owners) = (
            new SweepClock(time),
            new RecentHandles(limits.Recent),
            new OwnerCounts(limits.LivePerOwner, limits.CountedOwners)
        );
        (_queue, _taken) = (new WaitingLine<Waiter>(limits.Queue), new List<Waiter>(limits.Batch));
        _thread = new Thread(Run) { IsBackground = true, Name = "replay guard" };
        _thread.Start();
        _watch = time.CreateTimer(_ => Watch(), state: null, limits.Patience / 4, limits.Patience / 4);
    }

    internal bool IsHealthy => _healthy;
    internal RecentHandles Recent { get; }
    internal OwnerCounts Owners { get; }

    internal ValueTask<bool> Reserve(ReplayKey key, DateTimeOffset forgetAfter)
    {
        if (Recent.Saw(key))
        {
            Replays.Add(1);
            return ValueTask.FromResult(false);
        }
        var latest = _time.GetUtcNow() + ReplayLimits.MaxMemory;
        var waiter = new Waiter(key, (forgetAfter < latest ? forgetAfter : latest).ToUnixTimeSeconds());
        return _queue.TryAdd(waiter)
            ? new ValueTask<bool>(waiter.Done.Task)
            : ValueTask.FromException<bool>(new ReplayUnavailable("too many reservations wait, or the guard is closed"));
    }

    public void Dispose()
    {
        _queue.End();
        _thread.Join();
        _watch.Dispose();
    }

    private void Run()
    {
        var before = 0;
        while (_queue.Wait())
        {
            // Callers that wait for their answers come again in a body. When most of them are here, a sleep would only keep them waiting.
            for (var i = 0; before > 1 && i < Lingers && _queue.Count < int.Min(_limits.Batch / 2, before * 3 / 4); i++)
                Thread.Sleep(LingerMilliseconds);
            _queue.Take(_taken, _limits.Batch);
            if (_taken.Count == 0)
                continue; // the watch has taken them: they were told that the store takes too long
            before = _taken.Count;
            Volatile.Write(ref _begun, _time.GetTimestamp());
            _underWay = [.. _taken];
            try
            {
                DeadConnection.Retry(isKept: _table is not null, Drop, Serve);
                if (!_healthy)
                    _log?.LogInformation("the replay store answers again");
                _healthy = true;
            }
            catch (Exception exception)
            {
                // Nothing of this batch is known to be durable: nobody gets a token. The next batch starts on a fresh connection.
                Fail(new ReplayUnavailable("the replay store does not answer", exception));
            }
            _underWay = [];
            _taken.Clear();
        }
        _table?.Dispose();
    }

    // Again: the connection died in the first try, and nobody knows whether its reservations were made.
    private bool Serve(bool again)
    {
        _table ??= Connect();
        var now = _clock.Now().ToUnixTimeSeconds();
        Exchange(now);
        // The first of several copies goes to the store; the others have lost, and hear so when it is known that the first is durable.
        var batch = new Dictionary<ReplayKey, Waiter>(_taken.Count);
        foreach (var waiter in _taken)
        {
            if (Recent.Saw(waiter.Key) || batch.ContainsKey(waiter.Key))
                continue;
            if (Owners.TryAdd(waiter.Key.Owner, waiter.Forget, now))
                batch.Add(waiter.Key, waiter);
            else
                Refuse(waiter);
        }
        if (batch.Count > 0)
            Commit([.. batch.Values], now, again);
        foreach (var waiter in _taken)
            if (waiter.Done.TrySetResult(false))
                Replays.Add(1);
        return true;
    }

    /// <summary>
    /// A store that is away is tried again soon, then less often, twice a second at least; between the tries the answer is at hand.
    /// </summary>
    private IReplayTable Connect()
    {
        if (_away is not null && _time.GetElapsedTime(_tried) < _pause)
            throw _away;
        _tried = _time.GetTimestamp();
        try
        {
            var table = _connect();
            (_away, _pause) = (null, TimeSpan.Zero);
            return table;
        }
        catch (Exception exception)
        {
            (_away, _pause) = (
                exception,
                _pause * 2 is var longer && longer < FirstPause ? FirstPause
                : longer < LongestPause ? longer
                : LongestPause
            );
            throw;
        }
    }

    private void Commit(Waiter[] batch, long now, bool again)
    {
        var start = _time.GetTimestamp();
        var isNew = new bool[batch.Length];
        try
        {
            isNew = _table!.Insert([.. batch.Select(static waiter => new ReplayRow(waiter.Key.ToBytes(), waiter.Forget))], now);
        }
        finally
        {
            for (var i = 0; i < batch.Length; i++)
                if (!isNew[i])
                    Owners.Remove(batch[i].Key.Owner, batch[i].Forget);
        }
        Commits.Record(_time.GetElapsedTime(start).TotalMilliseconds);
        for (var i = 0; i < batch.Length; i++)
        {
            Recent.Add(batch[i].Key);
            if (isNew[i])
                batch[i].Done.TrySetResult(true);
            // Known already: to another caller, or to the try before. It is not called a replay, and nobody gets a token for it.
            else if (again)
                batch[i].Done.TrySetException(new ReplayUnavailable("the connection to the replay store died while ids were reserved"));
        }
    }

    private void Exchange(long now)
    {
        if (_exchanged != 0 && _time.GetElapsedTime(_exchanged) < _limits.ExchangeEvery)
            return;
        var untold = Owners.Untold(now);
        Owners.Told(untold, _table!.Exchange(_writer, untold, OwnerCounts.SlotOf(now)));
        _exchanged = _time.GetTimestamp();
    }

    private void Drop()
    {
        _table?.Dispose();
        _table = null;
    }

    private static void Refuse(Waiter waiter)
    {
        Full.Add(1);
        waiter.Done.TrySetException(new ReplayOwnerFull());
    }

    private void Fail(ReplayUnavailable reason)
    {
        Faults.Add(1);
        if (_healthy)
            _log?.LogError(reason, "the replay store does not answer: no token is issued until it does");
        _healthy = false;
        Drop();
        foreach (var waiter in _taken)
            waiter.Done.TrySetException(reason);
    }

    /// <summary>
    /// A store that hangs without an error, for example a stopped disk: those who wait are told, whatever becomes of the batch.
    /// </summary>
    private void Watch()
    {
        var waiting = _underWay;
        if (waiting.Length == 0 || _time.GetElapsedTime(Volatile.Read(ref _begun)) < _limits.Patience)
            return;
        if (_healthy)
            _log?.LogError("the replay store takes too long to answer: no token is issued until it does");
        _healthy = false;
        var reason = new ReplayUnavailable("the replay store takes too long");
        foreach (var waiter in waiting)
            waiter.Done.TrySetException(reason);
        while (_queue.TryTake(out var waiter))
            waiter.Done.TrySetException(reason);
    }

    private sealed record Waiter(ReplayKey Key, long Forget)
    {
        internal TaskCompletionSource<bool> Done { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
    }
}
