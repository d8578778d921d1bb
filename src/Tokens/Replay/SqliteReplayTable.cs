using Microsoft.Data.Sqlite;

namespace Tokens.Replay;

/// <summary>
/// One connection to the tables <c>replay(handle, forget)</c> and <c>owners</c>, with its statements prepared. Used by one thread.
/// </summary>
internal sealed class SqliteReplayTable : IReplayTable
{
    private static readonly byte[] Last = [.. Enumerable.Repeat((byte)0xFF, 17)];
    private readonly SqliteConnection _connection;
    private readonly SqliteStatement _begin;
    private readonly SqliteStatement _insert;
    private readonly SqliteStatement _bound;
    private readonly SqliteStatement _sweep;
    private readonly SqliteStatement _commit;
    private byte[] _cursor = [];
    private int _unswept;

    internal SqliteReplayTable(string file)
    {
        _connection = Connect(file);
        _begin = new(_connection, "BEGIN IMMEDIATE");
        _insert = new(_connection, "INSERT INTO replay(handle, forget) VALUES(?1, ?2) ON CONFLICT(handle) DO NOTHING");
        _bound = new(_connection, "SELECT handle FROM replay WHERE handle > ?1 ORDER BY handle LIMIT 1 OFFSET ?2");
        _sweep = new(_connection, "DELETE FROM replay WHERE handle > ?1 AND handle <= ?2 AND forget < ?3");
        _commit = new(_connection, "COMMIT");
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
        // No other writer from here to the commit: what is new is decided. An exception leaves the transaction to the end of the
        // connection.
        _begin.Run();
        var isNew = new bool[rows.Count];
        for (var i = 0; i < rows.Count; i++)
            isNew[i] = _insert.Bind(1, rows[i].Handle).Bind(2, rows[i].Forget).Run() == 1;
        _unswept += rows.Count;
        var sweeps = rows.Count == 1 || _unswept >= ReplaySweep.Every;
        var next = sweeps ? Sweep(ReplaySweep.RowsFor(_unswept), now) : _cursor;
        _commit.Run(); // durable now: synchronous=FULL syncs the write-ahead log, and SQLite reports sync errors
        _cursor = next;
        if (sweeps)
            _unswept = 0;
        return isNew;
    }

    public Dictionary<long, long> Exchange(long writer, IReadOnlyList<OwnerCount> changed, long slot)
    {
        using var transaction = _connection.BeginTransaction(deferred: changed.Count == 0);
        if (changed.Count > 0)
            Run(transaction, "DELETE FROM owners WHERE slot < $slot", ("$slot", slot));
        foreach (var one in changed)
        {
            Run(
                transaction,
                "INSERT INTO owners(writer, owner, slot, live) VALUES($writer, $owner, $slot, $live) ON CONFLICT DO UPDATE SET live = excluded.live",
                ("$writer", writer),
                ("$owner", one.Owner),
                ("$slot", one.Slot),
                ("$live", one.Live)
            );
        }
        var others = new Dictionary<long, long>();
        using (
            var command = Command(
                transaction,
                "SELECT owner, sum(live) AS live FROM owners WHERE writer <> $writer AND slot >= $slot GROUP BY owner ORDER BY live DESC LIMIT 4096",
                ("$writer", writer),
                ("$slot", slot)
            )
        )
        using (var reader = command.ExecuteReader())
            while (reader.Read())
                others[reader.GetInt64(0)] = reader.GetInt64(1);
        transaction.Commit();
        return others;
    }

    public void Dispose()
    {
        _begin.Dispose();
        _insert.Dispose();
        _bound.Dispose();
        _sweep.Dispose();
        _commit.Dispose();
        _connection.Dispose();
    }

    /// <summary>Deletes what may be forgotten among the next rows in key order; gives the key after which to go on.</summary>
    private byte[] Sweep(int rows, long now)
    {
        var end = _bound.Bind(1, _cursor).Bind(2, rows).Find();
        _sweep.Bind(1, _cursor).Bind(2, end ?? Last).Bind(3, now).Run();
        return end ?? [];
    }

    private static SqliteConnection Connect(string file)
    {
        var connection = new SqliteConnection(
            new SqliteConnectionStringBuilder
            {
                DataSource = file,
                Pooling = false,
                DefaultTimeout = 2,
            }.ToString()
        );
        connection.Open();
        using var command = connection.CreateCommand();
        command.CommandText = "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA busy_timeout=2000; PRAGMA wal_autocheckpoint=2000";
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
        foreach (var (name, value) in parameters)
            command.Parameters.AddWithValue(name, value);
        return command;
    }
#pragma warning restore CA2100
}
