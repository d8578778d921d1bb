using Microsoft.Data.Sqlite;

namespace Tokens.Replay;

/// <summary>One connection to the table <c>replay(handle, forget)</c>, with its statements prepared. Used by one thread.</summary>
internal sealed class ReplayTable : IDisposable
{
    private const int SweepRows = 256;
    private readonly SqliteConnection _connection;
    private readonly SqliteCommand _insert;
    private readonly SqliteCommand _bound;
    private readonly SqliteCommand _sweep;
    private SqliteTransaction? _transaction;
    private byte[] _cursor = [];

    internal ReplayTable(string file)
    {
        _connection = Connect(file);
        _insert = Prepare("INSERT INTO replay(handle, forget) VALUES($handle, $forget) ON CONFLICT(handle) DO NOTHING", ("$handle", SqliteType.Blob), ("$forget", SqliteType.Integer));
        _bound = Prepare("SELECT handle FROM replay WHERE handle > $cursor ORDER BY handle LIMIT 1 OFFSET $rows", ("$cursor", SqliteType.Blob), ("$rows", SqliteType.Integer));
        _sweep = Prepare("DELETE FROM replay WHERE handle > $cursor AND handle <= $end AND forget < $now", ("$cursor", SqliteType.Blob), ("$end", SqliteType.Blob), ("$now", SqliteType.Integer));
    }

    internal static void Create(string file)
    {
        using var connection = Connect(file);
        using var command = connection.CreateCommand();
        command.CommandText = "CREATE TABLE IF NOT EXISTS replay(handle BLOB PRIMARY KEY, forget INTEGER NOT NULL) WITHOUT ROWID";
        command.ExecuteNonQuery();
    }

    internal void Begin() => _transaction = _connection.BeginTransaction(deferred: false);

    /// <summary>True when this call put the handle there.</summary>
    internal bool Insert(byte[] handle, long forget)
    {
        _insert.Transaction = _transaction;
        (_insert.Parameters[0].Value, _insert.Parameters[1].Value) = (handle, forget);
        return _insert.ExecuteNonQuery() == 1;
    }

    /// <summary>
    /// Deletes what may be forgotten among the next rows in key order, so that the cost is the same with a thousand rows and with ten
    /// million, and no second index has to be written.
    /// </summary>
    internal void Sweep(long now)
    {
        _bound.Transaction = _sweep.Transaction = _transaction;
        (_bound.Parameters[0].Value, _bound.Parameters[1].Value) = (_cursor, SweepRows);
        var end = _bound.ExecuteScalar() as byte[];
        (_sweep.Parameters[0].Value, _sweep.Parameters[1].Value, _sweep.Parameters[2].Value) = (_cursor, end ?? Last, now);
        _sweep.ExecuteNonQuery();
        _cursor = end ?? [];
    }

    /// <summary>Durable when this returns: <c>synchronous=FULL</c> syncs the write-ahead log, and SQLite reports sync errors.</summary>
    internal void Commit()
    {
        _transaction!.Commit();
        _transaction.Dispose();
        _transaction = null;
    }

    public void Dispose()
    {
        _transaction?.Dispose();
        _insert.Dispose();
        _bound.Dispose();
        _sweep.Dispose();
        _connection.Dispose();
    }

    private static byte[] Last { get; } = [.. Enumerable.Repeat((byte)0xFF, 17)];

    private static SqliteConnection Connect(string file)
    {
        var connection = new SqliteConnection(new SqliteConnectionStringBuilder { DataSource = file, Pooling = false, DefaultTimeout = 2 }.ToString());
        connection.Open();
        using var command = connection.CreateCommand();
        command.CommandText = "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA busy_timeout=2000";
        command.ExecuteNonQuery();
        return connection;
    }

    private SqliteCommand Prepare(string text, params (string Name, SqliteType Type)[] parameters)
    {
        var command = _connection.CreateCommand();
#pragma warning disable CA2100 // the texts are the constants above
        command.CommandText = text;
#pragma warning restore CA2100
        foreach (var (name, type) in parameters) command.Parameters.Add(name, type);
        command.Prepare();
        return command;
    }
}
