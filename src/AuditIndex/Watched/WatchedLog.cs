using Ledger;
using Ledger.Subjects;
using Ledger.Tiles;

namespace AuditIndex.Watched;

/// <summary>What a reading of whole logs found, with how many records it rests on.</summary>
/// <typeparam name="T">What is shown.</typeparam>
/// <param name="Answer">What is shown.</param>
/// <param name="Rows">Records that it rests on.</param>
public sealed record LogFinding<T>(T Answer, long Rows);

/// <summary>Reads logs record by record for whoever says why, without an index; the reading is sealed before its result shows.</summary>
public sealed class WatchedLog(ILedger ledger, DetachedTexts texts, TimeProvider time)
{
    private readonly ReadingSeal _seal = new(ledger, texts, time);

    /// <summary>Reads, seals <c>officer.search</c>, and only then gives the finding back.</summary>
    /// <param name="reader">Who reads, and why.</param>
    /// <param name="logs">Logs.</param>
    /// <param name="query">What is asked, canonical; never an identifier or a pseudonym of a person.</param>
    /// <param name="read">Reads them.</param>
    /// <exception cref="LedgerUnavailable">The reading cannot be sealed; nothing is shown.</exception>
    public Task<View<T>> Read<T>(Reader reader, IReadOnlyList<LogReader> logs, string query, Func<LogFinding<T>> read)
    {
        var at = logs.ToDictionary(static log => log.Checkpoint.Origin, static log => log.Checkpoint.Size, StringComparer.Ordinal);
        return _seal.Show(reader, at, () =>
        {
            var found = read();
            return Task.FromResult((found.Answer, new Reading("officer.search", query, found.Rows, Positions: null)));
        });
    }
}
