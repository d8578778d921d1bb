using System.Collections.Concurrent;
using Gateway.Audit;
using Gateway.Authorization;

namespace Gateway.Batches;

/// <summary>
/// Batches of this process (exchanges page, section 1.13). They end with it: results are encrypted under keys that nobody else holds.
/// </summary>
internal sealed class BatchBook : IDisposable
{
    private static readonly TimeSpan Remembered = TimeSpan.FromDays(14);
    private readonly string _folder;
    private readonly IDisposable _owned;
    private readonly TimeProvider _time;
    private readonly ConcurrentDictionary<string, Batch> _batches = new(StringComparer.Ordinal);

    /// <summary>Keeps results in <paramref name="folder"/>; deletes what an earlier process left there, for nobody has its keys.</summary>
    public BatchBook(string folder, TimeProvider time)
    {
        (_folder, _time, _owned) = (folder, time, Spool.Own(folder));
        Spool.Sweep(folder);
    }

    /// <summary>Opens a batch; it is found only once it was added.</summary>
    public Batch Open(Entitlement entitlement, ExchangeFacts submission, ReadOnlyMemory<byte> body, int lines) =>
        new(submission.Id, entitlement, submission, body, lines, new Spool(_folder, submission.Id)) { SubmittedAt = _time.GetUtcNow() };

    /// <summary>
    /// The batch of that id if it is this caller's, see <see cref="Batch.IsOf"/>; null otherwise, whoever else's it may be.
    /// </summary>
    public Batch? Find(string id, Entitlement now) => _batches.TryGetValue(id, out var batch) && batch.IsOf(now) ? batch : null;

    /// <summary>Adds an accepted batch.</summary>
    public void Add(Batch batch) => _batches[batch.Id] = batch;

    /// <summary>Cancels what is running, or purges what is done.</summary>
    public void End(Batch batch) => batch.End(_time.GetUtcNow());

    /// <summary>Purges results that the agreement as it is <paramref name="now"/> keeps no longer.</summary>
    public void PurgeIfDue(Batch batch, Entitlement now)
    {
        if (batch.CompletedAt + now.Agreement.BatchResults <= _time.GetUtcNow())
            End(batch);
    }

    /// <summary>Purges what is past its time and forgets what was purged a week ago.</summary>
    public void Sweep()
    {
        var now = _time.GetUtcNow();
        foreach (var (id, batch) in _batches)
        {
            if (batch.PurgeAt is { } purge && purge <= now)
                batch.End(now);
            if (batch.State is not (BatchState.Purged or BatchState.Cancelled) || now - batch.SubmittedAt < Remembered)
                continue;
            if (_batches.TryRemove(id, out var gone))
                gone.Dispose();
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var batch in _batches.Values)
            batch.Dispose();
        _owned.Dispose();
    }
}
