using System.Data;
using System.Data.Common;
using Microsoft.Extensions.Logging;
using Npgsql;
using Tokens.Stores;

namespace Tokens.Status;

/// <summary>
/// The status list of several nodes, in PostgreSQL. A reader listens for changes and looks twice a second whether it has missed one; it
/// holds a snapshot, which stays when the server is away, and connects again within a second of its return. Thread-safe.
/// </summary>
public sealed class PostgresTokenStatus : ITokenStatus
{
    /// <summary>Time between looks when nothing is heard.</summary>
    public static readonly TimeSpan LookEvery = TimeSpan.FromMilliseconds(500);
    private static readonly TimeSpan FirstPause = TimeSpan.FromMilliseconds(50);
    private static readonly PostgresSchema Schema = new("token_status", Version: 3, Logged: "token_status.suspended");

    private readonly PostgresServer _server;
    private readonly TimeProvider _time;
    private readonly SnapshotAge _age;
    private readonly Lock _gate = new();
    private readonly CancellationTokenSource _closing = new();
    private readonly Task _reader;
    private volatile StatusSnapshot _current = StatusSnapshot.Empty;
    private long _seen = -1;

    private PostgresTokenStatus(StoreSettings settings, TimeProvider time, ILogger? log)
    {
        (_server, _time, _age) = (new PostgresServer(settings, Schema), time, new SnapshotAge(time, log));
        NpgsqlConnection? first = null;
        try
        {
            first = _server.Open();
            Listen(first);
            Look(first);
        }
        catch (DbException exception)
        {
            // Not reachable yet: there is no list, it is not fresh, and whoever asks is refused until there is one.
            _age.Miss(exception);
            first?.Dispose();
            first = null;
        }
        _reader = Task.Run(() => Follow(first, _closing.Token));
    }

    /// <inheritdoc />
    public StatusSnapshot Current => _current;

    /// <inheritdoc />
    public TimeSpan Age => _age.Now;

    /// <summary>Opens the list; makes its schema when it is missing.</summary>
    /// <param name="settings">Where it is.</param>
    /// <param name="time">Clock.</param>
    /// <param name="log">Told when the store stops and starts answering; null says nothing.</param>
    /// <exception cref="StoreRefused">The server may not be used, for example because it does not sync its log.</exception>
    public static PostgresTokenStatus Open(StoreSettings settings, TimeProvider time, ILogger? log = null) => new(settings, time, log);

    /// <inheritdoc />
    public ValueTask Revoke(string jti, DateTimeOffset expires) =>
        Change("INSERT INTO token_status.revoked(jti, exp) VALUES($1, $2) ON CONFLICT DO NOTHING", jti, expires.ToUnixTimeSeconds());

    /// <inheritdoc />
    public ValueTask DenyKey(string kid, DateTimeOffset until) =>
        Change(
            "INSERT INTO token_status.denied_keys AS old(kid, until) VALUES($1, $2) ON CONFLICT(kid) DO UPDATE SET until = greatest(old.until, excluded.until)",
            kid,
            until.ToUnixTimeSeconds()
        );

    /// <inheritdoc />
    public ValueTask Suspend(StoppedKind kind, string id, string reason) =>
        Change(
            "INSERT INTO token_status.suspended(kind, id, since, reason) VALUES($1, $2, $3, $4) ON CONFLICT DO NOTHING",
            kind.ToString(),
            id,
            _time.GetUtcNow().ToUnixTimeSeconds(),
            reason
        );

    /// <inheritdoc />
    public ValueTask Lift(StoppedKind kind, string id) =>
        Change("DELETE FROM token_status.suspended WHERE kind = $1 AND id = $2", kind.ToString(), id);

    /// <inheritdoc />
    public async ValueTask<bool> Say(PartyAct act)
    {
        // One statement: who says something newer at the same time waits, and is then compared with this.
        const string text = """
            INSERT INTO token_status.party_acts AS old(agreement, party, issued, id, stops, reason, until, statement) VALUES($1, $2, $3, $4, $5, $6, $7, $8)
            ON CONFLICT(agreement, party) DO UPDATE SET issued = excluded.issued, id = excluded.id, stops = excluded.stops, reason = excluded.reason, until = excluded.until, statement = excluded.statement
            WHERE excluded.issued > old.issued OR excluded.statement = old.statement RETURNING 1
            """;
        object until = act.Until is { } end ? end.ToUnixTimeSeconds() : DBNull.Value;
        return await Do(
            text,
            act.Agreement,
            act.Party,
            act.IssuedAt.ToUnixTimeSeconds(),
            act.StatementId,
            act.Stops,
            act.Reason,
            until,
            act.Statement
        )
            is not null;
    }

    /// <inheritdoc />
    public void Dispose()
    {
        _closing.Cancel();
#pragma warning disable VSTHRD002 // the reader ends with the wait that was just cancelled; nothing else runs here
        _reader.Wait();
#pragma warning restore VSTHRD002
        _age.Dispose();
        _server.Dispose();
        _closing.Dispose();
    }

    private async ValueTask Change(string text, params object[] values) => await Do(text, values);

    /// <summary>Makes a change, and forgets what has expired; gives what the change returns, null when it returns nothing.</summary>
    private Task<object?> Do(string text, params object[] values) =>
        Task.Run(() =>
        {
            try
            {
                using var connection = _server.Open();
                using var batch = new NpgsqlBatch(connection);
                batch.BatchCommands.Add(new NpgsqlBatchCommand(text));
                foreach (var value in values)
                    batch.BatchCommands[0].Parameters.Add(Parameter(value));
                batch.BatchCommands.Add(Forget());
                object? returned = null;
                using (var reader = batch.ExecuteReader())
                {
                    if (reader.Read())
                        returned = reader.GetValue(0);
                    while (reader.NextResult()) { } // to the end: the commit is confirmed there
                }

                Look(connection);
                return returned;
            }
            catch (Exception exception)
            {
                throw new StatusUnavailable("the status list does not answer", exception);
            }
        });

    private static NpgsqlParameter Parameter(object value) =>
        value is DBNull
            ? new NpgsqlParameter { Value = value, NpgsqlDbType = NpgsqlTypes.NpgsqlDbType.Bigint }
            : new NpgsqlParameter { Value = value };

    /// <summary>
    /// Tokens that expired an hour ago need no entry; the hour is for clocks that disagree. Two nodes that forget never wait for each
    /// other.
    /// </summary>
    private NpgsqlBatchCommand Forget() =>
        new(
            "DELETE FROM token_status.revoked WHERE jti = ANY(ARRAY(SELECT jti FROM token_status.revoked WHERE exp < $1 LIMIT 1000 FOR UPDATE SKIP LOCKED))"
        )
        {
            Parameters = { new NpgsqlParameter { Value = _time.GetUtcNow().ToUnixTimeSeconds() - 3600 } },
        };

    private async Task Follow(NpgsqlConnection? connection, CancellationToken closing)
    {
        var pause = FirstPause;
        while (!closing.IsCancellationRequested)
        {
            try
            {
                if (connection is null)
                {
                    connection = _server.Open();
                    Listen(connection);
                    Interlocked.Exchange(ref _seen, -1); // whatever happened meanwhile: a restored server may even count lower than before
                }
                Look(connection);
                pause = FirstPause;
                await connection.WaitAsync(LookEvery, closing);
            }
            catch (OperationCanceledException) when (closing.IsCancellationRequested)
            {
                break;
            }
            catch (Exception exception)
            {
                _age.Miss(exception);
                if (connection is not null)
                    await connection.DisposeAsync();
                connection = null;
                await Task.Delay(pause, _time, closing).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
                pause = pause * 2 < LookEvery ? pause * 2 : LookEvery;
            }
        }
        if (connection is not null)
            await connection.DisposeAsync();
    }

    private static void Listen(NpgsqlConnection connection)
    {
        using var listen = new NpgsqlCommand("LISTEN token_status", connection);
        listen.ExecuteNonQuery();
    }

    /// <summary>
    /// Confirms the snapshot, or reads the list at one instant. Of two that read at once, the one that saw more changes wins.
    /// </summary>
    private void Look(NpgsqlConnection connection)
    {
        var asked = _time.GetTimestamp();
        if (Changes(connection) != Interlocked.Read(ref _seen) || _current.ChangesAt <= _time.GetUtcNow())
        {
            using var transaction = connection.BeginTransaction(IsolationLevel.RepeatableRead);
            var changes = Changes(connection);
            var snapshot = Read(connection);
            transaction.Commit();
            lock (_gate)
            {
                if (changes >= _seen)
                    (_current, _seen) = (snapshot, changes);
            }
        }
        _age.Confirm(asked);
    }

    private static long Changes(NpgsqlConnection connection)
    {
        using var command = new NpgsqlCommand("SELECT changes FROM token_status.version", connection);
        return (long)command.ExecuteScalar()!;
    }

    private StatusSnapshot Read(NpgsqlConnection connection)
    {
        var instant = _time.GetUtcNow();
        var now = instant.ToUnixTimeSeconds();
        return new(
            Rows(connection, "SELECT jti FROM token_status.revoked WHERE exp >= $1", now, static row => row.GetString(0)),
            Rows(connection, "SELECT kid FROM token_status.denied_keys WHERE until >= $1", now, static row => row.GetString(0)),
            Rows(connection, "SELECT kind, id, since, reason FROM token_status.suspended", now: null, static row => new Suspension(
                Enum.Parse<StoppedKind>(row.GetString(0)),
                row.GetString(1),
                DateTimeOffset.FromUnixTimeSeconds(row.GetInt64(2)),
                row.GetString(3)
            )),
            Rows(
                connection,
                "SELECT agreement, party, stops, issued, id, reason, until, statement FROM token_status.party_acts",
                now: null,
                static row => new PartyAct(
                    row.GetString(0),
                    row.GetString(1),
                    row.GetBoolean(2),
                    DateTimeOffset.FromUnixTimeSeconds(row.GetInt64(3)),
                    row.GetString(4),
                    row.GetString(5),
                    row.IsDBNull(6) ? null : DateTimeOffset.FromUnixTimeSeconds(row.GetInt64(6)),
                    row.GetString(7)
                )
            ),
            instant
        );
    }

    private static List<T> Rows<T>(NpgsqlConnection connection, string text, long? now, Func<NpgsqlDataReader, T> read)
    {
#pragma warning disable CA2100 // the texts are the constants above
        using var command = new NpgsqlCommand(text, connection);
#pragma warning restore CA2100
        if (now is { } instant)
            command.Parameters.Add(new NpgsqlParameter { Value = instant });
        using var rows = command.ExecuteReader();
        var all = new List<T>();
        while (rows.Read())
            all.Add(read(rows));
        return all;
    }
}
