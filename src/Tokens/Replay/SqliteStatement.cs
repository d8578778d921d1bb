using Microsoft.Data.Sqlite;
using SQLitePCL;

namespace Tokens.Replay;

/// <summary>
/// One prepared statement, run over and over. The command of the provider makes a reader, a batch and a transaction object for each run,
/// which costs more than the row that it puts there. Used by one thread.
/// </summary>
internal sealed class SqliteStatement : IDisposable
{
    private readonly sqlite3 _connection;
    private readonly sqlite3_stmt _statement;

    /// <summary>Prepares it.</summary>
    /// <exception cref="SqliteException">The text or the file is not sound.</exception>
    internal SqliteStatement(SqliteConnection connection, string text)
    {
        _connection = connection.Handle ?? throw new InvalidOperationException("the connection is not open");
        Check(raw.sqlite3_prepare_v2(_connection, text, out _statement));
    }

    /// <summary>Sets a parameter to a blob.</summary>
    internal SqliteStatement Bind(int parameter, ReadOnlySpan<byte> value)
    {
        Check(value.IsEmpty ? raw.sqlite3_bind_zeroblob(_statement, parameter, 0) : raw.sqlite3_bind_blob(_statement, parameter, value));
        return this;
    }

    /// <summary>Sets a parameter to a number.</summary>
    internal SqliteStatement Bind(int parameter, long value)
    {
        Check(raw.sqlite3_bind_int64(_statement, parameter, value));
        return this;
    }

    /// <summary>Runs it to its end.</summary>
    /// <returns>Rows changed by the last statement that changed any.</returns>
    /// <exception cref="SqliteException">It did not run to its end; a lock of another process that outlasts the patience of the connection
    /// is one reason.</exception>
    internal int Run()
    {
        Step();
        return raw.sqlite3_changes(_connection);
    }

    /// <summary>The blob in the first column of the first row; null without a row.</summary>
    /// <exception cref="SqliteException">As <see cref="Run"/>.</exception>
    internal byte[]? Find() => Step();

    public void Dispose() => _statement.Dispose();

    private byte[]? Step()
    {
        var result = raw.sqlite3_step(_statement);
        var found = result == raw.SQLITE_ROW ? raw.sqlite3_column_blob(_statement, 0).ToArray() : null;
        // Always reset, so that no read of this statement stays open; it repeats the error of the step.
        var reset = raw.sqlite3_reset(_statement);
        Check(result is raw.SQLITE_ROW or raw.SQLITE_DONE ? reset : result);
        return found;
    }

    private void Check(int result)
    {
        if (result != raw.SQLITE_OK)
            SqliteException.ThrowExceptionForRC(result, _connection);
    }
}
