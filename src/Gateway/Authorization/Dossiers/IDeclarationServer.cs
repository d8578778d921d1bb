using System.Data.Common;

namespace Gateway.Authorization.Dossiers;

/// <summary>
/// Where declarations are kept. An implementation MUST make what was committed durable before <see cref="DbTransaction.Commit"/> returns,
/// MUST let one transaction of <see cref="Begin"/> run at a time over all processes, and MUST show the rows of a transaction all or none.
/// </summary>
internal interface IDeclarationServer : IDisposable
{
    /// <summary>Stands before the names of the tables.</summary>
    string Prefix { get; }

    /// <summary>The clock of the store as an expression, in Unix seconds: one clock for all nodes.</summary>
    string Now { get; }

    /// <summary>A fresh connection, with the tables in place. The caller disposes of it.</summary>
    /// <exception cref="DbException">The store does not answer.</exception>
    DbConnection Open();

    /// <summary>Begins the one writing transaction; waits for that of another process.</summary>
    DbTransaction Begin(DbConnection connection);

    /// <summary>Wakes the readers of other nodes when the transaction commits.</summary>
    void Announce(DbTransaction transaction);

    /// <summary>Asks to be woken by other nodes.</summary>
    void Listen(DbConnection connection);

    /// <summary>Waits until another node may have declared something; a second at most.</summary>
    Task WaitAsync(DbConnection connection, CancellationToken cancellation);
}
