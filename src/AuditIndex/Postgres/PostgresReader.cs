using System.Collections.Concurrent;
using System.Data;
using System.Data.Common;
using AuditIndex.Questions;
using AuditIndex.Sql;
using Npgsql;

namespace AuditIndex.Postgres;

/// <summary>One connection for one question, with the whole dictionary at hand: it is small, and an id keeps its text.</summary>
internal sealed class PostgresReader : IDictionaryReader, IAsyncDisposable
{
    private readonly NpgsqlConnection _connection;
    private readonly ConcurrentDictionary<(Dimension, long), string> _texts;
    private readonly Dictionary<long, string> _origins = [];
    private readonly List<NpgsqlCommand> _commands = [];
    private NpgsqlTransaction? _transaction;

    private PostgresReader(NpgsqlConnection connection, ConcurrentDictionary<(Dimension, long), string> texts) =>
        (this._connection, this._texts) = (connection, texts);

    public NpgsqlConnection Connection => _connection;

    /// <summary>
    /// Opens one. Pooled connections may have died with their server: then all of them are thrown away, and the question is asked on a
    /// fresh one.
    /// </summary>
    public static async Task<PostgresReader> Open(
        NpgsqlDataSource source,
        ConcurrentDictionary<(Dimension, long), string> texts,
        CancellationToken cancel
    )
    {
        try
        {
            return await Begin(source, texts, cancel);
        }
        catch (NpgsqlException fault)
            when (fault is not PostgresException { SqlState: not (PostgresErrorCodes.AdminShutdown or PostgresErrorCodes.CrashShutdown) }
                && fault.InnerException is not TimeoutException
            )
        {
            source.Clear();
            return await Begin(source, texts, cancel);
        }
    }

    private static async Task<PostgresReader> Begin(
        NpgsqlDataSource source,
        ConcurrentDictionary<(Dimension, long), string> texts,
        CancellationToken cancel
    )
    {
        var reader = new PostgresReader(await source.OpenConnectionAsync(cancel), texts);
        try
        {
            // One snapshot for dictionary and rows: a row never has a number that the dictionary lacks.
            reader._transaction = await reader._connection.BeginTransactionAsync(IsolationLevel.RepeatableRead, cancel);
            await reader.Load(
                new NpgsqlCommand("select 0, log, origin from src", reader._connection),
                (_, log, origin) => reader._origins[log] = origin,
                cancel
            );
            // Numbers are given under a lock, in the order of commits: what is new stands behind the last one known of its kind.
            var known = Enumerable
                .Range(1, (int)Dimension.Fields)
                .Select(kind =>
                    (kind, Last: texts.Keys.Where(key => (int)key.Item1 == kind).Select(static key => key.Item2).DefaultIfEmpty().Max())
                )
                .ToList();
            var news = new NpgsqlCommand(
                "select d.kind, d.id, d.text from dict d join unnest(@kinds, @last) as k(kind, last) on d.kind = k.kind and d.id > k.last",
                reader._connection
            );
            news.Parameters.AddWithValue("kinds", known.ConvertAll(static pair => pair.kind));
            news.Parameters.AddWithValue("last", known.ConvertAll(static pair => (int)pair.Last));
            await reader.Load(news, (kind, id, text) => texts[((Dimension)kind, id)] = text, cancel);
            return reader;
        }
        catch
        {
            await reader.DisposeAsync();
            throw;
        }
    }

    public Task<long?> Find(Dimension dimension, string text, CancellationToken cancel) =>
        Task.FromResult(
            _texts
                .Where(pair => pair.Key.Item1 == dimension && pair.Value == text)
                .Select(static pair => (long?)pair.Key.Item2)
                .FirstOrDefault()
        );

    public Task<IReadOnlyList<long>> Where(Dimension dimension, Func<string, bool> condition, CancellationToken cancel) =>
        Task.FromResult<IReadOnlyList<long>>([
            .. _texts.Where(pair => pair.Key.Item1 == dimension && condition(pair.Value)).Select(static pair => pair.Key.Item2).Order(),
        ]);

    public string TextOf(Dimension dimension, long id) => _texts[(dimension, id)];

    public Task<RecordRow> ReadRow(DbDataReader row, CancellationToken cancel) =>
        Task.FromResult(RowSql.Read(row, log => _origins[log], TextOf));

    /// <summary>A command of the reader, which disposes of it.</summary>
    public NpgsqlCommand Command(string sql)
    {
        var command = new NpgsqlCommand(sql, _connection);
        _commands.Add(command);
        return command;
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var command in _commands)
        {
            await command.DisposeAsync();
        }

        if (_transaction is not null)
        {
            await _transaction.DisposeAsync();
        }

        await _connection.DisposeAsync();
    }

    private async Task Load(NpgsqlCommand command, Action<int, long, string> take, CancellationToken cancel)
    {
        await using var owned = command;
        await using var reader = await command.ExecuteReaderAsync(cancel);
        while (await reader.ReadAsync(cancel))
        {
            take(reader.GetInt32(0), reader.GetInt64(1), reader.GetString(2));
        }
    }
}
