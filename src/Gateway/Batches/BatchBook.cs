using System.Collections.Concurrent;
using System.Security.Cryptography;
using Gateway.Audit;
using Gateway.Authorization;

namespace Gateway.Batches;

/// <summary>What an idempotency key leads to.</summary>
/// <param name="BodyHash">SHA-256 of the body it was first used with.</param>
/// <param name="BatchId">Batch that it made.</param>
/// <param name="At">When.</param>
internal sealed record IdempotentUse(byte[] BodyHash, string BatchId, DateTimeOffset At)
{
    /// <summary>Is it the same request again?</summary>
    public bool IsSame(ReadOnlySpan<byte> hash) => CryptographicOperations.FixedTimeEquals(BodyHash, hash);
}

/// <summary>
/// Batches of this process and the idempotency keys that made them (exchanges page, sections 1.12 and 1.13). Both end with the process:
/// results are encrypted under keys that nobody else holds.
/// </summary>
internal sealed class BatchBook : IDisposable
{
    private static readonly TimeSpan KeyLife = TimeSpan.FromDays(7);
    private readonly string _folder;
    private readonly IDisposable _owned;
    private readonly TimeProvider _time;
    private readonly ConcurrentDictionary<string, Batch> _batches = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<(string Institution, string Operation, string Key), IdempotentUse> _uses = new();

    /// <summary>Keeps results in <paramref name="folder"/>; deletes what an earlier process left there, for nobody has its keys.</summary>
    public BatchBook(string folder, TimeProvider time)
    {
        (_folder, _time, _owned) = (folder, time, Spool.Own(folder));
        Spool.Sweep(folder);
    }

    /// <summary>Opens a batch; it is found only once it was added.</summary>
    public Batch Open(Entitlement entitlement, ExchangeFacts submission, ReadOnlyMemory<byte> body, int lines) =>
        new(submission.Id, entitlement, submission, body, lines, new Spool(_folder, submission.Id)) { SubmittedAt = _time.GetUtcNow() };

    /// <summary>The batch of that id if it belongs to <paramref name="clientId"/>; null otherwise, whoever else's it may be.</summary>
    public Batch? Find(string id, string clientId) =>
        _batches.TryGetValue(id, out var batch) && batch.Entitlement.Caller.Client.Id == clientId ? batch : null;

    /// <summary>Claims a key for a new batch; gives the earlier use when there is one.</summary>
    public IdempotentUse? Claim(string institution, string operation, string key, IdempotentUse use)
    {
        var kept = _uses.AddOrUpdate((institution, operation, key), static (_, mine) => mine,
            static (_, earlier, mine) => mine.At - earlier.At > KeyLife ? mine : earlier, use);
        return ReferenceEquals(kept, use) ? null : kept;
    }

    /// <summary>Frees a key whose batch was not accepted after all.</summary>
    public void Release(string institution, string operation, string key) => _uses.TryRemove((institution, operation, key), out _);

    /// <summary>Adds an accepted batch.</summary>
    public void Add(Batch batch) => _batches[batch.Id] = batch;

    /// <summary>Purges what is past its time and forgets what was purged a week ago.</summary>
    public void Sweep()
    {
        var now = _time.GetUtcNow();
        foreach (var (id, batch) in _batches)
        {
            if (batch.PurgeAt is { } purge && purge <= now) batch.End(now);
            if (batch.State is not (BatchState.Purged or BatchState.Cancelled) || now - batch.SubmittedAt < KeyLife * 2) continue;
            if (_batches.TryRemove(id, out var gone)) gone.Dispose();
        }

        foreach (var (key, use) in _uses) if (now - use.At > KeyLife) _uses.TryRemove(key, out _);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var batch in _batches.Values) batch.Dispose();
        _owned.Dispose();
    }
}
