using Tokens.Stores;

namespace Tokens.Replay;

/// <summary>The one place that picks a replay guard by configuration.</summary>
public static class ReplayStore
{
    /// <summary>Opens or creates the store. The caller disposes of the guard.</summary>
    /// <exception cref="StoreRefused">The settings name no store, or one that may not be used; says why.</exception>
    public static IReplayGuard Open(StoreSettings settings, TimeProvider time) => SqliteReplayGuard.Open(settings.RequiredFile, time);
}
