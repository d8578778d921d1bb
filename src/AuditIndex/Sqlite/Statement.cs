using Microsoft.Data.Sqlite;
using SQLitePCL;

namespace AuditIndex.Sqlite;

/// <summary>
/// A prepared statement without parameter objects: a row has 26 values, and binding them through the provider costs more than writing the
/// row.
/// </summary>
internal sealed class Statement : IDisposable
{
    private readonly sqlite3 _database;
    private readonly sqlite3_stmt _statement;
    private int _next;

    public Statement(SqliteConnection connection, string sql)
    {
        _database = connection.Handle!;
        Check(raw.sqlite3_prepare_v2(_database, sql, out _statement));
    }

    public void Bind(long value) => Check(raw.sqlite3_bind_int64(_statement, ++_next, value));

    public void Bind(long? value) =>
        Check(value is { } known ? raw.sqlite3_bind_int64(_statement, ++_next, known) : raw.sqlite3_bind_null(_statement, ++_next));

    public void Bind(byte[]? value) =>
        Check(value is null ? raw.sqlite3_bind_null(_statement, ++_next) : raw.sqlite3_bind_blob(_statement, ++_next, value));

    public void Bind(string value) => Check(raw.sqlite3_bind_text(_statement, ++_next, value));

    /// <summary>Runs the statement with what was bound, and makes it ready for the next row.</summary>
    public void Run()
    {
        var code = raw.sqlite3_step(_statement);
        _ = raw.sqlite3_reset(_statement);
        _next = 0;
        if (code is not (raw.SQLITE_DONE or raw.SQLITE_ROW))
        {
            Check(code);
        }
    }

    public void Dispose() => _statement.Dispose();

    private void Check(int code) => SqliteException.ThrowExceptionForRC(code, _database);
}
