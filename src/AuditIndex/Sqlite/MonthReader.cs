using System.Collections.Concurrent;
using System.Data.Common;
using AuditIndex.Questions;
using AuditIndex.Sql;
using Microsoft.Data.Sqlite;

namespace AuditIndex.Sqlite;

/// <summary>Reads one month, from any thread, beside its writer. Connections come from the provider's pool.</summary>
internal sealed class MonthReader : IDictionaryReader, IAsyncDisposable
{
    private readonly SqliteConnection connection;
    private readonly ConcurrentDictionary<(Dimension, long), string> texts;

    private MonthReader(SqliteConnection connection, ConcurrentDictionary<(Dimension, long), string> texts) => (this.connection, this.texts) = (connection, texts);

    public DbConnection Connection => connection;

    /// <param name="path">The file.</param>
    /// <param name="texts">Texts of this file's dictionary that were read before: an id keeps its text as long as the file lives.</param>
    /// <param name="cancel">Gives up.</param>
    public static async Task<MonthReader> Open(string path, ConcurrentDictionary<(Dimension, long), string> texts, CancellationToken cancel)
    {
        var opened = new SqliteConnection(new SqliteConnectionStringBuilder { DataSource = path, Mode = SqliteOpenMode.ReadOnly }.ConnectionString);
        try
        {
            await opened.OpenAsync(cancel);
            return new MonthReader(opened, texts);
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

    public string TextOf(Dimension dimension, long id) => texts.GetOrAdd((dimension, id), ReadText);

    /// <summary>Origins by number.</summary>
    public async Task<Dictionary<long, string>> Origins(CancellationToken cancel)
    {
        var origins = new Dictionary<long, string>();
        await using var command = Command("select log, origin from log");
        await using var reader = await command.ExecuteReaderAsync(cancel);
        while (await reader.ReadAsync(cancel))
        {
            origins[reader.GetInt64(0)] = reader.GetString(1);
        }

        return origins;
    }

    public SqliteCommand Command(string sql) => new(sql, connection);

    public ValueTask DisposeAsync() => connection.DisposeAsync();

    private string ReadText((Dimension Dimension, long Id) key)
    {
        using var command = Command("select text from dict where kind = @kind and id = @id");
        command.Add("kind", (int)key.Dimension);
        command.Add("id", key.Id);
        return (string)command.ExecuteScalar()!;
    }
}
