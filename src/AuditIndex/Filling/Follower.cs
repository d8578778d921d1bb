using AuditIndex.Questions;
using Ledger;
using Ledger.Tiles;

namespace AuditIndex.Filling;

/// <summary>
/// Fills an index from published bundles, never on the durable path. Every record is hashed and compared with the tree before it enters.
/// One follower per index at a time.
/// </summary>
internal sealed class Follower(IRecordIndex index, IReadOnlyList<LogSource> logs, int batch = 2048)
{
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(500);
    private readonly Dictionary<string, (long Size, TreeHash Root)> _seen = new(StringComparer.Ordinal);
    private readonly RecordReader _reader = new();

    /// <summary>Told after each batch: the log, how far it is applied, how far it is published.</summary>
    public Action<string, long, long>? Progress { get; init; }

    /// <summary>Applies what is published and not yet applied.</summary>
    /// <returns>How many positions were applied.</returns>
    /// <exception cref="LedgerDamaged">A log does not agree with itself, or is not the one that was followed so far.</exception>
    public long CatchUp(CancellationToken cancel = default)
    {
        long applied = 0;
        var positions = index.Positions();
        foreach (var source in logs)
        {
            if (source.IsPublished)
            {
                var log = source.Open();
                var next = positions.GetValueOrDefault(source.Origin);
                Continues(source, log, next);
                applied += CatchUp(source.Origin, log, next, cancel);
            }
        }

        return applied;
    }

    /// <summary>Follows until cancelled. A log that cannot be read now is tried again; damage ends it.</summary>
    /// <exception cref="LedgerDamaged">As <see cref="CatchUp(CancellationToken)"/>.</exception>
    public async Task Follow(TimeProvider time, CancellationToken cancel)
    {
        while (!cancel.IsCancellationRequested)
        {
            try
            {
                CatchUp(cancel);
            }
            catch (Exception e) when (e is IOException or OperationCanceledException)
            {
                // A bundle renamed under our eyes, a volume away, or the end: the next round begins where this one stopped.
            }

            await Task.Delay(Pause, time, cancel).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    /// <summary>A log may only grow: a smaller one, or one whose beginning is another, is not the log that was followed.</summary>
    private void Continues(LogSource source, LogReader log, long next)
    {
        if (log.Checkpoint.Size < next)
        {
            throw new LedgerDamaged(
                "checkpoint",
                $"the log has {log.Checkpoint.Size} records, the index {next}: it was rolled back or replaced"
            );
        }

        if (_seen.TryGetValue(source.Origin, out var before) && before.Size > 0 && log.RootAt(before.Size) != before.Root)
        {
            throw new LedgerDamaged(
                "checkpoint",
                $"the first {before.Size} records are not those that were followed: the log has two histories"
            );
        }

        _seen[source.Origin] = (log.Checkpoint.Size, log.Checkpoint.Root);
    }

    private long CatchUp(string origin, LogReader log, long next, CancellationToken cancel)
    {
        var first = next;
        var runs = new RunBuilder(batch, (from, to, run) =>
        {
            index.Apply(origin, from, to, run);
            Progress?.Invoke(origin, to, log.Checkpoint.Size);
        });
        foreach (var entry in log.Entries(next))
        {
            cancel.ThrowIfCancellationRequested();
            runs.Add(_reader.Read(entry.Index, entry.Text.Span));
            next = entry.Index + 1;
        }

        runs.End();
        return next - first;
    }
}
