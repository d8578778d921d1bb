using Microsoft.Data.Sqlite;
using SQLitePCL;

namespace AuditIndex.Sqlite;

/// <summary>
/// A prepared statement without parameter objects: a row has 26 values, and binding them through the provider costs more than writing the row.
/// </summary>
internal sealed class Statement : IDisposable
{
    private readonly sqlite3 database;
    private readonly sqlite3_stmt statement;
    private int next;

    public Statement(SqliteConnection connection, string sql)
    {
        database = connection.Handle!;
        Check(raw.sqlite3_prepare_v2(database, sql, out statement));
    }

    public void Bind(long value) => Check(raw.sqlite3_bind_int64(statement, ++next, value));

    public void Bind(long? value) => Check(value is { } known ? raw.sqlite3_bind_int64(statement, ++next, known) : raw.sqlite3_bind_null(statement, ++next));

    public void Bind(byte[]? value) => Check(value is null ? raw.sqlite3_bind_null(statement, ++next) : raw.sqlite3_bind_blob(statement, ++next, value));

    public void Bind(string value) => Check(raw.sqlite3_bind_text(statement, ++next, value));

    /// <summary>Runs the statement with what was bound, and makes it ready for the next row.</summary>
    public void Run()
    {
        var code = raw.sqlite3_step(statement);
        _ = raw.sqlite3_reset(statement);
        next = 0;
        if (code is not (raw.SQLITE_DONE or raw.SQLITE_ROW))
        {
            Check(code);
        }
    }

    public void Dispose() => statement.Dispose();

    private void Check(int code) => SqliteException.ThrowExceptionForRC(code, database);
}
