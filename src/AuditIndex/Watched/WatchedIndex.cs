using AuditIndex.People;
using AuditIndex.Questions;
using Ledger;

namespace AuditIndex.Watched;

/// <summary>
/// The one door to the index. Each question names its reader; the reading is a record of the same ledger, durable before the answer is
/// given (ledger page P9, console page §4). <see cref="LedgerUnavailable"/> from any question means: show nothing.
/// </summary>
public sealed class WatchedIndex : IDisposable
{
    /// <summary>Most rows of one page.</summary>
    public const int LargestPage = 1000;

    private readonly IRecordIndex _index;
    private readonly IReadOnlyList<LogSource> _logs;
    private readonly SubjectSearch _search;
    private readonly ReadingSeal _seal;

    internal WatchedIndex(IRecordIndex index, IReadOnlyList<LogSource> logs, SubjectSearch search, ReadingSeal seal) =>
        (this._index, this._logs, this._search, this._seal) = (index, logs, search, seal);

    /// <summary>
    /// Records that a filter lets through, newest first: everything by a client, agent, agreement, purpose or field; refusals; findings;
    /// officers' acts.
    /// </summary>
    /// <param name="reader">Who asks.</param>
    /// <param name="filter">What.</param>
    /// <param name="after">The last row of the page before; null for the first page.</param>
    /// <param name="limit">Rows of a page, 1 to <see cref="LargestPage"/>.</param>
    /// <param name="cancel">Gives up; a reading that is being sealed is sealed all the same.</param>
    /// <exception cref="LedgerUnavailable">The reading cannot be sealed.</exception>
    public Task<View<IReadOnlyList<RecordRow>>> List(
        Reader reader,
        RecordFilter filter,
        RecordPosition? after = null,
        int limit = 50,
        CancellationToken cancel = default
    )
    {
        var at = _index.Positions();
        var frozen = filter.At.Count == 0 ? filter with { At = at } : filter;
        return Rows("officer.view", reader, frozen, PageWords(frozen.Canonical(), after), after, limit, cancel);
    }

    /// <summary>Who read a person's data: records with one of her pseudonyms, under every retained key.</summary>
    /// <param name="reader">Who asks.</param>
    /// <param name="person">Her tokens, as many as sectors are asked.</param>
    /// <param name="from">Not before.</param>
    /// <param name="to">Before.</param>
    /// <param name="after">The last row of the page before.</param>
    /// <param name="limit">Rows of a page.</param>
    /// <param name="cancel">Gives up.</param>
    /// <exception cref="LedgerUnavailable">The reading cannot be sealed.</exception>
    public async Task<View<PersonAnswer>> WhoRead(
        Reader reader,
        IReadOnlyList<SubjectToken> person,
        DateTimeOffset from,
        DateTimeOffset to,
        RecordPosition? after = null,
        int limit = 50,
        CancellationToken cancel = default
    )
    {
        var (pseudonyms, lost) = _search.Of(person, from, to);
        var filter = new RecordFilter
        {
            From = from,
            To = to,
            At = _index.Positions(),
            Subjects = pseudonyms,
        };
        var words =
            filter.Canonical() + "&sectors=" + string.Join('.', person.Select(static token => token.Type).Order(StringComparer.Ordinal));
        var view = await Rows("officer.search", reader, filter, PageWords(words, after), after, limit, cancel);
        return new View<PersonAnswer>(new PersonAnswer(view.Answer, lost), view.Receipt, view.At);
    }

    /// <summary>The record of an exchange, null when there is none.</summary>
    /// <exception cref="LedgerUnavailable">The reading cannot be sealed.</exception>
    public Task<View<RecordRow?>> ByExchange(Reader reader, string exchangeId, CancellationToken cancel = default) =>
        _seal.Show(reader, _index.Positions(), async () =>
        {
            var row = await _index.ByExchange(exchangeId, cancel);
            return (
                row,
                new Reading(
                    "officer.view",
                    "exchange=" + (Ulid.IsValid(exchangeId) ? exchangeId : "?"),
                    row is null ? 0 : 1,
                    row is null ? [] : [row.Position]
                )
            );
        });

    /// <summary>
    /// One record from the log, re-hashed and proved, with what the index says beside it. A failed proof is an answer too: it says so.
    /// </summary>
    /// <exception cref="LedgerUnavailable">The reading cannot be sealed.</exception>
    public Task<View<ProvenRecord>> Record(Reader reader, RecordPosition position) =>
        _seal.Show(reader, _index.Positions(), () =>
            Task.FromResult((RecordProof.Of(_logs, position), new Reading("officer.view", "record", 1, [position])))
        );

    /// <summary>Hourly counts, for volumes, flows and statements.</summary>
    /// <exception cref="LedgerUnavailable">The reading cannot be sealed.</exception>
    public Task<View<IReadOnlyList<HourlyCount>>> Volume(Reader reader, RollUpFilter filter, CancellationToken cancel = default) =>
        Counts(reader, "volume&" + filter.AsRecordFilter().Canonical(), () => _index.Hourly(filter, cancel));

    /// <summary>Exchanges by local hour of the week: 168 numbers, Monday from midnight first.</summary>
    /// <exception cref="LedgerUnavailable">The reading cannot be sealed.</exception>
    public Task<View<IReadOnlyList<long>>> HoursOfWeek(Reader reader, RollUpFilter filter, CancellationToken cancel = default) =>
        Counts(reader, "hours&" + filter.AsRecordFilter().Canonical(), async () =>
            Volumes.ByHourOfWeek(await _index.Hourly(filter, cancel))
        );

    /// <summary>Clients and operations whose volume of a local day is unusual against the 28 days before (console page §8, R1).</summary>
    /// <exception cref="LedgerUnavailable">The reading cannot be sealed.</exception>
    public Task<View<IReadOnlyList<UnusualVolume>>> Unusual(Reader reader, DateOnly day, CancellationToken cancel = default) =>
        Counts(reader, $"unusual&day={day:yyyy-MM-dd}", async () => Volumes.Unusual(await _index.Hourly(Volumes.Needed(day), cancel), day));

    /// <summary>What agents did, day by day: look-ups, distinct persons, repeats, misses.</summary>
    /// <exception cref="LedgerUnavailable">The reading cannot be sealed.</exception>
    public Task<View<IReadOnlyList<AgentDay>>> Browsing(Reader reader, DateOnly from, DateOnly to, CancellationToken cancel = default) =>
        Counts(reader, $"browsing&from={from:yyyy-MM-dd}&to={to:yyyy-MM-dd}", () => _index.AgentDays(from, to, cancel));

    /// <summary>Refusals by client, rule and code in bins of five minutes.</summary>
    /// <exception cref="LedgerUnavailable">The reading cannot be sealed.</exception>
    public Task<View<IReadOnlyList<RefusalBin>>> Refusals(
        Reader reader,
        DateTimeOffset from,
        DateTimeOffset to,
        CancellationToken cancel = default
    ) => Counts(reader, "refusals&" + new RecordFilter { From = from, To = to }.Canonical(), () => _index.Refusals(from, to, cancel));

    /// <inheritdoc/>
    public void Dispose() => _index.Dispose();

    private Task<View<IReadOnlyList<RecordRow>>> Rows(
        string kind,
        Reader reader,
        RecordFilter filter,
        string words,
        RecordPosition? after,
        int limit,
        CancellationToken cancel
    )
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(limit, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(limit, LargestPage);
        return _seal.Show(reader, filter.At, async () =>
        {
            var rows = await _index.List(filter, after, limit, cancel);
            return (rows, new Reading(kind, words, rows.Count, [.. rows.Select(static row => row.Position)]));
        });
    }

    private Task<View<IReadOnlyList<T>>> Counts<T>(Reader reader, string words, Func<Task<IReadOnlyList<T>>> ask) =>
        _seal.Show(reader, _index.Positions(), async () =>
        {
            var rows = await ask();
            return (rows, new Reading("officer.view", words, rows.Count, null));
        });

    private static string PageWords(string words, RecordPosition? after) =>
        after is { } position ? words + "&after=" + Uri.EscapeDataString(position.ToString()) : words;
}

/// <summary>Who read a person's data.</summary>
/// <param name="Rows">The records.</param>
/// <param name="Lost">Quarters of the asked time whose key was destroyed: no longer searchable, and never silently missing.</param>
public sealed record PersonAnswer(IReadOnlyList<RecordRow> Rows, IReadOnlyList<string> Lost);
