using System.Data.Common;
using System.Text;
using AuditIndex.Filling;
using AuditIndex.Questions;

namespace AuditIndex.Sql;

/// <summary>Ids that a dictionary has for a text, and for all texts that hold a word or begin with a prefix.</summary>
internal interface IDictionaryReader
{
    /// <summary>The id of a text, null when the dictionary lacks it: then nothing can match.</summary>
    Task<long?> Find(Dimension dimension, string text, CancellationToken cancel);

    /// <summary>The ids of the texts that satisfy a condition.</summary>
    Task<IReadOnlyList<long>> Where(Dimension dimension, Func<string, bool> condition, CancellationToken cancel);
}

/// <summary>Where a page begins: behind this row.</summary>
/// <param name="Time">Unix milliseconds.</param>
/// <param name="Log">Number of its log.</param>
/// <param name="Index">Its position.</param>
internal readonly record struct PageKey(long Time, long Log, long Index);

/// <summary>
/// A list question as SQL: conditions that all hold, and the values of one indexed column, each asked on its own and merged, so that every
/// answer is read in order from one index and ends after a page, however many rows match.
/// </summary>
internal sealed class ListQuery
{
    private readonly StringBuilder _where = new("1 = 1");
    private readonly List<(string Name, object Value)> _parameters = [];
    private string? _driver;
    private string? _driverIndex;
    private List<object> _driverValues = [];

    private ListQuery() { }

    /// <summary>Whether no row of this store can match.</summary>
    public bool IsEmpty { get; private set; }

    /// <summary>Builds the question for one store or one file of it.</summary>
    /// <param name="filter">What is asked.</param>
    /// <param name="after">Where the page begins.</param>
    /// <param name="dictionary">The store's dictionary.</param>
    /// <param name="month">The month of the file, null when all months are together.</param>
    /// <param name="cancel">Gives up.</param>
    public static async Task<ListQuery> For(
        RecordFilter filter,
        PageKey? after,
        IDictionaryReader dictionary,
        int? month,
        CancellationToken cancel
    )
    {
        var query = new ListQuery();
        query.Subjects(filter, month);
        query.Times(filter, after);
        foreach (var (dimension, column, text) in Texts(filter))
        {
            if (text is not null)
            {
                query.Equal(column, await dictionary.Find(dimension, text, cancel));
            }
        }

        await query.Sets(filter, dictionary, cancel);
        await query.Events(filter, dictionary, cancel);
        query.Outcomes(filter);
        query.ChooseDriver();
        return query;
    }

    /// <summary>One command per value of the chosen index.</summary>
    /// <param name="statement">The command of a text, perhaps one that was used before. What varies from page to page is a parameter, so
    /// that the text stays.</param>
    /// <param name="limit">Most rows.</param>
    /// <param name="withHints">Whether the index is named.</param>
    public IEnumerable<DbCommand> Commands(Func<string, DbCommand> statement, int limit, bool withHints)
    {
        // A person has few rows: all her pseudonyms go in one statement. Other values may have many, and each is read in order by itself.
        foreach (var values in Batches())
        {
            var hint = withHints && _driverIndex is not null ? " indexed by " + _driverIndex : "";
            var condition = _driver is null
                ? ""
                : $" and {_driver} in ({string.Join(',', values.Select(static (_, i) => "@driver" + RowSql.Number(i)))})";
            var command = statement(
                $"select {RowSql.Columns} from rec{hint} where {_where}{condition} order by ts desc, log desc, idx desc limit @limit"
            );
            foreach (var (name, bound) in _parameters)
            {
                command.Set(name, bound);
            }

            for (var i = 0; i < values.Length; i++)
            {
                command.Set("driver" + RowSql.Number(i), values[i]);
            }

            command.Set("limit", (long)limit);

            yield return command;
        }
    }

    private IEnumerable<object[]> Batches() =>
        _driver is null
            ?
            [
                [],
            ]
        : _driver == "subj"
            ?
            [
                [.. _driverValues],
            ]
        : _driverValues.Select(static value => new[] { value });

    private static (Dimension Dimension, string Column, string? Text)[] Texts(RecordFilter filter) =>
        [
            (Dimension.Agent, "agent", filter.Agent),
            (Dimension.Client, "cli", filter.Client),
            (Dimension.Agreement, "agr", filter.Agreement),
            (Dimension.Institution, "org", filter.Institution),
            (Dimension.Office, "office", filter.Office),
            (Dimension.Operation, "op", filter.Operation),
            (Dimension.Purpose, "purp", filter.Purpose),
            (Dimension.Code, "code", filter.Code),
            (Dimension.Rule, "rule", filter.Rule),
            (Dimension.Match, "match", filter.Match),
            (Dimension.Gate, "gate", filter.Gate),
            (Dimension.Territory, "terr", filter.Territory),
        ];

    private readonly Dictionary<string, List<object>> _candidates = new(StringComparer.Ordinal);

    private void Subjects(RecordFilter filter, int? month)
    {
        if (filter.Subjects is not { } subjects)
        {
            return;
        }

        var values = subjects
            .Where(subject => month is null || LocalTime.Touches(subject.Period, month.Value))
            .Select(static subject => BinaryId.OfPseudonym(subject.Value))
            .OfType<byte[]>()
            .ToList<object>();
        IsEmpty |= values.Count == 0;
        _candidates["subj"] = values;
    }

    private void Times(RecordFilter filter, PageKey? after)
    {
        if (filter.From is { } from)
        {
            And("ts >= @from", "from", from.ToUnixTimeMilliseconds());
        }

        if (filter.To is { } to)
        {
            And("ts < @to", "to", to.ToUnixTimeMilliseconds());
        }

        if (after is { } key)
        {
            // The first comparison repeats what the second implies: it is the one that an index range is taken from.
            And("ts <= @ts", "ts", key.Time);
            And("(ts, log, idx) < (@ts, @log, @idx)", "log", key.Log);
            _parameters.Add(("idx", key.Index));
        }

        if (filter.HourOfWeek is { } hour)
        {
            And("lh = @lh", "lh", hour);
        }

        if (filter.Log is { } origin)
        {
            And("log = @only", "only", LogNumber.Of(origin));
        }

        foreach (var (log, size) in filter.At)
        {
            var (number, name) = (RowSql.Number(LogNumber.Of(log)), "at" + RowSql.Number(_parameters.Count));
            And($"(log <> {number} or idx < @{name})", name, size);
        }
    }

    private void Equal(string column, long? id)
    {
        IsEmpty |= id is null;
        if (id is { } known)
        {
            And($"{column} = @{column}", column, known);
            _candidates[column] = [known];
        }
    }

    private async Task Sets(RecordFilter filter, IDictionaryReader dictionary, CancellationToken cancel)
    {
        if (filter.Field is { } field)
        {
            var ids = await dictionary.Where(Dimension.Fields, text => Holds(text, field), cancel);
            Among("fld", ids);
        }

        if (filter.Provider is { } provider)
        {
            Among("prov", await dictionary.Where(Dimension.Providers, text => Holds(text, provider), cancel));
        }
    }

    private async Task Events(RecordFilter filter, IDictionaryReader dictionary, CancellationToken cancel)
    {
        if (filter.Event is not { } name)
        {
            return;
        }

        var ids =
            name.EndsWith('*')
                ? await dictionary.Where(Dimension.Event, text => text.StartsWith(name[..^1], StringComparison.Ordinal), cancel)
            : await dictionary.Find(Dimension.Event, name, cancel) is { } id ? [id]
            : [];
        Among("ev", ids);
        if (!ids.Contains(1))
        {
            _where.Append(" and ev > 1");
        }
        else
        {
            _candidates.Remove("ev");
        }
    }

    private void Outcomes(RecordFilter filter)
    {
        if (filter.Outcome is { } outcome)
        {
            And("outcome = @outcome", "outcome", (int)outcome);
        }

        if (filter.Refused || filter.Outcome >= Outcome.Deny)
        {
            _where.Append(" and outcome > 1");
            _candidates["outcome"] = [];
        }
    }

    private void Among(string column, IReadOnlyList<long> ids)
    {
        IsEmpty |= ids.Count == 0;
        _where.Append(" and ").Append(column).Append(" in (").AppendJoin(',', ids.Select(RowSql.Number)).Append(')');
        _candidates[column] = [.. ids.Select(static id => (object)id)];
    }

    private void And(string condition, string name, object value)
    {
        _where.Append(" and ").Append(condition);
        _parameters.Add((name, value));
    }

    /// <summary>The most selective index first.</summary>
    private void ChooseDriver()
    {
        _driverIndex = "rec_ts";
        foreach (
            var (column, index) in ((string, string)[])
                [
                    ("subj", "rec_subj"),
                    ("agent", "rec_agent"),
                    ("ev", "rec_event"),
                    ("outcome", "rec_refused"),
                    ("fld", "rec_fld"),
                    ("agr", "rec_agr"),
                    ("cli", "rec_cli"),
                    ("org", "rec_org"),
                ]
        )
        {
            if (!_candidates.TryGetValue(column, out var values) || (column == "agent" && !_candidates.ContainsKey("cli")))
            {
                continue;
            }

            _driverIndex = index;
            if (values.Count > 0)
            {
                (_driver, _driverValues) = (column, values);
            }

            return;
        }
    }

    private static bool Holds(string text, string word) => Array.IndexOf(text.Split(' '), word) >= 0;
}
