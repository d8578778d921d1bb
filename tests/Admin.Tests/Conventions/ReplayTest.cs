using System.Text.Json;
using Admin.Conventions;
using static Admin.Tests.Conventions.PastRecord;

namespace Admin.Tests.Conventions;

/// <summary>What a draft says to past calls: certain where the record tells, and nothing else.</summary>
public sealed class ReplayTest : ReplayOver
{
    private const string Population = "qualities: [ASD_CHILD_SCHOOL_AGE] }\n    territory: { provinces: ";

    [Theory]
    [InlineData("[ASD_CHILD_SCHOOL_AGE]", "", "unchanged ")]
    [InlineData("[ASD_CHILD_SCHOOL_AGE]", "dossier-not-open", "unchanged ")]
    [InlineData("[ASD_CHILD_SCHOOL_AGE, ASD_CHILD]", "", "unchanged ")]
    [InlineData("[ASD_CHILD_SCHOOL_AGE, ASD_CHILD]", "dossier-not-open", Unsaid + " gate")]
    [InlineData("[ASD_CHILD_SCHOOL_AGE, ASD_CHILD]", "population-out-of-scope", Unsaid + " gate")]
    [InlineData("[ASD_CHILD]", "", Unsaid + " gate")]
    [InlineData("[ASD_CHILD]", "dossier-not-open", Unsaid + " gate")]
    [InlineData("[ASD_CHILD_SCHOOL_AGE, ASD_CHILD]", "subject-quota-exhausted", "newly-allowed subject-quota-exhausted")]
    [InlineData("[ASD_CHILD]", "token-expired", "unchanged ")]
    public void Of_the_gate_a_record_tells_whether_the_clause_of_its_day_let_it_pass(string qualities, string refused, string effect) =>
        Assert.Equal([effect], Over(text => First(text, "qualities: [ASD_CHILD_SCHOOL_AGE]", $"qualities: {qualities}"), Past(refused)));

    [Fact]
    public void A_call_that_a_clause_refused_never_came_to_the_gate()
    {
        string Widen(string text) =>
            First(text, "clients: [anss-eligibility, anss-batch]", "clients: [anss-eligibility, anss-batch, anss-field]");
        Assert.Equal([Unsaid + " gate"], Over(Widen, Refused("11-03 10:00:00", "operation-not-covered", person: "", client: "anss-field")));
        Assert.Equal(
            ["unchanged "],
            Over(static text => text, Refused("11-03 10:00:00", "operation-not-covered", person: "", client: "anss-field"))
        );
    }

    [Theory]
    [InlineData("[\"06.181.\"]", "", "unchanged ")]
    [InlineData("[\"06.181.\"]", "territory-out-of-scope", "unchanged ")]
    [InlineData("[\"06.\"]", "", "unchanged ")]
    [InlineData("[\"06.\"]", "territory-out-of-scope", Unsaid + " territory")]
    [InlineData("[\"07.\"]", "", "newly-refused territory-out-of-scope")]
    [InlineData("[\"07.\"]", "territory-out-of-scope", Unsaid + " territory")]
    [InlineData("all", "", "unchanged ")]
    [InlineData("all", "territory-out-of-scope", "newly-allowed territory-out-of-scope")]
    public void Of_an_office_the_province_of_the_person_is_known(string provinces, string refused, string effect) =>
        Assert.Equal(
            [effect],
            Over(text => First(text, "provinces: office", $"provinces: {provinces}"), Past(refused, Office, Assistance, "ag-1"))
        );

    [Fact]
    public void Where_every_province_was_open_nobody_can_tell_who_lives_where()
    {
        string Narrow(string text) => First(text, Population + "all", Population + "[\"06.\", \"07.\"]");
        Assert.Equal([Unsaid + " territory"], Over(Narrow, Past("")));
        Assert.Equal(["unchanged "], Over(Narrow, Past("dossier-not-open")));
    }

    [Fact]
    public void Quotas_run_again_for_each_person_and_day_and_a_providers_failure_costs_nothing()
    {
        Assert.Equal(
            [
                "unchanged ",
                "unchanged ",
                "unchanged ",
                "newly-refused subject-quota-exhausted",
                "unchanged ",
                "newly-refused subject-quota-exhausted",
                "unchanged ",
            ],
            Over(
                static text => First(text, "perSubjectPerDay: 4", "perSubjectPerDay: 1"),
                Answered("11-03 10:00:00", "P", "UNAVAILABLE"),
                Answered("11-03 10:00:01", "P"),
                Answered("11-03 10:00:02", "Q", "NOT_FOUND"),
                Answered("11-03 10:00:03", "P"),
                Answered("11-03 10:00:04", "R"),
                Answered("11-03 22:59:59", "P"),
                Answered("11-03 23:00:00", "P")
            )
        );
    }

    [Theory]
    [InlineData("perSubjectPerDay: 4", "perSubjectPerDay: 4, personsPerDay: 1", "quota-exhausted")]
    [InlineData("missesPerDay: 150000", "missesPerDay: 1", "miss-budget-exhausted")]
    [InlineData("missesPerDay: 150000", "missesPerDay: 150000, missAllowance: 1", "miss-budget-exhausted")]
    [InlineData("perDay: 1500000", "perDay: 1", "quota-exhausted")]
    [InlineData("perMonth: 6000000", "perMonth: 1", "quota-exhausted")]
    [InlineData("quotas: { perDay: 2000000, perMonth: 9000000 }", "quotas: { perDay: 1 }", "quota-exhausted")]
    [InlineData("quotas: { perDay: 2000000, perMonth: 9000000 }", "quotas: { perMonth: 1 }", "quota-exhausted")]
    public void Every_quota_that_a_record_can_tell_of_is_judged(string from, string to, string code) =>
        Assert.Equal(
            ["unchanged ", $"newly-refused {code}"],
            Over(text => First(text, from, to), Answered("11-03 10:00:00", "P", "NOT_FOUND"), Answered("11-03 10:00:01", "Q", "NOT_FOUND"))
        );

    [Fact]
    public void An_agreement_as_a_whole_is_judged_over_its_purposes_and_agents_and_offices_on_their_own()
    {
        Assert.Equal(
            ["unchanged ", "newly-refused quota-exhausted"],
            Over(
                static text => First(text, "quotas: { perDay: 2000000, perMonth: 9000000 }", "quotas: { perDay: 1 }"),
                Answered("11-03 10:00:00", "P"),
                Answered("11-03 10:00:01", "Q", purpose: School)
            )
        );
        string[] calls =
        [
            Answered("11-03 10:00:00", "P", client: Office, purpose: Assistance, agent: "ag-1"),
            Answered("11-03 10:00:01", "Q", client: Office, purpose: Assistance, agent: "ag-1"),
            Answered("11-03 10:00:02", "R", client: Office, purpose: Assistance, agent: "ag-2"),
        ];
        Assert.Equal(
            ["unchanged ", "newly-refused agent-quota-exhausted", "unchanged "],
            Over(static text => First(text, "perAgentPerDay: 60", "perAgentPerDay: 1"), calls)
        );
        Assert.Equal(
            ["unchanged ", "newly-refused quota-exhausted", "newly-refused quota-exhausted"],
            Over(static text => First(text, "perAgentPerDay: 60", "perAgentPerDay: 60, perOfficePerDay: 1"), calls)
        );
    }

    [Fact]
    public void A_months_quota_counts_from_the_first_of_the_month_and_tells_the_days_that_were_asked_for()
    {
        Assert.Equal(
            ["newly-refused quota-exhausted"],
            Over(
                static text => First(text, "perMonth: 6000000", "perMonth: 1"),
                Answered("10-05 10:00:00", "P"),
                Answered("10-25 10:00:00", "Q")
            )
        );
    }

    [Fact]
    public void What_hangs_on_a_call_that_was_never_answered_cannot_be_told()
    {
        // The refused one may have been a miss, or nobody's fault but the provider's.
        Assert.Equal(
            ["newly-allowed quota-exhausted", Unsaid + " quota", "unchanged "],
            Over(
                static text => First(text, "missesPerDay: 150000", "missesPerDay: 1"),
                Refused("11-03 10:00:00", "quota-exhausted", "P"),
                Answered("11-03 10:00:01", "Q", "NOT_FOUND"),
                Answered("11-04 10:00:01", "Q", "NOT_FOUND")
            )
        );
    }

    [Fact]
    public void A_record_that_stands_for_several_refusals_counts_as_many()
    {
        var replay = Run(
            static text => text,
            Refused("11-03 10:00:00", "outside-hours", person: "", more: ",\"n\":7,\"until\":\"2026-11-03T10:00:00.900Z\"")
        );
        Assert.Equal((7L, 7L), (replay.Calls, replay.Outcomes[Unsaid]["gate"].Count));
    }

    [Fact]
    public void A_refusal_that_looked_like_not_found_is_judged_by_its_decision()
    {
        using var access = JsonDocument.Parse(Answered("11-03 10:00:00", "P", "NOT_FOUND"));
        using var decision = JsonDocument.Parse(Decision("11-03 10:00:00", "PER-12"));
        var call = PastCall.Read("n1", 7, access.RootElement)!;
        Assert.Equal(call.Id, PastCall.Text(decision.RootElement, "ref"));
        Assert.Null(call.Refused);
        Assert.Equal("territory-out-of-scope", call.With(decision.RootElement).Refused);
        // Of the agency's own call the record itself says why.
        using var own = JsonDocument.Parse(Answered("11-03 10:00:00", "P", "NOT_FOUND", more: ",\"rule\":\"PER-10\""));
        Assert.Equal("dossier-not-open", PastCall.Read("n1", 7, own.RootElement)!.Refused);
    }

    private static string Past(string refused, string client = "anss-eligibility", string purpose = Schooling, string? agent = null) =>
        refused.Length == 0
            ? Answered("11-03 10:00:00", client: client, purpose: purpose, agent: agent)
            : Refused("11-03 10:00:00", refused, client: client, purpose: purpose, agent: agent);
}
