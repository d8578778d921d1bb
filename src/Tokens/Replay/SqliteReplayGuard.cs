using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using Microsoft.Data.Sqlite;

namespace Tokens.Replay;

/// <summary>
/// Remembers single-use ids in a SQLite file: atomic over all callers and all processes of the host that share the file, because the
/// unique key is the arbiter; true only after the reservation is on the disk. One writer thread turns everything that waits into one
/// transaction; batches form by themselves while the disk syncs, there is no timer.
/// </summary>
/// <remarks>Crash after a reservation and before the answer: the id is spent and the client sends a fresh one. The safe side.</remarks>
public sealed class SqliteReplayGuard : IReplayGuard
{
    /// <summary>Longest memory. Assertions live ten minutes at most.</summary>
    public static readonly TimeSpan MaxMemory = TimeSpan.FromMinutes(15);
    private const int QueueLimit = 16_384;
    private const int BatchLimit = 1024;
    private const int RecentLimit = 65_536;
    private static readonly Meter Meter = new("Tokens.Replay");
    private static readonly Histogram<double> Commits = Meter.CreateHistogram<double>("replay.commit.ms", "ms", "time of one batch, sync included");
    private static readonly Counter<long> Replays = Meter.CreateCounter<long>("replay.refused", "{id}", "ids seen before");

    private readonly string _file;
    private readonly TimeProvider _time;
    private readonly RecentHandles _recent = new(RecentLimit);
    private readonly BlockingCollection<Waiter> _queue = new(QueueLimit);
    private readonly Thread _writer;
    private volatile bool _healthy = true;

    private SqliteReplayGuard(string file, TimeProvider time)
    {
        (_file, _time) = (file, time);
        ReplayTable.Create(file);
        _writer = new Thread(Write) { IsBackground = true, Name = "replay guard" };
        _writer.Start();
    }

    /// <inheritdoc />
    public bool IsHealthy => _healthy;

    /// <summary>Opens or creates the file.</summary>
    /// <exception cref="SqliteException">The file cannot be opened or is no database.</exception>
    public static SqliteReplayGuard Open(string file, TimeProvider time) => new(file, time);

    /// <inheritdoc />
    public ValueTask<bool> ReserveAsync(ReplayKey key, DateTimeOffset forgetAfter)
    {
        if (_recent.Saw(key))
        {
            Replays.Add(1);
            return ValueTask.FromResult(false);
        }
        var latest = _time.GetUtcNow() + MaxMemory;
        var waiter = new Waiter(key, forgetAfter < latest ? forgetAfter : latest);
        return !_queue.IsAddingCompleted && _queue.TryAdd(waiter)
            ? new ValueTask<bool>(waiter.Done.Task)
            : ValueTask.FromException<bool>(new ReplayUnavailable("too many reservations wait, or the guard is closed"));
    }

    /// <inheritdoc />
    public void Dispose()
    {
        _queue.CompleteAdding();
        _writer.Join();
        _queue.Dispose();
    }

    private void Write()
    {
        ReplayTable? table = null;
        var batch = new List<Waiter>(BatchLimit);
        foreach (var first in _queue.GetConsumingEnumerable())
        {
            batch.Add(first);
            while (batch.Count < BatchLimit && _queue.TryTake(out var next)) batch.Add(next);
            try
            {
                table ??= new ReplayTable(_file);
                Commit(table, batch);
                _healthy = true;
            }
            catch (SqliteException exception)
            {
                // Nothing of this batch is known to be durable: nobody gets a token. The next batch starts on a fresh connection.
                _healthy = false;
                table?.Dispose();
                table = null;
                foreach (var waiter in batch) waiter.Done.TrySetException(new ReplayUnavailable("the replay store does not answer", exception));
            }
            batch.Clear();
        }
        table?.Dispose();
    }

    private void Commit(ReplayTable table, List<Waiter> batch)
    {
        var start = _time.GetTimestamp();
        var won = new bool[batch.Count];
        table.Begin();
        for (var i = 0; i < batch.Count; i++) won[i] = table.Insert(batch[i].Key.ToBytes(), batch[i].Forget.ToUnixTimeSeconds());
        table.Sweep(_time.GetUtcNow().ToUnixTimeSeconds());
        table.Commit();
        Commits.Record(_time.GetElapsedTime(start).TotalMilliseconds);
        for (var i = 0; i < batch.Count; i++)
        {
            _recent.Add(batch[i].Key);
            if (!won[i]) Replays.Add(1);
            batch[i].Done.TrySetResult(won[i]);
        }
    }

    private sealed record Waiter(ReplayKey Key, DateTimeOffset Forget)
    {
        internal TaskCompletionSource<bool> Done { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
    }
}
