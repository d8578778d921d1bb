using Microsoft.Data.Sqlite;

namespace Tokens.Replay;

/// <summary>One connection to the tables <c>replay(handle, forget)</c> and <c>owners</c>, with its statements prepared. Used by one thread.</summary>
internal sealed class SqliteReplayTable : IReplayTable
{
    private static readonly byte[] Last = [.. Enumerable.Repeat((byte)0xFF, 17)];
    private readonly SqliteConnection _connection;
    private readonly SqliteCommand _insert;
    private readonly SqliteCommand _bound;
    private readonly SqliteCommand _sweep;
    private byte[] _cursor = [];

    internal SqliteReplayTable(string file)
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
        command.CommandText = """
            CREATE TABLE IF NOT EXISTS replay(handle BLOB PRIMARY KEY, forget INTEGER NOT NULL) WITHOUT ROWID;
            CREATE TABLE IF NOT EXISTS owners(writer INTEGER, owner INTEGER, slot INTEGER, live INTEGER NOT NULL, PRIMARY KEY(writer, owner, slot)) WITHOUT ROWID
            """;
        command.ExecuteNonQuery();
    }

    public bool[] Insert(IReadOnlyList<ReplayRow> rows, long now)
    {
        using var transaction = _connection.BeginTransaction(deferred: false);
        _insert.Transaction = _bound.Transaction = _sweep.Transaction = transaction;
        var isNew = new bool[rows.Count];
        for (var i = 0; i < rows.Count; i++)
        {
            (_insert.Parameters[0].Value, _insert.Parameters[1].Value) = (rows[i].Handle, rows[i].Forget);
            isNew[i] = _insert.ExecuteNonQuery() == 1;
        }
        var next = Sweep(ReplaySweep.RowsFor(rows.Count), now);
        transaction.Commit(); // durable now: synchronous=FULL syncs the write-ahead log, and SQLite reports sync errors
        _cursor = next;
        return isNew;
    }

    public Dictionary<long, long> Exchange(long writer, IReadOnlyList<OwnerCount> changed, long slot)
    {
        using var transaction = _connection.BeginTransaction(deferred: changed.Count == 0);
        if (changed.Count > 0) Run(transaction, "DELETE FROM owners WHERE slot < $slot", ("$slot", slot));
        foreach (var one in changed)
        {
            Run(transaction, "INSERT INTO owners(writer, owner, slot, live) VALUES($writer, $owner, $slot, $live) ON CONFLICT DO UPDATE SET live = excluded.live",
                ("$writer", writer), ("$owner", one.Owner), ("$slot", one.Slot), ("$live", one.Live));
        }
        var others = new Dictionary<long, long>();
        using (var command = Command(transaction, "SELECT owner, sum(live) AS live FROM owners WHERE writer <> $writer AND slot >= $slot GROUP BY owner ORDER BY live DESC LIMIT 4096",
            ("$writer", writer), ("$slot", slot)))
        using (var reader = command.ExecuteReader()) while (reader.Read()) others[reader.GetInt64(0)] = reader.GetInt64(1);
        transaction.Commit();
        return others;
    }

    public void Dispose()
    {
        _insert.Dispose();
        _bound.Dispose();
        _sweep.Dispose();
        _connection.Dispose();
    }

    /// <summary>Deletes what may be forgotten among the next rows in key order; gives the key after which to go on.</summary>
    private byte[] Sweep(int rows, long now)
    {
        (_bound.Parameters[0].Value, _bound.Parameters[1].Value) = (_cursor, rows);
        var end = _bound.ExecuteScalar() as byte[];
        (_sweep.Parameters[0].Value, _sweep.Parameters[1].Value, _sweep.Parameters[2].Value) = (_cursor, end ?? Last, now);
        _sweep.ExecuteNonQuery();
        return end ?? [];
    }

    private static SqliteConnection Connect(string file)
    {
        var connection = new SqliteConnection(new SqliteConnectionStringBuilder { DataSource = file, Pooling = false, DefaultTimeout = 2 }.ToString());
        connection.Open();
        using var command = connection.CreateCommand();
        command.CommandText = "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA busy_timeout=2000";
        command.ExecuteNonQuery();
        return connection;
    }

#pragma warning disable CA2100 // the texts are the constants of this file
    private void Run(SqliteTransaction transaction, string text, params (string Name, object Value)[] parameters)
    {
        using var command = Command(transaction, text, parameters);
        command.ExecuteNonQuery();
    }

    private SqliteCommand Command(SqliteTransaction transaction, string text, params (string Name, object Value)[] parameters)
    {
        var command = _connection.CreateCommand();
        (command.CommandText, command.Transaction) = (text, transaction);
        foreach (var (name, value) in parameters) command.Parameters.AddWithValue(name, value);
        return command;
    }

    private SqliteCommand Prepare(string text, params (string Name, SqliteType Type)[] parameters)
    {
        var command = _connection.CreateCommand();
        command.CommandText = text;
        foreach (var (name, type) in parameters) command.Parameters.Add(name, type);
        command.Prepare();
        return command;
    }
#pragma warning restore CA2100
}
