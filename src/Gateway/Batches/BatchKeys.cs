using System.Collections.Concurrent;
using System.Security.Cryptography;
using Gateway.Authorization;
using Gateway.Problems;

namespace Gateway.Batches;

/// <summary>What an idempotency key leads to.</summary>
/// <param name="Scope">Whose key it is, digested.</param>
/// <param name="Asked">Digest of the body it was first used with.</param>
/// <param name="Batch">Batch that it made.</param>
/// <param name="At">When.</param>
internal sealed record KeyUse(byte[] Scope, byte[] Asked, string Batch, DateTimeOffset At)
{
    /// <summary>Is it the same request again?</summary>
    public bool IsSame(ReadOnlySpan<byte> asked) => CryptographicOperations.FixedTimeEquals(Asked, asked);
}

/// <summary>
/// Idempotency keys of batches (exchanges page, section 1.12). A key belongs to one system, and to the agreement, purpose and operation
/// under which it is used: nobody else's use of the same key is met. It is claimed before any work is done, by several nodes in the
/// database that they share.
/// </summary>
/// <param name="digests">Neither keys nor bodies are kept, only digests under a key that no store holds.</param>
/// <param name="shared">Claims of several nodes; null where this node is alone.</param>
/// <param name="time">Clock.</param>
internal sealed class BatchKeys(KeyedDigest digests, SharedKeys? shared, TimeProvider time)
{
    private readonly ConcurrentDictionary<string, KeyUse> _uses = new(StringComparer.Ordinal);

    /// <summary>
    /// Claims a key for a new batch; or gives the earlier use of this node, <c>idempotency-conflict</c> for another body,
    /// <c>idempotency-in-progress</c> while the batch lives on another node, <c>overloaded</c> while nobody can say.
    /// </summary>
    public async ValueTask<Verdict<KeyClaim>> ClaimAsync(Entitlement entitlement, Guid key, ReadOnlyMemory<byte> body, string batch)
    {
        var caller = entitlement.Caller;
        var scope = digests.Of(
            "batch key",
            caller.Institution.Id,
            caller.Client.Id,
            entitlement.Agreement.Id,
            caller.Purpose,
            entitlement.Operation.Id,
            key.ToString("D")
        );
        // The key is in the digest of the body: equal bodies under two keys do not look equal.
        var use = new KeyUse(scope, digests.Of("batch body " + Convert.ToHexString(scope), body.Span), batch, time.GetUtcNow());
        var kept = _uses.AddOrUpdate(
            Name(use),
            static (_, mine) => mine,
            static (_, earlier, mine) => mine.At - earlier.At > SharedKeys.Life ? mine : earlier,
            use
        );
        if (!ReferenceEquals(kept, use))
            return kept.IsSame(use.Asked) ? new KeyClaim(kept, IsNew: false) : new Refusal(Problem.IdempotencyConflict);
        if (shared is null || await shared.ClaimAsync(use) is not { } refusal)
            return new KeyClaim(use, IsNew: true);
        _uses.TryRemove(new(Name(use), use));
        return refusal;
    }

    /// <summary>Frees a key whose batch was not accepted after all.</summary>
    public async ValueTask ReleaseAsync(KeyUse use)
    {
        if (shared is not null)
            await shared.ReleaseAsync(use);
        _uses.TryRemove(new(Name(use), use));
    }

    /// <summary>Forgets keys that are past their life.</summary>
    public void Sweep()
    {
        var now = time.GetUtcNow();
        foreach (var (name, use) in _uses)
            if (now - use.At > SharedKeys.Life)
                _uses.TryRemove(new(name, use));
    }

    private static string Name(KeyUse use) => Convert.ToHexString(use.Scope);
}

/// <summary>A key that was claimed, or the use that was there before.</summary>
/// <param name="Use">The use.</param>
/// <param name="IsNew">It is this call's own.</param>
internal sealed record KeyClaim(KeyUse Use, bool IsNew);
