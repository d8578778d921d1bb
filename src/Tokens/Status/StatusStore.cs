using Microsoft.Extensions.Logging;
using Tokens.Stores;

namespace Tokens.Status;

/// <summary>The one place that picks a status list by configuration.</summary>
public static class StatusStore
{
    /// <summary>Opens or creates the list. The caller disposes of it.</summary>
    /// <param name="settings">Where it is.</param>
    /// <param name="time">Clock.</param>
    /// <param name="log">Told when the store stops and starts answering; null says nothing.</param>
    /// <exception cref="StoreRefused">The settings name no store, or one that may not be used; says why.</exception>
    public static ITokenStatus Open(StoreSettings settings, TimeProvider time, ILogger? log = null) =>
        settings.Open<ITokenStatus>(
            "the status list (Status)",
            file => SqliteTokenStatus.Open(file, time, log),
            server => PostgresTokenStatus.Open(server, time, log)
        );
}
