using System.Text.Json.Nodes;
using AuditIndex.Filling;
using AuditIndex.Questions;
using AuditIndex.Sqlite;
using AuditIndex.Tests.Support;
using Xunit;

namespace AuditIndex.Tests;

/// <summary>Answers compared with what a plain reading of the records gives.</summary>
public sealed class AnswersTests : IAsyncLifetime
{
    private static readonly DateTimeOffset Start = new(2026, 10, 29, 20, 0, 0, TimeSpan.Zero);
    private readonly TempFolder _folder = new();
    private readonly List<(long Index, JsonObject Record)> _records = [];
    private SomeLog _log = null!;
    private SqliteIndex _index = null!;

    public async ValueTask InitializeAsync()
    {
        _log = new SomeLog(_folder["log"]);
        await _log.Seal(new SomeTraffic(42, Start).Records(600));
        _index = SqliteIndex.OpenToFill(_folder["index"]);
        new Follower(_index, [_log.Source]).CatchUp();
        _records.AddRange(_log.Source.Open().Entries().Select(static entry => (entry.Index, JsonNode.Parse(entry.Text.Span)!.AsObject())));
    }

    public async ValueTask DisposeAsync()
    {
        _index.Dispose();
        await _log.DisposeAsync();
        _folder.Dispose();
    }

    [Fact]
    public Task Who_read_a_person_finds_every_record_with_her_pseudonym() =>
        Same(new RecordFilter { Subjects = [new SubjectPseudonym("2026q4", SomeTraffic.PseudonymOf(7))] }, static record =>
            Text(record, "subj") == SomeTraffic.PseudonymOf(7)
        );

    [Fact]
    public Task Everything_by_an_agent_of_a_client() =>
        Same(new RecordFilter { Client = "ma.client-1", Agent = "ag-2" }, static record =>
            Text(record, "cli") == "ma.client-1" && Text(record, "agent") == "ag-2"
        );

    [Fact]
    public Task Everything_by_an_agreement() =>
        Same(new RecordFilter { Agreement = "ANSS-MENPS-2026-03@1" }, static record => Text(record, "agr") == "ANSS-MENPS-2026-03@1");

    [Fact]
    public Task Everything_by_a_purpose() =>
        Same(new RecordFilter { Purpose = "CONTROL" }, static record => Text(record, "purp") == "CONTROL");

    [Fact]
    public Task Everything_that_released_a_field() =>
        Same(new RecordFilter { Field = "enrolment.since" }, static record =>
            record["fld"]?.AsArray().Any(static field => field!.ToString() == "enrolment.since") == true
        );

    [Fact]
    public Task Findings() => Same(new RecordFilter { Event = "finding" }, static record => Text(record, "ev") == "finding");

    [Fact]
    public async Task A_hidden_decision_is_folded_into_its_record_with_the_true_outcome()
    {
        var decisions = _records.Where(static pair => Text(pair.Record, "ev") == "decision").ToList();
        Assert.NotEmpty(decisions);
        var rows = await Battery.All(_index, new RecordFilter(), 100);
        foreach (var (position, decision) in decisions)
        {
            var row = Assert.Single(rows, row => row.Decision == position);
            Assert.Equal(position - 1, row.Position.Index);
            Assert.Equal(Text(decision, "out") == "deny" ? Outcome.Deny : Outcome.Permit, row.Outcome);
            Assert.Equal(Text(decision, "gate"), row.Gate);
            Assert.DoesNotContain(rows, row => row.Position.Index == position);
        }
    }

    [Fact]
    public async Task Hourly_counts_add_up_to_every_answer_and_every_coalesced_refusal()
    {
        var counted = (await _index.Hourly(new RollUpFilter { From = Start.AddDays(-1), To = Start.AddDays(300) }, default)).Sum(
            static row => row.Count
        );
        Assert.Equal(
            _records
                .Where(static pair => Text(pair.Record, "ev") is "access" or "deny" or "fault")
                .Sum(static pair => (long?)pair.Record["n"] ?? 1),
            counted
        );
    }

    [Fact]
    public async Task Agent_days_count_distinct_persons()
    {
        var days = await _index.AgentDays(new DateOnly(2026, 10, 1), new DateOnly(2027, 12, 1), default);
        var expected = _records
            .Where(static pair => Text(pair.Record, "ev") == "access" && Text(pair.Record, "agent") is not null)
            .GroupBy(static pair =>
                (
                    LocalTime
                        .Of(
                            DateTimeOffset
                                .Parse(Text(pair.Record, "ts")!, System.Globalization.CultureInfo.InvariantCulture)
                                .ToUnixTimeMilliseconds()
                        )
                        .Day,
                    Text(pair.Record, "cli"),
                    Text(pair.Record, "agent")
                )
            )
            .ToDictionary(
                static group => group.Key,
                static group =>
                    group.Select(static pair => Text(pair.Record, "subj")).OfType<string>().Distinct(StringComparer.Ordinal).LongCount()
            );
        Assert.Equal(expected.Count, days.Count);
        Assert.All(days, day => Assert.Equal(expected[(day.Day.DayNumber, day.Client, day.Agent)], day.Persons));
    }

    [Fact]
    public async Task An_exchange_is_found_by_its_id()
    {
        var (position, record) = _records.First(static pair => Text(pair.Record, "ev") == "access");
        Assert.Equal(position, (await _index.ByExchange(Text(record, "id")!, default))?.Position.Index);
        Assert.Null(await _index.ByExchange("01M4ZDBB2GDE3B4WZZ6KYE37BB", default));
        Assert.Null(await _index.ByExchange("' or 1 = 1", default));
    }

    [Fact]
    public async Task A_log_that_was_rolled_back_is_not_followed_on()
    {
        await using var shorter = new SomeLog(_folder["other"]);
        await shorter.Seal(new SomeTraffic(1, Start).Records(10));
        Assert.Throws<Ledger.LedgerDamaged>(() => new Follower(_index, [shorter.Source]).CatchUp());
    }

    private async Task Same(RecordFilter filter, Func<JsonObject, bool> expected)
    {
        var rows = await Battery.All(_index, filter, 11);
        Assert.Equal(
            _records.Where(pair => expected(pair.Record)).Select(static pair => pair.Index).Order(),
            rows.Select(static row => row.Position.Index).Order()
        );
        Assert.NotEmpty(rows);
        Assert.Equal(rows.OrderByDescending(static row => row.At).Select(static row => row.At), rows.Select(static row => row.At));
    }

    private static string? Text(JsonObject record, string member) => record[member]?.ToString();
}
