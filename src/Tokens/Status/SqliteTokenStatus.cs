using System.Globalization;
using System.Security.Cryptography;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.Logging;

namespace Tokens.Status;

/// <summary>
/// The status list of one host, in a SQLite file that all its programs share: revoked tokens, compromised keys, suspensions. Independent
/// of the authority's process: with the authority down, tokens run to their end and suspending still works. Readers hold a snapshot and
/// look four times a second whether the file has changed. Thread-safe.
/// </summary>
public sealed class SqliteTokenStatus : ITokenStatus
{
    /// <summary>Time between looks: what another program stops is stopped here within a second, also when the machine is busy.</summary>
    public static readonly TimeSpan LookEvery = TimeSpan.FromMilliseconds(250);

    private readonly SqliteConnection _connection;
    private readonly string _file;
    private readonly long _identity;
    private readonly TimeProvider _time;
    private readonly Lock _gate = new();
    private readonly ITimer _timer;
    private volatile StatusSnapshot _current = StatusSnapshot.Empty;
    private long _version = -1;
    private bool _closed;
    private readonly SnapshotAge _age;

    private SqliteTokenStatus(string file, TimeProvider time, ILogger? log)
    {
        (_file, _time, _age) = (file, time, new SnapshotAge(time, log));
        _connection = Connect(SqliteOpenMode.ReadWriteCreate);
        Execute("PRAGMA journal_mode=WAL");
        Execute("PRAGMA synchronous=FULL");
        Execute("CREATE TABLE IF NOT EXISTS revoked(jti TEXT PRIMARY KEY, exp INTEGER NOT NULL) WITHOUT ROWID");
        Execute("CREATE TABLE IF NOT EXISTS denied_keys(kid TEXT PRIMARY KEY, until INTEGER NOT NULL) WITHOUT ROWID");
        Execute(
            "CREATE TABLE IF NOT EXISTS suspended(kind TEXT NOT NULL, id TEXT NOT NULL, since INTEGER NOT NULL, reason TEXT NOT NULL, PRIMARY KEY(kind, id)) WITHOUT ROWID"
        );
        Execute(
            "CREATE TABLE IF NOT EXISTS party_acts(agreement TEXT NOT NULL, party TEXT NOT NULL, issued INTEGER NOT NULL, id TEXT NOT NULL, stops INTEGER NOT NULL, reason TEXT NOT NULL, until INTEGER, statement TEXT NOT NULL, PRIMARY KEY(agreement, party)) WITHOUT ROWID"
        );
        _identity = Identify();
        Look();
        _timer = time.CreateTimer(_ => Look(), state: null, LookEvery, LookEvery);
    }

    /// <inheritdoc />
    public StatusSnapshot Current => _current;

    /// <inheritdoc />
    public TimeSpan Age => _age.Now;

    /// <summary>Opens or creates the file.</summary>
    /// <param name="file">The file.</param>
    /// <param name="time">Clock.</param>
    /// <param name="log">Told when the store stops and starts answering; null says nothing.</param>
    /// <exception cref="SqliteException">The file cannot be opened.</exception>
    public static SqliteTokenStatus Open(string file, TimeProvider time, ILogger? log = null) => new(file, time, log);

    /// <inheritdoc />
    public ValueTask Revoke(string jti, DateTimeOffset expires) =>
        Change("INSERT INTO revoked(jti, exp) VALUES($a, $b) ON CONFLICT DO NOTHING", jti, expires.ToUnixTimeSeconds());

    /// <inheritdoc />
    public ValueTask DenyKey(string kid, DateTimeOffset until) =>
        Change(
            "INSERT INTO denied_keys(kid, until) VALUES($a, $b) ON CONFLICT(kid) DO UPDATE SET until = max(until, excluded.until)",
            kid,
            until.ToUnixTimeSeconds()
        );

    /// <inheritdoc />
    public ValueTask Suspend(StoppedKind kind, string id, string reason) =>
        Change(
            "INSERT INTO suspended(kind, id, since, reason) VALUES($c, $a, $b, $d) ON CONFLICT DO NOTHING",
            id,
            _time.GetUtcNow().ToUnixTimeSeconds(),
            kind.ToString(),
            reason
        );

    /// <inheritdoc />
    public ValueTask Lift(StoppedKind kind, string id) =>
        Change("DELETE FROM suspended WHERE kind = $c AND id = $a AND $b = $b", id, 0, kind.ToString());

    /// <inheritdoc />
    public ValueTask<bool> Say(PartyAct act)
    {
        // One statement: who says something newer at the same time waits, and is then compared with this.
        const string text = """
            INSERT INTO party_acts AS old(agreement, party, issued, id, stops, reason, until, statement) VALUES($agreement, $party, $issued, $id, $stops, $reason, $until, $statement)
            ON CONFLICT(agreement, party) DO UPDATE SET issued = excluded.issued, id = excluded.id, stops = excluded.stops, reason = excluded.reason, until = excluded.until, statement = excluded.statement
            WHERE excluded.issued > old.issued OR excluded.statement = old.statement RETURNING 1
            """;
        var taken = false;
        return
            Do(() =>
                taken =
                    Execute(
                        text,
                        ("$agreement", act.Agreement),
                        ("$party", act.Party),
                        ("$issued", act.IssuedAt.ToUnixTimeSeconds()),
                        ("$id", act.StatementId),
                        ("$stops", act.Stops ? 1L : 0L),
                        ("$reason", act.Reason),
                        ("$until", act.Until?.ToUnixTimeSeconds() ?? (object)DBNull.Value),
                        ("$statement", act.Statement)
                    )
                        is not null
            )
                is { } lost
            ? ValueTask.FromException<bool>(lost)
            : ValueTask.FromResult(taken);
    }

    /// <inheritdoc />
    public void Dispose()
    {
        _timer.Dispose();
        _age.Dispose();
        lock (_gate)
        {
            _closed = true;
            _connection.Dispose();
        }
    }

    private ValueTask Change(string text, string a, long b, string? c = null, string? d = null) =>
        Do(() => Execute(text, ("$a", a), ("$b", b), ("$c", c), ("$d", d))) is { } lost
            ? ValueTask.FromException(lost)
            : ValueTask.CompletedTask;

    /// <summary>Makes a change, and forgets what has expired; gives what keeps it from being known to be durable.</summary>
    private StatusUnavailable? Do(Action change)
    {
        try
        {
            lock (_gate)
            {
                RequireSameFile();
                change();
                // an hour for clocks that disagree
                Execute("DELETE FROM revoked WHERE exp < $b", ("$b", _time.GetUtcNow().ToUnixTimeSeconds() - 3600));
                _version = -1; // data_version shows the changes of others only
            }
        }
        catch (Exception exception) when (exception is SqliteException or InvalidOperationException)
        {
            return new StatusUnavailable("the status list does not answer", exception);
        }
        Look();
        return null;
    }

    /// <summary>Confirms the snapshot or reads a new one. When the store does not answer, the last one stays and ages.</summary>
    private void Look()
    {
        lock (_gate)
        {
            try
            {
                var asked = _time.GetTimestamp();
                RequireSameFile();
                var version = (long)Execute("PRAGMA data_version")!;
                if (version != _version || _current.ChangesAt <= _time.GetUtcNow())
                    _current = Read();
                _version = version;
                _age.Confirm(asked);
            }
            catch (Exception exception)
            {
                _version = -1;
                if (!_closed)
                    _age.Miss(exception);
            }
        }
    }

    private SqliteConnection Connect(SqliteOpenMode mode)
    {
        var connection = new SqliteConnection(
            new SqliteConnectionStringBuilder
            {
                DataSource = _file,
                Pooling = false,
                DefaultTimeout = 2,
                Mode = mode,
            }.ToString()
        );
        connection.Open();
        return connection;
    }

    /// <summary>The file's own number, given once by whoever finds it without.</summary>
    private long Identify()
    {
        Execute("BEGIN IMMEDIATE");
        if ((long)Execute("PRAGMA application_id")! == 0)
            Execute(
                string.Create(CultureInfo.InvariantCulture, $"PRAGMA application_id = {RandomNumberGenerator.GetInt32(1, int.MaxValue)}")
            );
        var identity = (long)Execute("PRAGMA application_id")!;
        Execute("COMMIT");
        return identity;
    }

    /// <summary>
    /// A file that was deleted or replaced would be read through the open handle as if nothing could ever be stopped again. It is not
    /// followed: what was stopped in the old one may be missing in the new one, so the list ages until calls wait and somebody looks.
    /// </summary>
    private void RequireSameFile()
    {
        using var probe = Connect(SqliteOpenMode.ReadOnly);
        using var command = probe.CreateCommand();
        command.CommandText = "PRAGMA application_id";
        if ((long)command.ExecuteScalar()! != _identity)
            throw new InvalidOperationException("the file of the status list was replaced: put it back, or start the program again");
    }

    private StatusSnapshot Read()
    {
        var instant = _time.GetUtcNow();
        var now = instant.ToUnixTimeSeconds();
        return new(
            Rows("SELECT jti FROM revoked WHERE exp >= $now", now, static row => row.GetString(0)),
            Rows("SELECT kid FROM denied_keys WHERE until >= $now", now, static row => row.GetString(0)),
            Rows("SELECT kind, id, since, reason FROM suspended", now, static row => new Suspension(
                Enum.Parse<StoppedKind>(row.GetString(0)),
                row.GetString(1),
                DateTimeOffset.FromUnixTimeSeconds(row.GetInt64(2)),
                row.GetString(3)
            )),
            Rows("SELECT agreement, party, stops, issued, id, reason, until, statement FROM party_acts", now, static row => new PartyAct(
                row.GetString(0),
                row.GetString(1),
                row.GetInt64(2) != 0,
                DateTimeOffset.FromUnixTimeSeconds(row.GetInt64(3)),
                row.GetString(4),
                row.GetString(5),
                row.IsDBNull(6) ? null : DateTimeOffset.FromUnixTimeSeconds(row.GetInt64(6)),
                row.GetString(7)
            )),
            instant
        );
    }

#pragma warning disable CA2100 // the texts are the constants of this file
    private List<T> Rows<T>(string text, long now, Func<SqliteDataReader, T> read)
    {
        using var command = _connection.CreateCommand();
        command.CommandText = text;
        command.Parameters.AddWithValue("$now", now);
        using var rows = command.ExecuteReader();
        var all = new List<T>();
        while (rows.Read())
            all.Add(read(rows));
        return all;
    }

    private object? Execute(string text, params (string Name, object? Value)[] parameters)
    {
        using var command = _connection.CreateCommand();
        command.CommandText = text;
        foreach (var (name, value) in parameters)
            if (value is not null)
                command.Parameters.AddWithValue(name, value);
        return command.ExecuteScalar();
    }
#pragma warning restore CA2100
}
