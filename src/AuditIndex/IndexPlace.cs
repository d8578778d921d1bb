using AuditIndex.Filling;
using AuditIndex.People;
using AuditIndex.Postgres;
using AuditIndex.Questions;
using AuditIndex.Sqlite;
using AuditIndex.Watched;
using Ledger;
using Ledger.Subjects;

namespace AuditIndex;

/// <summary>Where an index is: a folder of SQLite files, or a PostgreSQL database.</summary>
public sealed record IndexPlace
{
    /// <summary>Folder of the monthly files; the default store.</summary>
    public string? Folder { get; init; }

    /// <summary>Connection string of PostgreSQL, without password; wins over the folder.</summary>
    public string? Postgres { get; init; }

    /// <summary>File with the password of that connection.</summary>
    public string? PasswordFile { get; init; }

    /// <summary>Gives the password of each connection in place of the file: who watches it knows the last good one.</summary>
    public Func<string>? Password { get; init; }

    /// <summary>Opens the index to be filled from the logs.</summary>
    /// <param name="logs">The logs.</param>
    /// <param name="progress">Told after each batch that was applied: the log, how far it is applied, how far it is published.</param>
    /// <exception cref="IOException">Another process fills the folder.</exception>
    public IndexFiller Fill(IReadOnlyList<LogSource> logs, Action<string, long, long>? progress = null) =>
        new(Open(fill: true), logs, progress);

    /// <summary>Opens the index to be read, by readers who are recorded.</summary>
    /// <param name="logs">The logs, for proofs.</param>
    /// <param name="ledger">Seals each reading before its answer is given.</param>
    /// <param name="keys">All retained keys of pseudonyms.</param>
    /// <param name="texts">Where the readers' reasons are kept.</param>
    /// <param name="time">Clock.</param>
    public WatchedIndex Read(IReadOnlyList<LogSource> logs, ILedger ledger, SubjectKeys keys, DetachedTexts texts, TimeProvider time) =>
        new(Open(fill: false), logs, new SubjectSearch(keys), new ReadingSeal(ledger, texts, time));

    /// <summary>Opens the index for exports of what a query finds, each sealed; persons cannot be searched through it.</summary>
    /// <param name="logs">The logs, whose records are exported.</param>
    /// <param name="ledger">Seals each export before its file is there.</param>
    /// <param name="texts">Where the readers' reasons are kept.</param>
    /// <param name="time">Clock.</param>
    public WatchedRows ReadRows(IReadOnlyList<LogSource> logs, ILedger ledger, DetachedTexts texts, TimeProvider time) =>
        new(Open(fill: false), logs, new ReadingSeal(ledger, texts, time), time);

    /// <summary>How far each log is applied, by origin. Tells nothing about any record.</summary>
    public IReadOnlyDictionary<string, long> Positions()
    {
        using var index = Open(fill: false);
        return index.Positions();
    }

    internal IRecordIndex Open(bool fill) =>
        Postgres is { } connection ? PostgresIndex.Open(connection, PasswordFile, Password)
        : Folder is not { } folder ? throw new InvalidOperationException("An index is in a folder or in PostgreSQL: neither is named.")
        : fill ? SqliteIndex.OpenToFill(folder)
        : SqliteIndex.OpenToRead(folder);
}

/// <summary>Fills an index.</summary>
public sealed class IndexFiller : IDisposable
{
    private const int RebuildBatch = 65_536;
    private readonly IRecordIndex _index;
    private readonly IReadOnlyList<LogSource> _logs;
    private readonly Follower _follower;

    internal IndexFiller(IRecordIndex index, IReadOnlyList<LogSource> logs, Action<string, long, long>? progress)
    {
        (this._index, this._logs) = (index, logs);
        _follower = new Follower(index, logs) { Progress = progress };
    }

    /// <summary>How far each log is applied, by origin.</summary>
    public IReadOnlyDictionary<string, long> Positions() => _index.Positions();

    /// <summary>Applies what is published now; how many positions that was.</summary>
    /// <exception cref="LedgerDamaged">A log does not agree with itself, or is not the one followed so far.</exception>
    public long CatchUp(CancellationToken cancel = default) => _follower.CatchUp(cancel);

    /// <summary>Follows until cancelled, at most half a second behind publication.</summary>
    /// <exception cref="LedgerDamaged">As <see cref="CatchUp"/>.</exception>
    public Task Follow(TimeProvider time, CancellationToken cancel) => _follower.Follow(time, cancel);

    /// <summary>Empties the index and fills it from the logs alone.</summary>
    /// <param name="progress">Told the log, how far it is applied and how far it is published.</param>
    /// <param name="cancel">Gives up; the next catching up goes on.</param>
    /// <exception cref="LedgerDamaged">A log does not agree with itself.</exception>
    public long Rebuild(Action<string, long, long>? progress = null, CancellationToken cancel = default)
    {
        _index.BeginRebuild();
        try
        {
            return new Follower(_index, _logs, RebuildBatch) { Progress = progress }.CatchUp(cancel);
        }
        finally
        {
            _index.EndRebuild();
        }
    }

    /// <summary>Forgets the rows of a log whose records were destroyed.</summary>
    public void Forget(string origin) => _index.Forget(origin);

    /// <inheritdoc/>
    public void Dispose() => _index.Dispose();
}
