using AuditIndex.Filling;
using AuditIndex.Questions;
using AuditIndex.Sql;
using Microsoft.Data.Sqlite;

namespace AuditIndex.Sqlite;

/// <summary>Writes one month. Used by one thread.</summary>
internal sealed class MonthWriter : IDisposable
{
    private const string InsertRow =
        "insert into rec(log, idx, dec, ts, lh, ev, org, cli, agent, office, op, purp, agr, code, rule, match, gate, terr, act, prov, fld, outcome, subj, cref, xid, near, n) "
        + "values(?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?)";

    private readonly SqliteConnection _connection;
    private readonly Dictionary<string, long>[] _ids =
    [
        .. Enumerable.Range(0, (int)Dimension.Fields + 1).Select(static _ => new Dictionary<string, long>(StringComparer.Ordinal)),
    ];
    private readonly Dictionary<string, SpanSet> _spans = new(StringComparer.Ordinal);
    private readonly RollUps _rollUps;
    private readonly Statement _insert;
    private readonly Statement _insertText;
    private readonly Statement _addHour;
    private readonly Statement _addAgent;

    /// <summary>Opens or makes the file.</summary>
    /// <param name="path">The file.</param>
    /// <param name="withIndexes">False while filling anew: indexes are made at the end, in one pass each.</param>
    public MonthWriter(string path, bool withIndexes)
    {
        _connection = new SqliteConnection(new SqliteConnectionStringBuilder { DataSource = path, Pooling = false }.ConnectionString);
        _connection.Open();
        if (Scalar("pragma user_version") is 0L)
        {
            Execute("pragma page_size = 8192; pragma journal_mode = wal;");
            Execute("begin; " + Script.Of("month.sql") + "commit;");
        }

        // NORMAL: a crash of the machine loses the last commits of a file and never its sense; the spans tell what is missing.
        Execute("pragma synchronous = normal; pragma cache_size = -32000; pragma temp_store = memory;");
        if (withIndexes)
        {
            MakeIndexes();
        }

        _rollUps = new RollUps(LookupsOf);
        _insert = new Statement(_connection, InsertRow);
        _insertText = new Statement(_connection, "insert into dict(kind, id, text) values(?,?,?)");
        _addHour = new Statement(_connection, "insert into hourly values(?,?,?,?,?,?,?,?,?) on conflict do update set n = n + excluded.n");
        _addAgent = new Statement(
            _connection,
            "insert into agent_day values(?,?,?,?,?,?,?) on conflict do update set n = n + excluded.n, "
                + "persons = persons + excluded.persons, repeats = repeats + excluded.repeats, missed = missed + excluded.missed"
        );
        Load();
    }

    /// <summary>What is applied here, by origin.</summary>
    public IReadOnlyDictionary<string, SpanSet> Spans => _spans;

    /// <summary>Applies a run in one transaction; positions that are here already are left out.</summary>
    public void Apply(string origin, long first, long next, IReadOnlyList<IndexedRecord> run)
    {
        var here = SpansOf(origin);
        if (here.Overlaps(first, next))
        {
            run = [.. run.Where(record => !here.Contains(record.Index))];
        }

        try
        {
            _rollUps.Prepare(run);
            Execute("begin immediate");
            Write(LogNumber.Of(origin), run);
            var merged = new SpanSet();
            foreach (var (from, to) in here.Spans)
            {
                merged.Add(from, to);
            }

            merged.Add(first, next);
            WriteSpans(origin, merged);
            Execute("commit");
            _spans[origin] = merged;
            _rollUps.Clear();
        }
        catch
        {
            _rollUps.Forget();
            Array.ForEach(_ids, static known => known.Clear());
            Execute("rollback");
            Load();
            throw;
        }
    }

    public void MakeIndexes() => Execute(Script.Of("month-indexes.sql"));

    public void Forget(string origin) => Execute($"delete from rec where log = {RowSql.Number(LogNumber.Of(origin))}");

    public void Dispose()
    {
        _insert.Dispose();
        _insertText.Dispose();
        _addHour.Dispose();
        _addAgent.Dispose();
        _connection.Dispose();
    }

    private void Write(long log, IReadOnlyList<IndexedRecord> run)
    {
        var id = new long?[(int)Dimension.Fields + 1];
        foreach (var record in run)
        {
            _insert.Bind(log);
            _insert.Bind(record.Index);
            _insert.Bind(record.Decision);
            _insert.Bind(record.Time);
            _insert.Bind(record.Local.HourOfWeek);
            foreach (var dimension in RowSql.Dimensions)
            {
                _insert.Bind(id[(int)dimension] = IdOf(dimension, record[dimension]));
            }

            _insert.Bind((int)record.Outcome);
            _insert.Bind(record.Subject);
            _insert.Bind(record.CaseReference);
            _insert.Bind(record.ExchangeId);
            _insert.Bind(record.Near);
            _insert.Bind(record.Count);
            _insert.Run();
            _rollUps.Add(record, dimension => id[(int)dimension]);
        }

        WriteRollUps();
    }

    private void WriteRollUps()
    {
        foreach (var (key, count) in _rollUps.Hours)
        {
            foreach (
                var value in (ReadOnlySpan<long>)
                    [key.Hour, key.Institution, key.Client, key.Operation, key.Purpose, key.Agreement, key.Outcome, key.Code, count]
            )
            {
                _addHour.Bind(value);
            }

            _addHour.Run();
        }

        foreach (var (key, count) in _rollUps.Agents)
        {
            foreach (
                var value in (ReadOnlySpan<long>)[key.Day, key.Client, key.Agent, count.Lookups, count.Persons, count.Repeats, count.Missed]
            )
            {
                _addAgent.Bind(value);
            }

            _addAgent.Run();
        }
    }

    private void WriteSpans(string origin, SpanSet set)
    {
        var log = RowSql.Number(LogNumber.Of(origin));
        using (var name = new Statement(_connection, $"insert or ignore into log values({log}, ?)"))
        {
            name.Bind(origin);
            name.Run();
        }

        Execute($"delete from span where log = {log}");
        using var write = new Statement(_connection, $"insert into span values({log}, ?, ?)");
        foreach (var (first, next) in set.Spans)
        {
            write.Bind(first);
            write.Bind(next);
            write.Run();
        }
    }

    private long? IdOf(Dimension dimension, string? text)
    {
        if (text is null)
        {
            return null;
        }

        var known = _ids[(int)dimension];
        if (!known.TryGetValue(text, out var id))
        {
            id = known[text] = known.Count + 1;
            _insertText.Bind((int)dimension);
            _insertText.Bind(id);
            _insertText.Bind(text);
            _insertText.Run();
        }

        return id;
    }

    private SpanSet SpansOf(string origin) => _spans.TryGetValue(origin, out var known) ? known : _spans[origin] = new SpanSet();

    /// <summary>Reads dictionary and spans; <c>access</c> has id 1 always, which the partial index of rarer events relies on.</summary>
    private void Load()
    {
        using (var command = Command("select kind, id, text from dict"))
        using (var reader = command.ExecuteReader())
        {
            while (reader.Read())
            {
                _ids[reader.GetInt32(0)][reader.GetString(2)] = reader.GetInt64(1);
            }
        }

        IdOf(Dimension.Event, "access");
        _spans.Clear();
        using var ranges = Command("select origin, first, next from span join log using(log)");
        using var rows = ranges.ExecuteReader();
        while (rows.Read())
        {
            SpansOf(rows.GetString(0)).Add(rows.GetInt64(1), rows.GetInt64(2));
        }
    }

    private IEnumerable<(long Client, long Agent, UInt128 Subject)> LookupsOf(int day)
    {
        using var known = Command($"select 1 from agent_day where d = {RowSql.Number(day)} limit 1");
        if (known.ExecuteScalar() is null)
        {
            yield break;
        }

        // A day of local time lies within 26 hours of UTC around it.
        var start = (day - LocalTime.EpochDay) * 24L * LocalTime.HourMilliseconds;
        using var command = Command(
            $"select ts, cli, agent, subj from rec where ev = 1 and subj is not null and cli is not null and agent is not null and ts >= {RowSql.Number(start - LocalTime.HourMilliseconds * 2)} and ts < {RowSql.Number(start + LocalTime.HourMilliseconds * 26)}"
        );
        using var reader = command.ExecuteReader();
        while (reader.Read())
        {
            if (LocalTime.Of(reader.GetInt64(0)).Day == day)
            {
                yield return (reader.GetInt64(1), reader.GetInt64(2), RollUps.SubjectOf(reader.GetFieldValue<byte[]>(3)));
            }
        }
    }

    private object? Scalar(string sql)
    {
        using var command = Command(sql);
        return command.ExecuteScalar();
    }

    private void Execute(string sql)
    {
        using var command = Command(sql);
        command.ExecuteNonQuery();
    }

    private SqliteCommand Command(string sql) => new(sql, _connection);
}
