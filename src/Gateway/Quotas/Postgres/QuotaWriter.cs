using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using Gateway.Observability;
using Tokens.Stores;

namespace Gateway.Quotas.Postgres;

/// <summary>
/// The one thread that talks to the counters. Everything that waits goes into one transaction; while the server makes it durable, the next
/// one gathers. Whoever takes a share is answered after the commit that holds it.
/// </summary>
/// <remarks>
/// What a failure means: nobody of the round has a share. If the commit had happened all the same, its shares are given back by the next
/// round that succeeds; a settlement is done again, and does nothing when its lease is gone.
/// </remarks>
internal sealed class QuotaWriter : IDisposable
{
    private const int Most = 1024,
        LingerMilliseconds = 1,
        Waiting = 16_384;
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(250),
        Patience = TimeSpan.FromSeconds(3),
        SweepEvery = TimeSpan.FromMinutes(1);
    private static readonly Meter Meter = new(GatewayMeters.Name);
    private static readonly Histogram<double> Rounds = Meter.CreateHistogram<double>(
        "gateway.quota.round",
        "s",
        "One round of the shared quotas until it is durable"
    );

    private readonly Func<QuotaTable> _connect;
    private readonly TimeProvider _time;
    private readonly ILogger _log;
    private readonly BlockingCollection<QuotaWork> _queue = [];
    private readonly List<QuotaWork> _round = new(Most);
    private readonly Queue<QuotaWork> _again = new();
    private readonly Thread _thread;
    private readonly ITimer _watch;
    private QuotaTable? _table;
    private long _begun,
        _swept,
        _failed;
    private volatile QuotaWork[] _underWay = [];
    private volatile bool _healthy;

    internal QuotaWriter(Func<QuotaTable> connect, QuotaTable? first, TimeProvider time, ILogger log)
    {
        (_connect, _table, _time, _log, _healthy, _swept) = (connect, first, time, log, first is not null, time.GetTimestamp());
        _thread = new Thread(Run) { IsBackground = true, Name = "quotas" };
        _thread.Start();
        _watch = time.CreateTimer(_ => Watch(), state: null, Patience / 4, Patience / 4);
    }

    internal bool IsHealthy => _healthy;

    /// <summary>Queues work; false when too much waits or the writer has ended. What gives back is always taken.</summary>
    internal bool TryAdd(QuotaWork work)
    {
        if (_queue.IsAddingCompleted || (work.Done is not null && _queue.Count >= Waiting))
            return false;
        _queue.Add(work);
        return true;
    }

    public void Dispose()
    {
        _queue.CompleteAdding();
        _thread.Join();
        _watch.Dispose();
        _queue.Dispose();
    }

    private void Run()
    {
        var isBusy = false;
        while (_again.Count > 0 || !_queue.IsCompleted)
        {
            Gather(isBusy);
            if (_round.Count == 0)
                continue;
            isBusy = _round.Count > 1;
            Volatile.Write(ref _begun, _time.GetTimestamp());
            _underWay = [.. _round];
            try
            {
                Serve();
                if (!_healthy)
                    _log.LogInformation("The shared quotas answer again");
                _healthy = true;
            }
            catch (Exception fault)
            {
                Fail(fault);
                if (_queue.IsAddingCompleted)
                    break; // what is left is settled by the next start
            }

            _underWay = [];
            _round.Clear();
        }

        _table?.Dispose();
    }

    private void Gather(bool isBusy)
    {
        while (_round.Count < Most && _again.TryDequeue(out var work))
            _round.Add(work);
        if (_round.Count == 0 && _queue.TryTake(out var first, 1000))
            _round.Add(first);
        if (isBusy && _queue.Count < Most / 8)
            Thread.Sleep(LingerMilliseconds);
        while (_round.Count < Most && _queue.TryTake(out var next))
            _round.Add(next);
    }

    private void Serve()
    {
        var start = _time.GetTimestamp();
        // Nothing is written before the counters are read: so a connection that died meanwhile is no reason to refuse anybody.
        var (rows, open, now) = DeadConnection.Retry(isKept: _table is not null, Drop, _ => Load());
        var (taken, ended, answers) = (new List<QuotaWork>(), new List<QuotaWork>(), new List<(QuotaWork Work, QuotaDecision Decision)>());
        // What is given back in this round may be taken in it.
        foreach (var work in _round.Where(static work => work.Terms is null))
            if (End(rows, work, open))
                ended.Add(work);
        foreach (var work in _round.Where(static work => work.Terms is not null))
        {
            var decision = Begin(rows, work, now);
            if (decision.Refused is null)
                taken.Add(work);
            answers.Add((work, decision));
        }

        _table!.Store(rows, taken, ended);
        Rounds.Record(_time.GetElapsedTime(start).TotalSeconds);
        foreach (var (work, decision) in answers)
            if (!work.Done!.TrySetResult(decision) && decision.Refused is null)
                _again.Enqueue(work.Undone()); // he was told that it takes too long
        Sweep();
    }

    private (QuotaRows Rows, HashSet<string> Open, DateTimeOffset Now) Load()
    {
        _table ??= Connect();
        var rows = new QuotaRows();
        foreach (var work in _round)
        {
            if (work.Task is QuotaTask.Take or QuotaTask.Settle)
            {
                rows.Touch(_table.IdOf(work.Grant), work.Ask);
                rows.TouchWhole(_table.IdOf(work.Grant.Whole), work.Ask.Period);
            }
            else
                rows.Of(_table.IdOf(work.Grant));
        }

        var (open, now) = _table.Load(rows, [.. _round.Where(static work => work.Task == QuotaTask.Settle).Select(static work => work.Id)]);
        return (rows, open, now);
    }

    private void Drop()
    {
        _table?.Dispose();
        _table = null;
    }

    private bool End(QuotaRows rows, QuotaWork work, HashSet<string> open)
    {
        var counters = rows.Of(_table!.IdOf(work.Grant));
        if (work.Task == QuotaTask.Close)
        {
            counters.OpenBatches--;
            return true;
        }

        if (!open.Remove(work.Id))
            return false;
        counters.Settle(work.Ask, work.Charge);
        rows.Of(_table.IdOf(work.Grant.Whole)).SettleWhole(work.Ask.Period, work.Charge);
        return true;
    }

    private QuotaDecision Begin(QuotaRows rows, QuotaWork work, DateTimeOffset now)
    {
        var counters = rows.Of(_table!.IdOf(work.Grant));
        if (work.Task == QuotaTask.Take)
            return counters.Take(work.Ask, work.Terms!, now, rows.Of(_table.IdOf(work.Grant.Whole)), work.Totals);
        var limit = work.Terms!.OpenBatches ?? int.MaxValue;
        var state = new QuotaState("openBatches", limit, Math.Max(0, limit - counters.OpenBatches - 1), now.AddSeconds(30));
        return new QuotaDecision(counters.OpenBatches++ < limit ? null : Problems.Problem.BatchLimitReached, state);
    }

    private QuotaTable Connect()
    {
        if (_failed != 0 && _time.GetElapsedTime(_failed) is var since && since < Pause)
            Thread.Sleep(Pause - since);
        return _connect();
    }

    private void Fail(Exception fault)
    {
        if (_healthy)
            _log.LogError("The shared quotas do not answer: {Fault}. Nothing is asked of anybody until they do", fault.GetType().Name);
        (_healthy, _failed) = (false, _time.GetTimestamp());
        Drop();
        foreach (var work in _round)
        {
            if (work.Done is null)
                _again.Enqueue(work);
            else
            {
                work.Done.TrySetException(new QuotasUnavailable("the shared quotas do not answer"));
                _again.Enqueue(work.Undone());
            }
        }
    }

    private void Sweep()
    {
        if (_time.GetElapsedTime(_swept) < SweepEvery)
            return;
        _swept = _time.GetTimestamp();
        var period = QuotaPeriod.At(_time.GetUtcNow());
        _table!.Sweep(period.Day - 1, period.Month - 1);
    }

    // A server that hangs without an error: those who wait are told, whatever becomes of the round.
    private void Watch()
    {
        var waiting = _underWay;
        if (waiting.Length == 0 || _time.GetElapsedTime(Volatile.Read(ref _begun)) < Patience)
            return;
        if (_healthy)
            _log.LogError("The shared quotas take too long to answer. Nothing is asked of anybody until they do");
        _healthy = false;
        foreach (var work in waiting)
            work.Done?.TrySetException(new QuotasUnavailable("the shared quotas take too long"));
    }
}

/// <summary>Nobody can say what is left of the quotas: nothing may be asked. Says why, without names.</summary>
internal sealed class QuotasUnavailable(string reason) : Exception(reason);
