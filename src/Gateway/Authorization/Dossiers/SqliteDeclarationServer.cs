using System.Data.Common;
using Microsoft.Data.Sqlite;

namespace Gateway.Authorization.Dossiers;

/// <summary>Declarations in a SQLite file: one host. Durable by <c>synchronous=FULL</c>; its write lock is the one turn.</summary>
internal sealed class SqliteDeclarationServer : IDeclarationServer
{
    private static readonly TimeSpan LookEvery = TimeSpan.FromSeconds(1);
    private readonly string _file;
    private readonly TimeProvider _time;

    /// <exception cref="SqliteException">The file cannot be opened or is no database.</exception>
    public SqliteDeclarationServer(string file, TimeProvider time)
    {
        (_file, _time) = (file, time);
        using var connection = Connect();
        using var command = connection.CreateCommand();
        command.CommandText = """
            CREATE TABLE IF NOT EXISTS names(id INTEGER PRIMARY KEY, agreement TEXT NOT NULL, quality TEXT NOT NULL, UNIQUE(agreement, quality));
            CREATE TABLE IF NOT EXISTS declared(first INTEGER PRIMARY KEY, body BLOB NOT NULL);
            CREATE TABLE IF NOT EXISTS calls(scope BLOB PRIMARY KEY, asked BLOB NOT NULL, at INTEGER NOT NULL, exchange TEXT NOT NULL, holder TEXT NOT NULL, until INTEGER NOT NULL, body BLOB) WITHOUT ROWID;
            CREATE INDEX IF NOT EXISTS calls_at ON calls(at)
            """;
        command.ExecuteNonQuery();
        Forget(connection);
    }

    /// <inheritdoc/>
    public string Prefix => "";

    /// <inheritdoc/>
    public string Now => "CAST(strftime('%s', 'now') AS INTEGER)";

    /// <inheritdoc/>
    public DbConnection Open() => Connect();

    /// <inheritdoc/>
    public DbTransaction Begin(DbConnection connection) => ((SqliteConnection)connection).BeginTransaction(deferred: false);

    /// <inheritdoc/>
    public void Announce(DbTransaction transaction)
    {
        // Other processes of the host look every second.
    }

    /// <inheritdoc/>
    public void Listen(DbConnection connection)
    {
        // As above.
    }

    /// <inheritdoc/>
    public Task WaitAsync(DbConnection connection, CancellationToken cancellation) => Task.Delay(LookEvery, _time, cancellation);

    /// <inheritdoc/>
    public void Dispose()
    {
        // Connections belong to those who opened them.
    }

    // Version 1 kept plain hashes of what was declared, which a dictionary of persons answers: they go, and leave no trace in the file.
    private static void Forget(SqliteConnection connection)
    {
        using var command = connection.CreateCommand();
        command.CommandText = "SELECT 1 FROM sqlite_master WHERE name = 'answers'";
        if (command.ExecuteScalar() is null)
            return;
        command.CommandText = "PRAGMA secure_delete=ON; DROP TABLE answers; PRAGMA wal_checkpoint(TRUNCATE)";
        command.ExecuteNonQuery();
    }

    private SqliteConnection Connect()
    {
        var connection = new SqliteConnection(
            new SqliteConnectionStringBuilder
            {
                DataSource = _file,
                Pooling = false,
                DefaultTimeout = 5,
            }.ToString()
        );
        connection.Open();
        using var command = connection.CreateCommand();
        command.CommandText = "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA busy_timeout=5000";
        command.ExecuteNonQuery();
        return connection;
    }
}
