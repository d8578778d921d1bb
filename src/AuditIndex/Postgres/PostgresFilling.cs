using AuditIndex.Filling;
using AuditIndex.Questions;
using AuditIndex.Sql;
using Npgsql;
using NpgsqlTypes;

namespace AuditIndex.Postgres;

/// <summary>
/// Writes runs: rows by COPY, roll-ups and position in the same transaction. Several nodes may offer runs; the row of the log is the lock.
/// </summary>
internal sealed class PostgresFilling(NpgsqlDataSource source)
{
    private readonly Dictionary<string, long>[] _ids =
    [
        .. Enumerable.Range(0, (int)Dimension.Fields + 1).Select(static _ => new Dictionary<string, long>(StringComparer.Ordinal)),
    ];

    /// <summary>Whether partitions get their indexes at once.</summary>
    public bool WithIndexes { get; set; } = true;

    public void Apply(string origin, long first, long next, IReadOnlyList<IndexedRecord> run)
    {
        try
        {
            using var connection = source.OpenConnection();
            using var transaction = connection.BeginTransaction();
            // Losable: a crash of the server may forget the last commits, in order and whole, and they are applied again.
            PostgresSchema.Run(connection, "set local synchronous_commit = off");
            var log = LogNumber.Of(origin);
            var applied = Applied(connection, origin, log);
            if (applied >= next)
            {
                return;
            }

            if (applied < first)
            {
                throw new InvalidOperationException("A run was offered that does not follow what is applied.");
            }

            Write(connection, log, [.. run.Where(record => record.Index >= applied)]);
            PostgresSchema.Run(connection, $"update audit_index.src set next = {RowSql.Number(next)} where log = {RowSql.Number(log)}");
            transaction.Commit();
        }
        catch
        {
            Array.ForEach(_ids, static known => known.Clear());
            throw;
        }
    }

    private static long Applied(NpgsqlConnection connection, string origin, long log)
    {
        using (var command = new NpgsqlCommand("insert into audit_index.src values(@log, @origin, 0) on conflict do nothing", connection))
        {
            command.Add("log", log);
            command.Add("origin", origin);
            command.ExecuteNonQuery();
        }

        return (long)PostgresSchema.Ask(connection, $"select next from audit_index.src where log = {RowSql.Number(log)} for update")!;
    }

    private void Write(NpgsqlConnection connection, long log, List<IndexedRecord> run)
    {
        if (run.Count == 0)
        {
            return;
        }

        PostgresSchema.MakePartition(connection, run[0].Local.Month, WithIndexes);
        foreach (var dimension in RowSql.Dimensions)
        {
            Know(
                connection,
                dimension,
                [
                    .. run.Select(record => record[dimension])
                        .OfType<string>()
                        .Where(text => !_ids[(int)dimension].ContainsKey(text))
                        .Distinct(StringComparer.Ordinal),
                ]
            );
        }

        var rollUps = new RollUps(day => LookupsOf(connection, day));
        rollUps.Prepare(run);
        using (var copy = connection.BeginBinaryImport("copy audit_index.rec from stdin (format binary)"))
        {
            foreach (var record in run)
            {
                Copy(copy, log, record);
                rollUps.Add(record, dimension => IdOf(dimension, record[dimension]));
            }

            copy.Complete();
        }

        WriteRollUps(connection, rollUps);
    }

    private void Copy(NpgsqlBinaryImporter copy, long log, IndexedRecord record)
    {
        copy.StartRow();
        copy.Write(log, NpgsqlDbType.Bigint);
        copy.Write(record.Index, NpgsqlDbType.Bigint);
        Number(copy, record.Decision, NpgsqlDbType.Bigint);
        copy.Write(record.Time, NpgsqlDbType.Bigint);
        copy.Write(record.Local.HourOfWeek, NpgsqlDbType.Integer);
        foreach (var dimension in RowSql.Dimensions)
        {
            Number(copy, IdOf(dimension, record[dimension]), NpgsqlDbType.Integer);
        }

        copy.Write((int)record.Outcome, NpgsqlDbType.Integer);
        foreach (var bytes in (ReadOnlySpan<byte[]?>)[record.Subject, record.CaseReference, record.ExchangeId])
        {
            if (bytes is null)
            {
                copy.WriteNull();
            }
            else
            {
                copy.Write(bytes, NpgsqlDbType.Bytea);
            }
        }

        Number(copy, record.Near, NpgsqlDbType.Integer);
        copy.Write(record.Count, NpgsqlDbType.Bigint);
    }

    private static void Number(NpgsqlBinaryImporter copy, long? value, NpgsqlDbType type)
    {
        if (value is not { } known)
        {
            copy.WriteNull();
        }
        else if (type == NpgsqlDbType.Bigint)
        {
            copy.Write(known, type);
        }
        else
        {
            copy.Write((int)known, type);
        }
    }

    private static void WriteRollUps(NpgsqlConnection connection, RollUps rollUps)
    {
        using var batch = new NpgsqlBatch(connection);
        foreach (var (key, count) in rollUps.Hours)
        {
            var values = string.Join(
                ',',
                (
                    (long[])[key.Hour, key.Institution, key.Client, key.Operation, key.Purpose, key.Agreement, key.Outcome, key.Code, count]
                ).Select(RowSql.Number)
            );
            batch.BatchCommands.Add(
                new NpgsqlBatchCommand(
                    $"insert into audit_index.hourly as t values({values}) on conflict(h, org, cli, op, purp, agr, outcome, code) do update set n = t.n + excluded.n"
                )
            );
        }

        foreach (var (key, count) in rollUps.Agents)
        {
            var values = string.Join(
                ',',
                ((long[])[key.Day, key.Client, key.Agent, count.Lookups, count.Persons, count.Repeats, count.Missed]).Select(RowSql.Number)
            );
            batch.BatchCommands.Add(
                new NpgsqlBatchCommand(
                    $"insert into audit_index.agent_day as t values({values}) on conflict(d, cli, agent) do update set n = t.n + excluded.n, "
                        + "persons = t.persons + excluded.persons, repeats = t.repeats + excluded.repeats, missed = t.missed + excluded.missed"
                )
            );
        }

        if (batch.BatchCommands.Count > 0)
        {
            batch.ExecuteNonQuery();
        }
    }

    private static List<(long Client, long Agent, UInt128 Subject)> LookupsOf(NpgsqlConnection connection, int day)
    {
        var found = new List<(long, long, UInt128)>();
        var date = DateOnly.FromDayNumber(day);
        using var command = new NpgsqlCommand(
            "select distinct cli, agent, subj from audit_index.rec where ts >= @from and ts < @to and ev = 1 and subj is not null and cli is not null and agent is not null",
            connection
        );
        command.Add("from", LocalTime.StartOf(date).ToUnixTimeMilliseconds());
        command.Add("to", LocalTime.StartOf(date.AddDays(1)).ToUnixTimeMilliseconds());
        using var reader = command.ExecuteReader();
        while (reader.Read())
        {
            found.Add((reader.GetInt64(0), reader.GetInt64(1), RollUps.SubjectOf(reader.GetFieldValue<byte[]>(2))));
        }

        return found;
    }

    private long? IdOf(Dimension dimension, string? text) => text is null ? null : _ids[(int)dimension][text];

    /// <summary>Gets ids for texts, made where they are new. The lock keeps two nodes from giving one number twice.</summary>
    private void Know(NpgsqlConnection connection, Dimension dimension, string[] texts)
    {
        if (texts.Length == 0)
        {
            return;
        }

        PostgresSchema.Run(connection, "select pg_advisory_xact_lock(hashtext('audit_index.dict'))");
        using var command = new NpgsqlCommand(
            """
            with asked as (select t, row_number() over (order by o) as o from unnest(@texts) with ordinality as a(t, o)
                           where not exists (select 1 from audit_index.dict d where d.kind = @kind and md5(d.text) = md5(t)))
            insert into audit_index.dict select @kind, (select coalesce(max(id), 0) from audit_index.dict where kind = @kind) + o, t from asked;
            select text, id from audit_index.dict where kind = @kind and md5(text) in (select md5(t) from unnest(@texts) as t);
            """,
            connection
        );
        command.Parameters.AddWithValue("texts", texts);
        command.Parameters.AddWithValue("kind", (int)dimension);
        using var reader = command.ExecuteReader();
        while (reader.Read())
        {
            _ids[(int)dimension][reader.GetString(0)] = reader.GetInt32(1);
        }
    }
}
