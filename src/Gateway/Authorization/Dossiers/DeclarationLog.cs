using System.Data;
using System.Data.Common;
using Tokens.Stores;

namespace Gateway.Authorization.Dossiers;

/// <summary>What reads the log: names of clauses, then the declarations in the order in which they were accepted.</summary>
internal interface IDeclarationReader
{
    /// <summary>Last clause known.</summary>
    int LastName { get; }

    /// <summary>Place of the last declaration known.</summary>
    long LastPlace { get; }

    /// <summary>A clause.</summary>
    void Name(int id, string agreement, string quality);

    /// <summary>Consecutive declarations.</summary>
    void Declared(long first, ReadOnlySpan<byte> body);
}

/// <summary>
/// The durable truth of the register: every accepted declaration, in order, up to 64 of them a row. A row is written whole or not at all.
/// Replaying the log gives the register.
/// </summary>
internal sealed class DeclarationLog(IDeclarationServer server) : IDisposable
{
    /// <summary>Declarations in one row: 2.8 kB, so that finding one of them reads one page.</summary>
    public const int RowDeclarations = 64;

    private DbConnection? _writer,
        _reader;

    /// <summary>Places taken so far, or a little more: what a start makes room for.</summary>
    public long Size(DbConnection connection)
    {
        using var command = Command(connection, transaction: null, $"SELECT max(first) FROM {server.Prefix}declared");
        return command.ExecuteScalar() is long last ? last + RowDeclarations : 0;
    }

    /// <summary>The connection that follows the log; a new one when the last one broke.</summary>
    /// <exception cref="DbException">The store does not answer.</exception>
    public DbConnection Reader()
    {
        if (_reader is not null)
            return _reader;
        var connection = server.Open();
        try
        {
            server.Listen(connection);
        }
        catch
        {
            connection.Dispose();
            throw;
        }

        return _reader = connection;
    }

    /// <summary>Forgets a connection that broke.</summary>
    public void DropReader()
    {
        _reader?.Dispose();
        _reader = null;
    }

    /// <summary>Waits until there may be more; a second at most.</summary>
    public Task WaitAsync(CancellationToken cancellation) => server.WaitAsync(Reader(), cancellation);

    /// <summary>Gives a reader what it does not know yet.</summary>
    public void Read(DbConnection connection, DbTransaction? transaction, IDeclarationReader reader)
    {
        using (
            var names = Command(
                connection,
                transaction,
                $"SELECT id, agreement, quality FROM {server.Prefix}names WHERE id > @after ORDER BY id",
                ("after", reader.LastName)
            )
        )
        using (var rows = names.ExecuteReader())
            while (rows.Read())
                reader.Name(rows.GetInt32(0), rows.GetString(1), rows.GetString(2));
        using var declared = Command(
            connection,
            transaction,
            $"SELECT first, body FROM {server.Prefix}declared WHERE first > @after ORDER BY first",
            ("after", reader.LastPlace)
        );
        using var bodies = declared.ExecuteReader(CommandBehavior.SequentialAccess);
        while (bodies.Read())
        {
            var first = bodies.GetInt64(0);
            reader.Declared(first, bodies.GetFieldValue<byte[]>(1));
        }
    }

    /// <summary>Begins the one writing turn and gives <paramref name="reader"/> what others wrote before it.</summary>
    /// <exception cref="DossiersUnavailable">The store does not answer.</exception>
    public LogTurn Begin(IDeclarationReader reader)
    {
        try
        {
            // Nothing is written yet: so a connection that died since the last turn is no reason to refuse this one.
            return DeadConnection.Retry(isKept: _writer is not null, DropWriter, _ => Turn(reader));
        }
        catch (Exception fault) when (Unanswered(fault))
        {
            DropWriter();
            throw new DossiersUnavailable("the register of dossiers does not answer", fault);
        }
    }

    private LogTurn Turn(IDeclarationReader reader)
    {
        _writer ??= server.Open();
        var transaction = server.Begin(_writer);
        try
        {
            Read(_writer, transaction, reader);
        }
        catch
        {
            transaction.Dispose();
            throw;
        }

        return new LogTurn(this, server, _writer, transaction);
    }

    /// <summary>Forgets a connection that broke; what it had begun is undone.</summary>
    public void DropWriter()
    {
        _writer?.Dispose();
        _writer = null;
    }

    /// <summary>Faults of the store, not of the program.</summary>
    public static bool Unanswered(Exception fault) =>
        fault is DbException or IOException or TimeoutException or StoreRefused or InvalidOperationException;

    /// <inheritdoc/>
    public void Dispose()
    {
        DropReader();
        DropWriter();
        server.Dispose();
    }

#pragma warning disable CA2100 // the texts are constants; what comes from outside is a parameter
    /// <summary>A command with its parameters.</summary>
    public static DbCommand Command(
        DbConnection connection,
        DbTransaction? transaction,
        string text,
        params ReadOnlySpan<(string Name, object Value)> parameters
    )
    {
        var command = connection.CreateCommand();
        (command.CommandText, command.Transaction) = (text, transaction);
        foreach (var (name, value) in parameters)
        {
            var parameter = command.CreateParameter();
            (parameter.ParameterName, parameter.Value) = (name, value);
            command.Parameters.Add(parameter);
        }

        return command;
    }
#pragma warning restore CA2100
}

/// <summary>The register's store does not answer: a declaration is not known to be durable, and nothing of it counts (503).</summary>
internal sealed class DossiersUnavailable(string reason, Exception? cause = null) : Exception(reason, cause);
