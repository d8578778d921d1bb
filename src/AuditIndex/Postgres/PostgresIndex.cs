using System.Collections.Concurrent;
using AuditIndex.Filling;
using AuditIndex.Questions;
using AuditIndex.Sql;
using Ledger;
using Npgsql;

namespace AuditIndex.Postgres;

/// <summary>The index in PostgreSQL, partitioned by local month: for several nodes, or above about a hundred million rows.</summary>
internal sealed class PostgresIndex : IRecordIndex
{
    private readonly NpgsqlDataSource _source;
    private readonly PostgresFilling _filling;
    private readonly ConcurrentDictionary<(Dimension, long), string> _texts = new();

    private PostgresIndex(NpgsqlDataSource source)
    {
        this._source = source;
        _filling = new PostgresFilling(source);
        using var connection = source.OpenConnection();
        PostgresSchema.Prepare(connection);
        // Id 1 is "access": the partial index of rarer events relies on it.
        PostgresSchema.Run(connection, "insert into audit_index.dict values(1, 1, 'access') on conflict do nothing");
    }

    /// <summary>
    /// Opens the index, making its schema where it is missing. The password comes from a file or the environment, never from the text.
    /// </summary>
    /// <param name="connectionString">As Npgsql takes it, without password.</param>
    /// <param name="passwordFile">File with the password; null when the environment gives it.</param>
    /// <param name="password">Gives the password instead; null when nobody does.</param>
    public static PostgresIndex Open(string connectionString, string? passwordFile, Func<string>? password = null)
    {
        var builder = new NpgsqlDataSourceBuilder(
            new NpgsqlConnectionStringBuilder(connectionString)
            {
                SearchPath = "audit_index",
                IncludeErrorDetail = false,
                ApplicationName = "audit_index",
            }.ConnectionString
        );
        var asked = password ?? (passwordFile is null ? null : () => SecretFile.ReadText(passwordFile).Trim());
        if (asked is not null)
        {
            builder.UsePasswordProvider(_ => asked(), (_, _) => ValueTask.FromResult(asked()));
        }

        return new PostgresIndex(builder.Build());
    }

    public IReadOnlyDictionary<string, long> Positions()
    {
        var positions = new Dictionary<string, long>(StringComparer.Ordinal);
        using var connection = _source.OpenConnection();
        using var command = new NpgsqlCommand("select origin, next from src", connection);
        using var reader = command.ExecuteReader();
        while (reader.Read())
        {
            positions[reader.GetString(0)] = reader.GetInt64(1);
        }

        return positions;
    }

    public void Apply(string origin, long first, long next, IReadOnlyList<IndexedRecord> run) => _filling.Apply(origin, first, next, run);

    public void BeginRebuild()
    {
        using var connection = _source.OpenConnection();
        foreach (var partition in PostgresSchema.Partitions(connection))
        {
            PostgresSchema.Run(connection, $"drop table {partition}");
        }

        PostgresSchema.Run(connection, "truncate src, hourly, agent_day");
        _filling.WithIndexes = false;
    }

    public void EndRebuild()
    {
        _filling.WithIndexes = true;
        using var connection = _source.OpenConnection();
        PostgresSchema.MakeIndexes(connection);
    }

    public void Forget(string origin)
    {
        using var connection = _source.OpenConnection();
        PostgresSchema.Run(connection, $"delete from rec where log = {RowSql.Number(LogNumber.Of(origin))}");
    }

    public async Task<IReadOnlyList<RecordRow>> List(RecordFilter filter, RecordPosition? after, int limit, CancellationToken cancel)
    {
        await using var reader = await PostgresReader.Open(_source, _texts, cancel);
        var key = after is { } position ? await KeyOf(reader, position, cancel) : null;
        var query = await ListQuery.For(filter, key, reader, null, cancel);
        if (query.IsEmpty || (after is not null && key is null))
        {
            return [];
        }

        return await ListAnswer.Run(query.Commands(reader.Command, limit, withHints: false), reader.ReadRow, limit, cancel);
    }

    public async Task<RecordRow?> ByExchange(string exchangeId, CancellationToken cancel)
    {
        if (BinaryId.OfUlid(exchangeId) is not { } id)
        {
            return null;
        }

        await using var reader = await PostgresReader.Open(_source, _texts, cancel);
        var command = reader.Command($"select {RowSql.Columns} from rec where xid = @xid order by ts desc, log desc, idx desc limit 1");
        command.Add("xid", id);
        return (await ListAnswer.Run([command], reader.ReadRow, 1, cancel)).FirstOrDefault();
    }

    public async Task<IReadOnlyList<HourlyCount>> Hourly(RollUpFilter filter, CancellationToken cancel)
    {
        await using var reader = await PostgresReader.Open(_source, _texts, cancel);
        return RollUpSql.Merge(await RollUpSql.Hourly(filter, reader, reader.Connection, reader.TextOf, cancel));
    }

    public async Task<IReadOnlyList<AgentDay>> AgentDays(DateOnly from, DateOnly to, CancellationToken cancel)
    {
        await using var reader = await PostgresReader.Open(_source, _texts, cancel);
        return RollUpSql.Sort(await RollUpSql.AgentDays(from, to, reader.Connection, reader.TextOf, cancel));
    }

    public async Task<IReadOnlyList<RefusalBin>> Refusals(DateTimeOffset from, DateTimeOffset to, CancellationToken cancel)
    {
        await using var reader = await PostgresReader.Open(_source, _texts, cancel);
        return RollUpSql.Merge(await RollUpSql.Refusals(from, to, reader.Connection, reader.TextOf, cancel));
    }

    public void Dispose() => _source.Dispose();

    private static async Task<PageKey?> KeyOf(PostgresReader reader, RecordPosition position, CancellationToken cancel)
    {
        await using var command = reader.Connection.CreateCommand();
        command.CommandText = "select ts from rec where log = @log and idx = @idx";
        command.Add("log", LogNumber.Of(position.Origin));
        command.Add("idx", position.Index);
        return await command.ExecuteScalarAsync(cancel) is long time
            ? new PageKey(time, LogNumber.Of(position.Origin), position.Index)
            : null;
    }
}
