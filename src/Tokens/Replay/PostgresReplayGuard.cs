using System.Data.Common;
using Microsoft.Extensions.Logging;
using Tokens.Stores;

namespace Tokens.Replay;

/// <summary>
/// Remembers single-use ids in PostgreSQL, for several nodes: atomic over all that use the database, because the unique key is the
/// arbiter; true only after the server has confirmed the commit, with <c>synchronous_commit</c> on whatever the server's default says.
/// </summary>
public sealed class PostgresReplayGuard : IReplayGuard
{
    private readonly PostgresServer _server;
    private readonly ReplayWriter _writer;

    private PostgresReplayGuard(StoreSettings settings, TimeProvider time, ReplayLimits limits, ILogger? log)
    {
        _server = new PostgresServer(settings, PostgresReplayTable.Schema);
        IReplayTable? first = null;
        try
        {
            first = Connect();
        }
        catch (DbException exception)
        {
            // Not reachable yet: the guard starts all the same, is not healthy, refuses, and tries again with every batch.
            log?.LogError(exception, "the replay store does not answer: no token is issued until it does");
        }
        _writer = new ReplayWriter(Connect, first, time, limits, log);
    }

    /// <inheritdoc />
    public bool IsHealthy => _writer.IsHealthy;

    internal ReplayWriter Writer => _writer;

    /// <summary>Opens the store; makes its schema when it is missing.</summary>
    /// <param name="settings">Where it is.</param>
    /// <param name="time">Clock.</param>
    /// <param name="log">Told when the store stops and starts answering; null says nothing.</param>
    /// <exception cref="StoreRefused">The server may not be used, for example because it does not sync its log.</exception>
    public static PostgresReplayGuard Open(StoreSettings settings, TimeProvider time, ILogger? log = null) =>
        new(settings, time, new ReplayLimits(), log);

    internal static PostgresReplayGuard Open(StoreSettings settings, TimeProvider time, ReplayLimits limits) =>
        new(settings, time, limits, log: null);

    /// <inheritdoc />
    public ValueTask<bool> ReserveAsync(ReplayKey key, DateTimeOffset forgetAfter) => _writer.Reserve(key, forgetAfter);

    /// <inheritdoc />
    public void Dispose()
    {
        _writer.Dispose();
        _server.Dispose();
    }

    private PostgresReplayTable Connect() => new(_server.Open());
}
