using System.Data.Common;
using Npgsql;
using Tokens.Stores;

namespace Gateway.Authorization.Dossiers;

/// <summary>
/// Declarations in PostgreSQL: several nodes. An advisory lock, held to the end of the transaction, is the one turn: so places in the log
/// are taken in the order of the commits, and a reader that has seen one has seen all before it.
/// </summary>
internal sealed class PostgresDeclarationServer(StoreSettings settings) : IDeclarationServer
{
    private static readonly TimeSpan LookEvery = TimeSpan.FromSeconds(1);
    private static readonly PostgresSchema Schema = new(
        "dossiers",
        Version: 2,
        Logged: "dossiers.declared",
        typeof(PostgresDeclarationServer).Assembly
    );
    private readonly PostgresServer _server = new(settings, Schema);

    /// <inheritdoc/>
    public string Prefix => "dossiers.";

    /// <inheritdoc/>
    public string Now => "extract(epoch FROM clock_timestamp())::bigint";

    /// <inheritdoc/>
    public DbConnection Open() => _server.Open();

    /// <inheritdoc/>
    public DbTransaction Begin(DbConnection connection)
    {
        var transaction = connection.BeginTransaction();
        try
        {
            // Waits as long as a command may, two seconds: a turn takes milliseconds.
            Run(transaction, "SELECT pg_advisory_xact_lock(hashtext('dossiers.declared'))");
            return transaction;
        }
        catch
        {
            transaction.Dispose();
            throw;
        }
    }

    /// <inheritdoc/>
    public void Announce(DbTransaction transaction) => Run(transaction, "NOTIFY dossiers");

    /// <inheritdoc/>
    public void Listen(DbConnection connection)
    {
        using var command = new NpgsqlCommand("LISTEN dossiers", (NpgsqlConnection)connection);
        command.ExecuteNonQuery();
    }

    /// <inheritdoc/>
    public Task WaitAsync(DbConnection connection, CancellationToken cancellation) =>
        ((NpgsqlConnection)connection).WaitAsync(LookEvery, cancellation);

    /// <inheritdoc/>
    public void Dispose() => _server.Dispose();

    private static void Run(DbTransaction transaction, string text)
    {
#pragma warning disable CA2100 // the texts are the constants of this file
        using var command = new NpgsqlCommand(text, (NpgsqlConnection)transaction.Connection!, (NpgsqlTransaction)transaction);
#pragma warning restore CA2100
        command.ExecuteNonQuery();
    }
}
