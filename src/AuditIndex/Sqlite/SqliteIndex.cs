using System.Collections.Concurrent;
using AuditIndex.Filling;
using AuditIndex.Questions;
using AuditIndex.Sql;
using Microsoft.Data.Sqlite;

namespace AuditIndex.Sqlite;

/// <summary>
/// The index as files <c>2026-10.db</c>, one for each local month. One process fills them, any may read. A file that is deleted is filled
/// again by the next catching up, and nothing else is touched.
/// </summary>
internal sealed class SqliteIndex : IRecordIndex
{
    private const int MostWriters = 4;
    private readonly string _folder;
    private readonly FileStream? _ownership;
    private readonly Dictionary<int, MonthWriter> _writers = [];
    private readonly MonthReaders _readers = new();
    private readonly ConcurrentDictionary<long, string> _origins = new();
    private readonly Dictionary<string, SpanSet> _spans = new(StringComparer.Ordinal);
    private bool _rebuilding;

    private SqliteIndex(string folder, FileStream? ownership)
    {
        (this._folder, this._ownership) = (folder, ownership);
        foreach (var month in ownership is null ? [] : Months())
        {
            using var writer = new MonthWriter(FileOf(month), withIndexes: true);
            Know(writer);
        }
    }

    /// <summary>Opens an index to be read, beside the process that fills it.</summary>
    public static SqliteIndex OpenToRead(string folder) => new(folder, null);

    /// <summary>Opens an index to be filled and read.</summary>
    /// <exception cref="IOException">Another process fills it.</exception>
    public static SqliteIndex OpenToFill(string folder)
    {
        Directory.CreateDirectory(folder);
        return new SqliteIndex(
            folder,
            new FileStream(Path.Combine(folder, "lock"), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None)
        );
    }

    public IReadOnlyDictionary<string, long> Positions()
    {
        if (_ownership is not null)
        {
            return _spans.ToDictionary(static pair => pair.Key, static pair => pair.Value.Contiguous, StringComparer.Ordinal);
        }

        var union = new Dictionary<string, SpanSet>(StringComparer.Ordinal);
        foreach (var month in Months())
        {
            using var connection = new SqliteConnection($"Data Source={FileOf(month)};Mode=ReadOnly;Pooling=False");
            connection.Open();
            using var command = new SqliteCommand("select origin, first, next from span join log using(log)", connection);
            using var reader = command.ExecuteReader();
            while (reader.Read())
            {
                (union.TryGetValue(reader.GetString(0), out var set) ? set : union[reader.GetString(0)] = new SpanSet()).Add(
                    reader.GetInt64(1),
                    reader.GetInt64(2)
                );
            }
        }

        return union.ToDictionary(static pair => pair.Key, static pair => pair.Value.Contiguous, StringComparer.Ordinal);
    }

    public void Apply(string origin, long first, long next, IReadOnlyList<IndexedRecord> run)
    {
        var writer = Writer(run[0].Local.Month);
        writer.Apply(origin, first, next, run);
        (_spans.TryGetValue(origin, out var set) ? set : _spans[origin] = new SpanSet()).Add(first, next);
    }

    public void BeginRebuild()
    {
        CloseWriters();
        _readers.Dispose();
        foreach (var month in Months())
        {
            foreach (var suffix in (ReadOnlySpan<string>)["", "-wal", "-shm"])
            {
                File.Delete(FileOf(month) + suffix);
            }
        }

        _spans.Clear();
        _rebuilding = true;
    }

    public void EndRebuild()
    {
        _rebuilding = false;
        CloseWriters();
        foreach (var month in Months())
        {
            Writer(month).MakeIndexes();
        }
    }

    public void Forget(string origin)
    {
        foreach (var month in Months())
        {
            Writer(month).Forget(origin);
        }
    }

    public async Task<IReadOnlyList<RecordRow>> List(RecordFilter filter, RecordPosition? after, int limit, CancellationToken cancel)
    {
        var key = after is { } position ? await KeyOf(position, cancel) : null;
        var rows = new List<RecordRow>();
        if (after is not null && key is null)
        {
            return rows;
        }

        foreach (var month in Months().OrderDescending().Where(month => InMonth(filter, key, month)))
        {
            await using var reader = await Reader(month, cancel);
            var query = await ListQuery.For(filter, key, reader, month, cancel);
            if (!query.IsEmpty)
            {
                rows.AddRange(
                    await ListAnswer.Run(
                        query.Commands(reader.Kept, limit - rows.Count, withHints: true),
                        (row, _) => Task.FromResult(RowSql.Read(row, log => OriginOf(reader, log), reader.TextOf)),
                        limit - rows.Count,
                        cancel
                    )
                );
            }

            if (rows.Count >= limit)
            {
                break;
            }
        }

        return rows;
    }

    public async Task<RecordRow?> ByExchange(string exchangeId, CancellationToken cancel)
    {
        foreach (var month in BinaryId.OfUlid(exchangeId) is null ? Enumerable.Empty<int>() : Months().OrderDescending())
        {
            await using var reader = await Reader(month, cancel);
            await using var command = reader.Command(
                $"select {RowSql.Columns} from rec where xid = @xid order by ts desc, log desc, idx desc limit 1"
            );
            command.Add("xid", BinaryId.OfUlid(exchangeId)!);
            await using var row = await command.ExecuteReaderAsync(cancel);
            if (await row.ReadAsync(cancel))
            {
                return RowSql.Read(row, log => OriginOf(reader, log), reader.TextOf);
            }
        }

        return null;
    }

    public Task<IReadOnlyList<HourlyCount>> Hourly(RollUpFilter filter, CancellationToken cancel) =>
        Gather(
            filter.From,
            filter.To,
            (reader, token) => RollUpSql.Hourly(filter, reader, reader.Connection, reader.TextOf, token),
            RollUpSql.Merge,
            cancel
        );

    public Task<IReadOnlyList<AgentDay>> AgentDays(DateOnly from, DateOnly to, CancellationToken cancel) =>
        Gather(
            LocalTime.StartOf(from),
            LocalTime.StartOf(to.AddDays(1)),
            (reader, token) => RollUpSql.AgentDays(from, to, reader.Connection, reader.TextOf, token),
            RollUpSql.Sort,
            cancel
        );

    public Task<IReadOnlyList<RefusalBin>> Refusals(DateTimeOffset from, DateTimeOffset to, CancellationToken cancel) =>
        Gather(from, to, (reader, token) => RollUpSql.Refusals(from, to, reader.Connection, reader.TextOf, token), RollUpSql.Merge, cancel);

    public void Dispose()
    {
        CloseWriters();
        _readers.Dispose();
        _ownership?.Dispose();
    }

    private async Task<IReadOnlyList<T>> Gather<T>(
        DateTimeOffset from,
        DateTimeOffset to,
        Func<MonthReader, CancellationToken, Task<List<T>>> ask,
        Func<List<T>, IReadOnlyList<T>> finish,
        CancellationToken cancel
    )
    {
        var all = new List<T>();
        foreach (var month in Months().Where(month => InMonth(new RecordFilter { From = from, To = to }, null, month)))
        {
            await using var reader = await Reader(month, cancel);
            all.AddRange(await ask(reader, cancel));
        }

        return finish(all);
    }

    private async Task<PageKey?> KeyOf(RecordPosition position, CancellationToken cancel)
    {
        foreach (var month in Months().OrderDescending())
        {
            await using var reader = await Reader(month, cancel);
            await using var command = reader.Command("select ts from rec where log = @log and idx = @idx");
            command.Add("log", LogNumber.Of(position.Origin));
            command.Add("idx", position.Index);
            if (await command.ExecuteScalarAsync(cancel) is long time)
            {
                return new PageKey(time, LogNumber.Of(position.Origin), position.Index);
            }
        }

        return null;
    }

    private static bool InMonth(RecordFilter filter, PageKey? after, int month) =>
        !(filter.From is { } from && LocalTime.Of(from.ToUnixTimeMilliseconds()).Month > month)
        && !(filter.To is { } to && LocalTime.Of(to.ToUnixTimeMilliseconds()).Month < month)
        && !(after is { } key && LocalTime.Of(key.Time).Month < month);

    private IEnumerable<int> Months() =>
        Directory
            .EnumerateFiles(_folder, "*.db")
            .Select(static file => LocalTime.MonthOf(Path.GetFileNameWithoutExtension(file)))
            .OfType<int>()
            .Order();

    private string FileOf(int month) => Path.Combine(_folder, LocalTime.NameOf(month) + ".db");

    private Task<MonthReader> Reader(int month, CancellationToken cancel) => _readers.Take(FileOf(month), cancel);

    /// <summary>A log's number comes from its origin, so what one file says of it holds for all.</summary>
    private string OriginOf(MonthReader reader, long log) => _origins.GetOrAdd(log, static (log, reader) => reader.OriginOf(log), reader);

    private MonthWriter Writer(int month)
    {
        if (!_writers.TryGetValue(month, out var writer))
        {
            if (_writers.Count >= MostWriters)
            {
                var oldest = _writers.Keys.Min();
                _writers[oldest].Dispose();
                _writers.Remove(oldest);
            }

            writer = _writers[month] = new MonthWriter(FileOf(month), withIndexes: !_rebuilding);
            Know(writer);
        }

        return writer;
    }

    private void Know(MonthWriter writer)
    {
        foreach (var (origin, here) in writer.Spans)
        {
            var set = _spans.TryGetValue(origin, out var known) ? known : _spans[origin] = new SpanSet();
            foreach (var (first, next) in here.Spans)
            {
                set.Add(first, next);
            }
        }
    }

    private void CloseWriters()
    {
        foreach (var writer in _writers.Values)
        {
            writer.Dispose();
        }

        _writers.Clear();
    }
}
