using System.Data.Common;
using AuditIndex.Questions;
using AuditIndex.Sql;
using Microsoft.Data.Sqlite;

namespace AuditIndex.Sqlite;

/// <summary>Reads one month beside its writer, for one question at a time. Its statements stay prepared.</summary>
internal sealed class MonthReader : IDictionaryReader, IAsyncDisposable
{
    private const int MostKept = 32;
    private readonly SqliteConnection _connection;
    private readonly ReadFile _file;
    private readonly Dictionary<string, SqliteCommand> _kept = new(StringComparer.Ordinal);

    private MonthReader(SqliteConnection connection, ReadFile file) => (this._connection, this._file) = (connection, file);

    public DbConnection Connection => _connection;

    /// <param name="path">The file.</param>
    /// <param name="file">Where the reader is kept between questions.</param>
    /// <param name="cancel">Gives up.</param>
    public static async Task<MonthReader> Open(string path, ReadFile file, CancellationToken cancel)
    {
        var opened = new SqliteConnection(
            new SqliteConnectionStringBuilder
            {
                DataSource = path,
                Mode = SqliteOpenMode.ReadOnly,
                Pooling = false,
            }.ConnectionString
        );
        try
        {
            await opened.OpenAsync(cancel);
            return new MonthReader(opened, file);
        }
        catch
        {
            await opened.DisposeAsync();
            throw;
        }
    }

    public async Task<long?> Find(Dimension dimension, string text, CancellationToken cancel)
    {
        await using var command = Command("select id from dict where kind = @kind and text = @text");
        command.Add("kind", (int)dimension);
        command.Add("text", text);
        return (long?)await command.ExecuteScalarAsync(cancel);
    }

    public async Task<IReadOnlyList<long>> Where(Dimension dimension, Func<string, bool> condition, CancellationToken cancel)
    {
        var found = new List<long>();
        await using var command = Command("select id, text from dict where kind = @kind order by id");
        command.Add("kind", (int)dimension);
        await using var reader = await command.ExecuteReaderAsync(cancel);
        while (await reader.ReadAsync(cancel))
        {
            if (condition(reader.GetString(1)))
            {
                found.Add(reader.GetInt64(0));
            }
        }

        return found;
    }

    public string TextOf(Dimension dimension, long id) => _file.Texts.GetOrAdd((dimension, id), ReadText);

    /// <summary>The origin of a log that this file has rows of.</summary>
    public string OriginOf(long log)
    {
        using var command = Command("select origin from log where log = @log");
        command.Add("log", log);
        return (string)command.ExecuteScalar()!;
    }

    public SqliteCommand Command(string sql) => new(sql, _connection);

    /// <summary>
    /// The statement of a text, prepared before or now. The reader stays its owner: set its parameters, do not dispose of it.
    /// </summary>
    public SqliteCommand Kept(string sql)
    {
        if (!_kept.TryGetValue(sql, out var command))
        {
            command = _kept[sql] = Command(sql);

            // Said explicitly: a reader that is left before its last result leaves its command unprepared.
            command.Prepare();
        }

        return command;
    }

    /// <summary>Keeps the reader for the next question.</summary>
    public ValueTask DisposeAsync()
    {
        // Only here is none of them being read.
        if (_kept.Count > MostKept)
        {
            DropKept();
        }

        if (!_file.Keep(this))
        {
            Close();
        }

        return ValueTask.CompletedTask;
    }

    /// <summary>Closes the file.</summary>
    public void Close()
    {
        DropKept();
        _connection.Dispose();
    }

    private void DropKept()
    {
        foreach (var command in _kept.Values)
        {
            command.Dispose();
        }

        _kept.Clear();
    }

    private string ReadText((Dimension Dimension, long Id) key)
    {
        var command = Kept("select text from dict where kind = @kind and id = @id");
        command.Set("kind", (int)key.Dimension);
        command.Set("id", key.Id);
        return (string)command.ExecuteScalar()!;
    }
}
