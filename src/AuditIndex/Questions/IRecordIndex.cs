using AuditIndex.Filling;

namespace AuditIndex.Questions;

/// <summary>
/// A search index over published records (ledger page §16): typed questions, no queryable objects. Two implementations: SQLite files by
/// month, and PostgreSQL. Losable: everything comes back from the logs. Inside this assembly only, for every question from outside is
/// sealed first (<see cref="Watched.WatchedIndex"/>).
/// </summary>
internal interface IRecordIndex : IDisposable
{
    /// <summary>How far each log is applied without a gap: the first position that is missing, by origin.</summary>
    IReadOnlyDictionary<string, long> Positions();

    /// <summary>
    /// Applies a run of consecutive positions, all of one local month. Rows, roll-ups and the position commit together; what was applied
    /// before is left out, so a run may be offered twice.
    /// </summary>
    /// <param name="origin">The log.</param>
    /// <param name="first">First position of the run.</param>
    /// <param name="next">Position behind the run.</param>
    /// <param name="run">Its records; decisions are folded into theirs.</param>
    void Apply(string origin, long first, long next, IReadOnlyList<IndexedRecord> run);

    /// <summary>Empties the index and prepares it for a fast filling.</summary>
    void BeginRebuild();

    /// <summary>Makes what a fast filling left out.</summary>
    void EndRebuild();

    /// <summary>Forgets all rows of a log whose records were destroyed. Roll-ups keep the counts: they hold no person.</summary>
    void Forget(string origin);

    /// <summary>Records that the filter lets through, newest first, behind a given one.</summary>
    Task<IReadOnlyList<RecordRow>> List(RecordFilter filter, RecordPosition? after, int limit, CancellationToken cancel);

    /// <summary>The record of an exchange.</summary>
    Task<RecordRow?> ByExchange(string exchangeId, CancellationToken cancel);

    /// <summary>Hourly roll-up.</summary>
    Task<IReadOnlyList<HourlyCount>> Hourly(RollUpFilter filter, CancellationToken cancel);

    /// <summary>Agent-day roll-up, both days included.</summary>
    Task<IReadOnlyList<AgentDay>> AgentDays(DateOnly from, DateOnly to, CancellationToken cancel);

    /// <summary>Refusals in bins of five minutes.</summary>
    Task<IReadOnlyList<RefusalBin>> Refusals(DateTimeOffset from, DateTimeOffset to, CancellationToken cancel);
}
