namespace Tokens.Replay;

/// <summary>
/// Remembers single-use ids (authority page, section 9). An implementation MUST make a reservation atomic over all callers, processes and
/// nodes that share the store, MUST NOT answer true before the reservation would survive a power failure, and MUST throw rather than guess
/// when the store cannot answer. Thread-safe.
/// </summary>
/// <remarks>Crash after a reservation and before the answer: the id is spent and the client sends a fresh one. The safe side.</remarks>
public interface IReplayGuard : IDisposable
{
    /// <summary>The store answered last time. Readiness follows it.</summary>
    bool IsHealthy { get; }

    /// <summary>
    /// True exactly once for a key until <paramref name="forgetAfter"/>; false for every other caller, now, on another node, or after a
    /// restart.
    /// </summary>
    /// <param name="key">The id; only after what carries it was verified, so that strangers cannot fill the store.</param>
    /// <param name="forgetAfter">When the id can no longer be valid; cut to fifteen minutes from now.</param>
    /// <exception cref="ReplayUnavailable">The store cannot answer, or too much waits for it: 503, and no token.</exception>
    /// <exception cref="ReplayOwnerFull">The owner has more live ids than one owner may: 429 for this owner; nobody else is held
    /// up.</exception>
    ValueTask<bool> ReserveAsync(ReplayKey key, DateTimeOffset forgetAfter);
}
