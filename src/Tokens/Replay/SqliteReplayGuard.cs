using Microsoft.Data.Sqlite;
using Microsoft.Extensions.Logging;

namespace Tokens.Replay;

/// <summary>
/// Remembers single-use ids in a SQLite file: atomic over all callers and all processes of the host that share the file, because the
/// unique key is the arbiter; true only after the reservation is on the disk.
/// </summary>
public sealed class SqliteReplayGuard : IReplayGuard
{
    private readonly ReplayWriter _writer;

    private SqliteReplayGuard(string file, TimeProvider time, ReplayLimits limits, ILogger? log)
    {
        SqliteReplayTable.Create(file);
        _writer = new ReplayWriter(() => new SqliteReplayTable(file), new SqliteReplayTable(file), time, limits, log);
    }

    /// <inheritdoc />
    public bool IsHealthy => _writer.IsHealthy;

    internal ReplayWriter Writer => _writer;

    /// <summary>Opens or creates the file.</summary>
    /// <param name="file">The file.</param>
    /// <param name="time">Clock.</param>
    /// <param name="log">Told when the store stops and starts answering; null says nothing.</param>
    /// <exception cref="SqliteException">The file cannot be opened or is no database.</exception>
    public static SqliteReplayGuard Open(string file, TimeProvider time, ILogger? log = null) => new(file, time, new ReplayLimits(), log);

    internal static SqliteReplayGuard Open(string file, TimeProvider time, ReplayLimits limits) => new(file, time, limits, log: null);

    /// <inheritdoc />
    public ValueTask<bool> ReserveAsync(ReplayKey key, DateTimeOffset forgetAfter) => _writer.Reserve(key, forgetAfter);

    /// <inheritdoc />
    public void Dispose() => _writer.Dispose();
}
