using Microsoft.Extensions.Logging;
using Tokens.Stores;

namespace Tokens.Replay;

/// <summary>The one place that picks a replay guard by configuration.</summary>
public static class ReplayStore
{
    /// <summary>Opens or creates the store. The caller disposes of the guard.</summary>
    /// <param name="settings">Where it is.</param>
    /// <param name="time">Clock.</param>
    /// <param name="log">Told when the store stops and starts answering; null says nothing.</param>
    /// <exception cref="StoreRefused">The settings name no store, or one that may not be used; says why.</exception>
    public static IReplayGuard Open(StoreSettings settings, TimeProvider time, ILogger? log = null) =>
        settings.Open<IReplayGuard>(
            "the memory of used proofs (Replay)",
            file => SqliteReplayGuard.Open(file, time, log),
            server => PostgresReplayGuard.Open(server, time, log)
        );
}
