using Tokens.Stores;

namespace Tokens.Status;

/// <summary>The one place that picks a status list by configuration.</summary>
public static class StatusStore
{
    /// <summary>Opens or creates the list. The caller disposes of it.</summary>
    /// <exception cref="StoreRefused">The settings name no store, or one that may not be used; says why.</exception>
    public static ITokenStatus Open(StoreSettings settings, TimeProvider time) => SqliteTokenStatus.Open(settings.RequiredFile, time);
}
