using Npgsql;
using NpgsqlTypes;
using Tokens.Stores;

namespace Gateway.Quotas.Postgres;

/// <summary>
/// One connection to the tables of <c>gateway_quota.sql</c>. Two round trips make a round: the first begins the transaction, locks the
/// grants and reads the counters; the second writes them and commits. Used by one thread; after an exception it is thrown away.
/// </summary>
internal sealed class QuotaTable : IDisposable
{
    /// <summary>What the database must hold.</summary>
    internal static readonly PostgresSchema Schema = new(
        "gateway_quota",
        Version: 1,
        Logged: "gateway_quota.leases",
        Scripts: typeof(QuotaTable).Assembly
    );

    private const string Lock =
        "SELECT id, second, burst, clock_timestamp() FROM gateway_quota.grants WHERE id = ANY($1) ORDER BY id FOR UPDATE";
    private const string Months = "SELECT quota, month, kept, held FROM gateway_quota.months WHERE quota = ANY($1) AND month = ANY($2)";
    private const string Days =
        "SELECT quota, day, calls_kept, calls_held, misses_kept, misses_held, people_kept, people_held FROM gateway_quota.days WHERE quota = ANY($1) AND day = ANY($2)";
    private const string Tallies =
        "SELECT quota, day, kind, name, kept, held, matches FROM unnest($1::integer[], $2::integer[], $3::smallint[], $4::bytea[]) AS wanted(quota, day, kind, name) "
        + "JOIN gateway_quota.tallies USING (quota, day, kind, name)";
    private const string Leases = "SELECT exchange FROM gateway_quota.leases WHERE exchange = ANY($1)";
    private const string Batches = "SELECT quota, count(*)::integer FROM gateway_quota.batches WHERE quota = ANY($1) GROUP BY quota";
    private const string PutGrants =
        "UPDATE gateway_quota.grants SET second = row.second, burst = row.burst FROM unnest($1::integer[], $2::bigint[], $3::integer[]) AS row(id, second, burst) WHERE grants.id = row.id";
    private const string PutMonths =
        "INSERT INTO gateway_quota.months SELECT * FROM unnest($1::integer[], $2::integer[], $3::bigint[], $4::bigint[]) "
        + "ON CONFLICT (quota, month) DO UPDATE SET kept = excluded.kept, held = excluded.held";
    private const string PutDays =
        "INSERT INTO gateway_quota.days SELECT * FROM unnest($1::integer[], $2::integer[], $3::bigint[], $4::bigint[], $5::bigint[], $6::bigint[], $7::bigint[], $8::bigint[]) "
        + "ON CONFLICT (quota, day) DO UPDATE SET calls_kept = excluded.calls_kept, calls_held = excluded.calls_held, misses_kept = excluded.misses_kept, "
        + "misses_held = excluded.misses_held, people_kept = excluded.people_kept, people_held = excluded.people_held";
    private const string PutTallies =
        "INSERT INTO gateway_quota.tallies SELECT * FROM unnest($1::integer[], $2::integer[], $3::smallint[], $4::bytea[], $5::bigint[], $6::bigint[], $7::bigint[]) "
        + "ON CONFLICT (quota, day, kind, name) DO UPDATE SET kept = excluded.kept, held = excluded.held, matches = excluded.matches";
    private const string PutLeases =
        "INSERT INTO gateway_quota.leases(exchange, node, quota, day, person, client, office, agent) "
        + "SELECT exchange, $2, quota, day, person, client, office, agent FROM unnest($1::text[], $3::integer[], $4::integer[], $5::bytea[], $6::text[], $7::text[], $8::text[]) "
        + "AS row(exchange, quota, day, person, client, office, agent)";
    private const string DropLeases = "DELETE FROM gateway_quota.leases WHERE exchange = ANY($1)";
    private const string PutBatches =
        "INSERT INTO gateway_quota.batches(batch, node, quota) SELECT batch, $2, quota FROM unnest($1::text[], $3::integer[]) AS row(batch, quota)";
    private const string DropBatches = "DELETE FROM gateway_quota.batches WHERE batch = ANY($1)";

    private readonly NpgsqlConnection _connection;
    private readonly string _node;
    private readonly NpgsqlBatch _load,
        _store;
    private readonly Dictionary<QuotaGrant, int> _ids = [];

    internal QuotaTable(NpgsqlConnection connection, string node)
    {
        (_connection, _node) = (connection, node);
        // Keys are looked up one by one whatever the statistics say: right after midnight they say nothing.
        Run("SET enable_seqscan = off; SET enable_hashjoin = off; SET enable_mergejoin = off");
        var (number, numbers, texts) = (
            NpgsqlDbType.Array | NpgsqlDbType.Integer,
            NpgsqlDbType.Array | NpgsqlDbType.Bigint,
            NpgsqlDbType.Array | NpgsqlDbType.Text
        );
        var (small, bytes) = (NpgsqlDbType.Array | NpgsqlDbType.Smallint, NpgsqlDbType.Array | NpgsqlDbType.Bytea);
        _load = Batch(
            ("BEGIN", []),
            (Lock, [number]),
            (Months, [number, number]),
            (Days, [number, number]),
            (Tallies, [number, number, small, bytes]),
            (Leases, [texts]),
            (Batches, [number])
        );
        _store = Batch(
            (PutGrants, [number, numbers, number]),
            (PutMonths, [number, number, numbers, numbers]),
            (PutDays, [number, number, numbers, numbers, numbers, numbers, numbers, numbers]),
            (PutTallies, [number, number, small, bytes, numbers, numbers, numbers]),
            (PutLeases, [texts, NpgsqlDbType.Text, number, number, bytes, texts, texts, texts]),
            (DropLeases, [texts]),
            (PutBatches, [texts, NpgsqlDbType.Text, number]),
            (DropBatches, [texts]),
            ("COMMIT", [])
        );
    }

    /// <summary>Number of a grant; its row is made when it is met first.</summary>
    internal int IdOf(QuotaGrant grant)
    {
        if (_ids.TryGetValue(grant, out var known))
            return known;
        Run("INSERT INTO gateway_quota.grants(agreement, name) VALUES ($1, $2) ON CONFLICT DO NOTHING", grant.Agreement, grant.Grant);
        using var command = Command("SELECT id FROM gateway_quota.grants WHERE agreement = $1 AND name = $2", grant.Agreement, grant.Grant);
        return _ids[grant] = (int)command.ExecuteScalar()!;
    }

    /// <summary>Begins a transaction, locks the grants and fills the counters.</summary>
    /// <param name="rows">What is touched.</param>
    /// <param name="exchanges">Leases that are to be settled.</param>
    /// <returns>The leases among them that exist, and the server's time.</returns>
    internal (HashSet<string> Open, DateTimeOffset Now) Load(QuotaRows rows, string[] exchanges)
    {
        var (quotas, names, periods) = (rows.Quotas, rows.Names, rows.Periods);
        Set(_load, 1, quotas);
        Set(_load, 2, quotas, periods.Select(static touched => touched.Period.Month).Distinct().ToArray());
        Set(_load, 3, quotas, periods.Select(static touched => touched.Period.Day).Distinct().ToArray());
        Set(
            _load,
            4,
            names.Select(static name => name.Quota).ToArray(),
            names.Select(static name => name.Day).ToArray(),
            names.Select(static name => name.Kind).ToArray(),
            names.Select(static name => name.Name).ToArray()
        );
        Set(_load, 5, exchanges);
        Set(_load, 6, quotas);
        var (open, now) = (new HashSet<string>(StringComparer.Ordinal), DateTimeOffset.MinValue);
        using var reader = _load.ExecuteReader();
        while (reader.Read())
        {
            var counters = rows.Of(reader.GetInt32(0));
            (counters.BurstSecond, counters.Burst, now) = (reader.GetInt64(1), reader.GetInt32(2), reader.GetFieldValue<DateTimeOffset>(3));
        }

        reader.NextResult();
        while (reader.Read())
            rows.Of(reader.GetInt32(0)).SetMonth(reader.GetInt32(1), new Tally(reader.GetInt64(2), reader.GetInt64(3)));
        reader.NextResult();
        while (reader.Read())
            ReadDay(reader, rows);
        reader.NextResult();
        while (reader.Read())
            rows.Set(
                reader.GetInt32(0),
                reader.GetInt32(1),
                reader.GetInt16(2),
                reader.GetFieldValue<byte[]>(3),
                new Tally(reader.GetInt64(4), reader.GetInt64(5), reader.GetInt64(6))
            );
        reader.NextResult();
        while (reader.Read())
            open.Add(reader.GetString(0));
        reader.NextResult();
        while (reader.Read())
            rows.Of(reader.GetInt32(0)).OpenBatches = reader.GetInt32(1);
        return (open, now);
    }

    /// <summary>Writes the counters and commits; durable when this returns.</summary>
    /// <param name="rows">What was touched.</param>
    /// <param name="taken">Leases and batches that began.</param>
    /// <param name="ended">Leases and batches that ended.</param>
    internal void Store(QuotaRows rows, IReadOnlyCollection<QuotaWork> taken, IReadOnlyCollection<QuotaWork> ended)
    {
        var quotas = rows.Quotas;
        Set(
            _store,
            0,
            quotas,
            quotas.Select(quota => rows.Of(quota).BurstSecond).ToArray(),
            quotas.Select(quota => rows.Of(quota).Burst).ToArray()
        );
        var months = rows
            .Periods.Select(static touched => (touched.Quota, touched.Period.Month))
            .Distinct()
            .Select(key => (key.Quota, key.Month, Tally: rows.Of(key.Quota).Month(key.Month)))
            .ToArray();
        Set(
            _store,
            1,
            Each(months, static m => m.Quota),
            Each(months, static m => m.Month),
            Each(months, static m => m.Tally.Kept),
            Each(months, static m => m.Tally.Held)
        );
        var days = rows
            .Periods.Select(static touched => (touched.Quota, touched.Period.Day))
            .Distinct()
            .Select(key => (key.Quota, key.Day, Counted: rows.DayOf(key.Quota, key.Day)))
            .ToArray();
        Set(
            _store,
            2,
            Each(days, static d => d.Quota),
            Each(days, static d => d.Day),
            Each(days, static d => d.Counted.Calls.Kept),
            Each(days, static d => d.Counted.Calls.Held),
            Each(days, static d => d.Counted.Misses.Kept),
            Each(days, static d => d.Counted.Misses.Held),
            Each(days, static d => d.Counted.People.Kept),
            Each(days, static d => d.Counted.People.Held)
        );
        var tallies = rows.Tallies().ToArray();
        Set(
            _store,
            3,
            Each(tallies, static t => t.Quota),
            Each(tallies, static t => t.Day),
            Each(tallies, static t => t.Kind),
            Each(tallies, static t => t.Name),
            Each(tallies, static t => t.Tally.Kept),
            Each(tallies, static t => t.Tally.Held),
            Each(tallies, static t => t.Tally.Matches)
        );
        var (leases, batches) = (
            taken.Where(static work => work.Task == QuotaTask.Take).ToArray(),
            taken.Where(static work => work.Task == QuotaTask.Open).ToArray()
        );
        Set(
            _store,
            4,
            Each(leases, static l => l.Id),
            _node,
            Each(leases, l => IdOf(l.Grant)),
            Each(leases, static l => l.Ask.Period.Day),
            Each(leases, static l => l.Ask.Person is { } person ? QuotaRows.Bytes(person) : null),
            Each(leases, static l => l.Ask.Client),
            Each(leases, static l => l.Ask.Office),
            Each(leases, static l => l.Ask.Agent)
        );
        Set(_store, 5, ended.Where(static work => work.Task == QuotaTask.Settle).Select(static work => work.Id).ToArray());
        Set(_store, 6, Each(batches, static b => b.Id), _node, Each(batches, b => IdOf(b.Grant)));
        Set(_store, 7, ended.Where(static work => work.Task == QuotaTask.Close).Select(static work => work.Id).ToArray());
        // ExecuteNonQuery reads to the end of the batch: only then has the server said that the transaction is committed.
        _store.ExecuteNonQuery();
    }

    /// <summary>Shares that an earlier life of this node left open.</summary>
    internal IReadOnlyList<OpenLease> Left()
    {
        using var command = Command(
            "SELECT l.exchange, g.agreement, g.name, l.day, l.person, l.client, l.office, l.agent FROM gateway_quota.leases l JOIN gateway_quota.grants g ON g.id = l.quota WHERE l.node = $1",
            _node
        );
        var left = new List<OpenLease>();
        using var reader = command.ExecuteReader();
        while (reader.Read())
        {
            UInt128? person = reader.IsDBNull(4)
                ? null
                : System.Buffers.Binary.BinaryPrimitives.ReadUInt128BigEndian(reader.GetFieldValue<byte[]>(4));
            var ask = new QuotaAsk(
                QuotaPeriod.Of(DateOnly.FromDayNumber(reader.GetInt32(3))),
                person,
                reader.GetString(5),
                Text(reader, 6),
                Text(reader, 7)
            );
            left.Add(new OpenLease(reader.GetString(0), new QuotaGrant(reader.GetString(1), reader.GetString(2)), ask));
        }

        return left;
    }

    /// <summary>Closes the batches of an earlier life of this node: they ended with its process.</summary>
    internal void CloseLeft() => Run("DELETE FROM gateway_quota.batches WHERE node = $1", _node);

    /// <summary>Deletes counters of days before <paramref name="day"/> and of months before <paramref name="month"/>.</summary>
    internal void Sweep(int day, int month)
    {
        Run(
            "DELETE FROM gateway_quota.tallies WHERE ctid = ANY(ARRAY(SELECT ctid FROM gateway_quota.tallies WHERE day < $1 LIMIT 10000))",
            day
        );
        Run("DELETE FROM gateway_quota.days WHERE day < $1", day);
        Run("DELETE FROM gateway_quota.months WHERE month < $1", month);
    }

    public void Dispose()
    {
        _load.Dispose();
        _store.Dispose();
        _connection.Dispose();
    }

    private static void ReadDay(NpgsqlDataReader reader, QuotaRows rows)
    {
        // A day may belong to another grant of this round only.
        if (!rows.Periods.Any(touched => touched.Quota == reader.GetInt32(0) && touched.Period.Day == reader.GetInt32(1)))
            return;
        var day = rows.DayOf(reader.GetInt32(0), reader.GetInt32(1));
        day.Calls = new Tally(reader.GetInt64(2), reader.GetInt64(3));
        day.Misses = new Tally(reader.GetInt64(4), reader.GetInt64(5));
        day.People = new Tally(reader.GetInt64(6), reader.GetInt64(7));
    }

    private static TValue[] Each<T, TValue>(T[] rows, Func<T, TValue> value) => Array.ConvertAll(rows, row => value(row));

    private static string? Text(NpgsqlDataReader reader, int column) => reader.IsDBNull(column) ? null : reader.GetString(column);

    // An array of texts alone would be taken for the list of values itself.
    private static void Set(NpgsqlBatch batch, int command, string[] texts) => batch.BatchCommands[command].Parameters[0].Value = texts;

    private static void Set(NpgsqlBatch batch, int command, params object[] values)
    {
        var parameters = batch.BatchCommands[command].Parameters;
        for (var i = 0; i < values.Length; i++)
            parameters[i].Value = values[i];
    }

    private NpgsqlBatch Batch(params (string Text, NpgsqlDbType[] Types)[] commands)
    {
        var batch = new NpgsqlBatch(_connection);
        foreach (var (text, types) in commands)
        {
            var command = new NpgsqlBatchCommand(text);
            foreach (var type in types)
                command.Parameters.Add(new NpgsqlParameter { NpgsqlDbType = type });
            batch.BatchCommands.Add(command);
        }

        batch.Prepare();
        return batch;
    }

    private void Run(string text, params object[] values)
    {
        using var command = Command(text, values);
        command.ExecuteNonQuery();
    }

    private NpgsqlCommand Command(string text, params object[] values)
    {
#pragma warning disable CA2100 // the texts are the constants of this file
        var command = new NpgsqlCommand(text, _connection);
#pragma warning restore CA2100
        foreach (var value in values)
            command.Parameters.Add(new NpgsqlParameter { Value = value });
        return command;
    }
}
