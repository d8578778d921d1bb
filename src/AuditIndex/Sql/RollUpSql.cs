using System.Data.Common;
using System.Text;
using AuditIndex.Filling;
using AuditIndex.Questions;

namespace AuditIndex.Sql;

/// <summary>
/// The questions that roll-ups answer. Sums of several files are put together and sorted, so that both stores answer alike.
/// </summary>
internal static class RollUpSql
{
    private const long BinMilliseconds = 300_000;

    public static async Task<List<HourlyCount>> Hourly(
        RollUpFilter filter,
        IDictionaryReader dictionary,
        DbConnection connection,
        Func<Dimension, long, string> text,
        CancellationToken cancel
    )
    {
        var where = new StringBuilder("h >= @from and h < @to");
        await using var command = connection.CreateCommand();
        command.Add("from", HourOf(filter.From));
        command.Add("to", HourOf(filter.To.AddHours(1).AddTicks(-1)));
        foreach (
            var (dimension, column, value) in ((Dimension, string, string?)[])
                [
                    (Dimension.Institution, "org", filter.Institution),
                    (Dimension.Client, "cli", filter.Client),
                    (Dimension.Operation, "op", filter.Operation),
                    (Dimension.Agreement, "agr", filter.Agreement),
                ]
        )
        {
            if (value is not null)
            {
                if (await dictionary.Find(dimension, value, cancel) is not { } id)
                {
                    return [];
                }

                where.Append(" and ").Append(column).Append(" = @").Append(column);
                command.Add(column, id);
            }
        }

        command.CommandText = $"select h, org, cli, op, purp, agr, outcome, code, n from hourly where {where}";
        return await Read(
            command,
            row => new HourlyCount(
                DateTimeOffset.FromUnixTimeMilliseconds(row.GetInt64(0) * LocalTime.HourMilliseconds),
                Word(row, 1, Dimension.Institution),
                Word(row, 2, Dimension.Client),
                Word(row, 3, Dimension.Operation),
                Word(row, 4, Dimension.Purpose),
                Word(row, 5, Dimension.Agreement),
                (Outcome)row.GetInt64(6),
                Word(row, 7, Dimension.Code),
                row.GetInt64(8)
            ),
            cancel
        );

        string? Word(DbDataReader row, int column, Dimension dimension) =>
            row.GetInt64(column) is var id && id == 0 ? null : text(dimension, id);
    }

    public static async Task<List<AgentDay>> AgentDays(
        DateOnly from,
        DateOnly to,
        DbConnection connection,
        Func<Dimension, long, string> text,
        CancellationToken cancel
    )
    {
        await using var command = connection.CreateCommand();
        command.CommandText = "select d, cli, agent, n, persons, repeats, missed from agent_day where d >= @from and d <= @to";
        command.Add("from", (long)from.DayNumber);
        command.Add("to", (long)to.DayNumber);
        return await Read(
            command,
            row => new AgentDay(
                DateOnly.FromDayNumber((int)row.GetInt64(0)),
                text(Dimension.Client, row.GetInt64(1)),
                text(Dimension.Agent, row.GetInt64(2)),
                row.GetInt64(3),
                row.GetInt64(4),
                row.GetInt64(5),
                row.GetInt64(6)
            ),
            cancel
        );
    }

    public static async Task<List<RefusalBin>> Refusals(
        DateTimeOffset from,
        DateTimeOffset to,
        DbConnection connection,
        Func<Dimension, long, string> text,
        CancellationToken cancel
    )
    {
        await using var command = connection.CreateCommand();
        command.CommandText =
            $"select ts / {BinMilliseconds}, cli, rule, code, sum(n) from rec where ts >= @from and ts < @to and outcome > 1 group by 1, 2, 3, 4";
        command.Add("from", from.ToUnixTimeMilliseconds());
        command.Add("to", to.ToUnixTimeMilliseconds());
        return await Read(
            command,
            row => new RefusalBin(
                DateTimeOffset.FromUnixTimeMilliseconds(row.GetInt64(0) * BinMilliseconds),
                Word(row, 1, Dimension.Client),
                Word(row, 2, Dimension.Rule),
                Word(row, 3, Dimension.Code),
                Convert.ToInt64(row.GetValue(4), System.Globalization.CultureInfo.InvariantCulture)
            ),
            cancel
        );

        string? Word(DbDataReader row, int column, Dimension dimension) =>
            row.IsDBNull(column) ? null : text(dimension, row.GetInt64(column));
    }

    public static IReadOnlyList<HourlyCount> Merge(List<HourlyCount> rows) =>
        [
            .. rows.GroupBy(static row => row with { Count = 0 })
                .Select(static group => group.Key with { Count = group.Sum(static row => row.Count) })
                .OrderBy(static row => row.Hour)
                .ThenBy(static row => row.ToString(), StringComparer.Ordinal),
        ];

    public static IReadOnlyList<RefusalBin> Merge(List<RefusalBin> rows) =>
        [
            .. rows.GroupBy(static row => row with { Count = 0 })
                .Select(static group => group.Key with { Count = group.Sum(static row => row.Count) })
                .OrderBy(static row => row.From)
                .ThenBy(static row => row.ToString(), StringComparer.Ordinal),
        ];

    public static IReadOnlyList<AgentDay> Sort(List<AgentDay> rows) =>
        [
            .. rows.OrderBy(static row => row.Day)
                .ThenBy(static row => row.Client, StringComparer.Ordinal)
                .ThenBy(static row => row.Agent, StringComparer.Ordinal),
        ];

    private static long HourOf(DateTimeOffset time) => time.ToUnixTimeMilliseconds() / LocalTime.HourMilliseconds;

    private static async Task<List<T>> Read<T>(DbCommand command, Func<DbDataReader, T> read, CancellationToken cancel)
    {
        var rows = new List<T>();
        await using var reader = await command.ExecuteReaderAsync(cancel);
        while (await reader.ReadAsync(cancel))
        {
            rows.Add(read(reader));
        }

        return rows;
    }
}
