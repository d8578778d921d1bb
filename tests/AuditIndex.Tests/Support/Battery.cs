using System.Text;
using System.Text.Json;
using AuditIndex.Questions;

namespace AuditIndex.Tests.Support;

/// <summary>A battery of questions, answered as one text: two indexes agree when their texts do.</summary>
internal static class Battery
{
    private static readonly JsonSerializerOptions Options = new() { WriteIndented = false };

    public static RecordFilter[] Filters(DateTimeOffset start) =>
        [
            new(),
            new() { Client = "ma.client-1" },
            new() { Client = "ma.client-2", Agent = "ag-3" },
            new() { Agent = "ag-1" },
            new() { Institution = "ma.other" },
            new() { Agreement = "ANSS-MENPS-2026-02@1" },
            new() { Purpose = "ASD_BIRTH" },
            new() { Field = "enrolment.since" },
            new() { Provider = "ma.cnss" },
            new() { Operation = "health.care.read", Match = "NOT_FOUND" },
            new() { Refused = true },
            new() { Outcome = Outcome.Fault },
            new() { Outcome = Outcome.Deny, Rule = "FWD-07" },
            new() { Event = "finding" },
            new() { Event = "officer.*" },
            new() { Event = "access", Gate = "none" },
            new() { Client = "ma.nobody" },
            new() { HourOfWeek = 40 },
            new()
            {
                From = start.AddDays(5),
                To = start.AddDays(20),
                Field = "employment.status",
                Client = "ma.client-0",
            },
            new() { Code = "purpose-not-covered" },
            new() { At = new Dictionary<string, long>(StringComparer.Ordinal) { [SomeLog.Origin] = 50 } },
            new()
            {
                Subjects =
                [
                    .. from person in Enumerable.Range(0, 3)
                    from period in (string[])["2026q4", "2027q1", "2027q2"]
                    select new SubjectPseudonym(period, SomeTraffic.PseudonymOf(person, period)),
                ],
            },
        ];

    public static async Task<string> Ask(IRecordIndex index, DateTimeOffset start, int page = 7)
    {
        var text = new StringBuilder();
        foreach (var filter in Filters(start))
        {
            text.AppendLine(filter.ToString());
            foreach (var row in await All(index, filter, page))
            {
                text.AppendLine(JsonSerializer.Serialize(row, Options));
            }
        }

        var from = start.AddDays(-2);
        Lines(text, await index.Hourly(new RollUpFilter { From = from, To = start.AddDays(200) }, default));
        Lines(
            text,
            await index.Hourly(
                new RollUpFilter
                {
                    From = start.AddDays(3),
                    To = start.AddDays(9),
                    Client = "ma.client-1",
                },
                default
            )
        );
        Lines(
            text,
            await index.AgentDays(DateOnly.FromDateTime(from.DateTime), DateOnly.FromDateTime(start.AddDays(200).DateTime), default)
        );
        Lines(text, await index.Refusals(from, start.AddDays(200), default));
        foreach (var position in index.Positions().OrderBy(static pair => pair.Key, StringComparer.Ordinal))
        {
            text.Append(position.Key).Append(' ').Append(position.Value).AppendLine();
        }

        return text.ToString();
    }

    public static async Task<List<RecordRow>> All(IRecordIndex index, RecordFilter filter, int page)
    {
        var rows = new List<RecordRow>();
        while (true)
        {
            var next = await index.List(filter, rows.Count == 0 ? null : rows[^1].Position, page, default);
            rows.AddRange(next);
            if (next.Count < page)
            {
                return rows;
            }
        }
    }

    private static void Lines<T>(StringBuilder text, IReadOnlyList<T> rows)
    {
        foreach (var row in rows)
        {
            text.AppendLine(row!.ToString());
        }
    }
}
