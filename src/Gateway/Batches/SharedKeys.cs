using System.Collections.Concurrent;
using System.Data.Common;
using System.Security.Cryptography;
using Gateway.Problems;
using Npgsql;
using Tokens.Stores;

namespace Gateway.Batches;

/// <summary>
/// Idempotency keys of several nodes, in PostgreSQL: of one key that reaches two nodes at once, one node has the batch and the other says
/// so. A key whose node has died is free again with that node's next start, for its batches ended with its process, or after the life of a
/// key.
/// </summary>
/// <remarks>
/// <i>A crash after the claim and before the batch is accepted: nothing was asked; the key is free with the node's next start.</i>
/// </remarks>
internal sealed class SharedKeys : IHostedService, IDisposable
{
    /// <summary>How long a key is remembered.</summary>
    public static readonly TimeSpan Life = TimeSpan.FromDays(7);
    private static readonly PostgresSchema Schema = new(
        "gateway_keys",
        Version: 1,
        Logged: "gateway_keys.batches",
        Scripts: typeof(SharedKeys).Assembly
    );

    // A row of this very node is what an earlier life or a lost release left: who claims holds the key within the process.
    private const string Claim =
        "INSERT INTO gateway_keys.batches(scope, asked, node, batch) VALUES ($1, $2, $3, $4) ON CONFLICT (scope) DO UPDATE "
        + "SET asked = excluded.asked, node = excluded.node, batch = excluded.batch, at = clock_timestamp() "
        + "WHERE batches.node = excluded.node OR batches.at < clock_timestamp() - $5";
    private const string Held = "SELECT asked FROM gateway_keys.batches WHERE scope = $1";
    private const string Free = "DELETE FROM gateway_keys.batches WHERE scope = $1 AND node = $2 AND batch = $3";
    private const string FreeAll = "DELETE FROM gateway_keys.batches WHERE node = $1";
    private const string Sweep = "DELETE FROM gateway_keys.batches WHERE at < clock_timestamp() - $1";

    private readonly PostgresServer _server;
    private readonly string _node;
    private readonly ILogger<SharedKeys> _log;

    // Could not be given back when they should have been.
    private readonly ConcurrentQueue<KeyUse> _owed = new();
    private readonly Lock _gate = new();
    private bool _begun;
    private int _away;

    /// <summary>Keys of a node. The server may be away: then no batch is accepted until it answers.</summary>
    /// <param name="settings">Where they are.</param>
    /// <param name="node">Name of this node: the origin of its log, which no other process can hold.</param>
    /// <param name="log">Told when the server does not answer.</param>
    /// <exception cref="StoreRefused">The settings are not usable.</exception>
    public SharedKeys(StoreSettings settings, string node, ILogger<SharedKeys> log) =>
        (_server, _node, _log) = (new PostgresServer(settings, Schema), node, log);

    /// <summary>Frees what an earlier life of this node left. Where the server is away, its first claim does.</summary>
    public async Task StartAsync(CancellationToken cancellationToken) => await TryAsync(Begin);

    /// <inheritdoc/>
    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <summary>Claims a key, durably; null when it is this node's now.</summary>
    public async ValueTask<Refusal?> ClaimAsync(KeyUse use)
    {
        Refusal? refusal = null;
        return await TryAsync(connection =>
        {
            Begin(connection);
            refusal = ClaimOn(connection, use);
        })
            ? refusal
            : new Refusal(Problem.Overloaded) { RetryAfterSeconds = 5, Reason = "the shared idempotency keys do not answer" };
    }

    /// <summary>Gives a key back; where that fails, with the next claim.</summary>
    public async ValueTask ReleaseAsync(KeyUse use)
    {
        if (!await TryAsync(connection => Run(connection, Free, use.Scope, _node, use.Batch)))
            _owed.Enqueue(use);
    }

    /// <inheritdoc/>
    public void Dispose() => _server.Dispose();

    // The connection waits as it likes: not on the thread that serves the caller.
    private async Task<bool> TryAsync(Action<NpgsqlConnection> work)
    {
        try
        {
            await Task.Run(() =>
            {
                using var connection = _server.Open();
                work(connection);
            });
            if (Interlocked.Exchange(ref _away, 0) == 1)
                _log.LogInformation("The shared idempotency keys answer again");
            return true;
        }
        catch (Exception fault) when (fault is DbException or TimeoutException or IOException or StoreRefused)
        {
            if (Interlocked.Exchange(ref _away, 1) == 0)
                _log.LogError(
                    "The shared idempotency keys do not answer: {Fault}. No batch is taken in until they do",
                    fault.GetType().Name
                );
            return false;
        }
    }

    private Refusal? ClaimOn(NpgsqlConnection connection, KeyUse use)
    {
        if (Run(connection, Claim, use.Scope, use.Asked, _node, use.Batch, Life) == 1)
            return null;
        using var command = Command(connection, Held, use.Scope);
        // Gone meanwhile: whoever had it gave it back, and the next try finds it free.
        if (command.ExecuteScalar() is byte[] asked && !CryptographicOperations.FixedTimeEquals(asked, use.Asked))
            return new Refusal(Problem.IdempotencyConflict);
        return new Refusal(Problem.IdempotencyInProgress) { RetryAfterSeconds = 5, Reason = "the batch lives on another node" };
    }

    // What an earlier life of this node left: its batches ended with it.
    private void Begin(NpgsqlConnection connection)
    {
        lock (_gate)
        {
            if (!_begun)
                Run(connection, FreeAll, _node);
            _begun = true;
        }

        while (_owed.TryDequeue(out var use))
            Run(connection, Free, use.Scope, _node, use.Batch);
        Run(connection, Sweep, Life);
    }

    private static int Run(NpgsqlConnection connection, string text, params object[] values)
    {
        using var command = Command(connection, text, values);
        return command.ExecuteNonQuery();
    }

    private static NpgsqlCommand Command(NpgsqlConnection connection, string text, params object[] values)
    {
#pragma warning disable CA2100 // the texts are the constants of this file
        var command = new NpgsqlCommand(text, connection);
#pragma warning restore CA2100
        foreach (var value in values)
            command.Parameters.Add(new NpgsqlParameter { Value = value });
        return command;
    }
}
