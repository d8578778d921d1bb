using System.Collections.Concurrent;
using AuditIndex.Questions;

namespace AuditIndex.Sqlite;

/// <summary>
/// Readers of months, kept open between questions together with their prepared statements: to prepare one takes longer than to run it. A
/// file that was replaced since gets new ones.
/// </summary>
internal sealed class MonthReaders : IDisposable
{
    private readonly Dictionary<string, ReadFile> _files = new(StringComparer.Ordinal);

    /// <summary>A reader of a file, for one question at a time. Disposed of, it is kept for the next.</summary>
    public async Task<MonthReader> Take(string path, CancellationToken cancel)
    {
        var file = Present(path, File.GetCreationTimeUtc(path));
        return file.Take() ?? await MonthReader.Open(path, file, cancel);
    }

    /// <summary>Closes all that are not in use, and the others when they are given back.</summary>
    public void Dispose()
    {
        lock (_files)
        {
            foreach (var file in _files.Values)
            {
                file.Close();
            }

            _files.Clear();
        }
    }

    private ReadFile Present(string path, DateTime made)
    {
        lock (_files)
        {
            if (_files.TryGetValue(path, out var known))
            {
                if (known.Made == made)
                {
                    return known;
                }

                known.Close();
            }

            return _files[path] = new ReadFile(made);
        }
    }
}

/// <summary>
/// One file as it was made once: its idle readers, and the texts of its dictionary that were read. An id keeps its text as long as the file
/// lives.
/// </summary>
/// <param name="made">When the file was made.</param>
internal sealed class ReadFile(DateTime made)
{
    private const int MostIdle = 4;
    private readonly Stack<MonthReader> _idle = new();
    private bool _closed;

    public DateTime Made { get; } = made;

    public ConcurrentDictionary<(Dimension, long), string> Texts { get; } = new();

    public MonthReader? Take()
    {
        lock (_idle)
        {
            return _idle.TryPop(out var reader) ? reader : null;
        }
    }

    /// <summary>Keeps a reader for the next question; false when it must be closed.</summary>
    public bool Keep(MonthReader reader)
    {
        lock (_idle)
        {
            if (_closed || _idle.Count >= MostIdle)
            {
                return false;
            }

            _idle.Push(reader);
            return true;
        }
    }

    public void Close()
    {
        lock (_idle)
        {
            _closed = true;
            while (_idle.TryPop(out var reader))
            {
                reader.Close();
            }
        }
    }
}
