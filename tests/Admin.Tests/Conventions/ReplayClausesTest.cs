using static Admin.Tests.Conventions.PastRecord;

namespace Admin.Tests.Conventions;

/// <summary>
/// Each clause that a record can tell of is judged as the gateway would, and the counters are kept apart as the gateway keeps them.
/// </summary>
public sealed class ReplayClausesTest : ReplayOver
{
    private const string Demands = "require: { caseReference: optional, agent: none, consent: none }",
        Terms = "perSubjectPerDay: 4";

    [Theory]
    [InlineData("clients: [anss-eligibility, anss-batch]", "clients: [anss-batch]", "operation-not-covered")]
    [InlineData("  until: 2028-06-14", "  until: 2026-10-31", "prior-authorization-missing")]
    [InlineData("provinces: all", "provinces: office", "office-not-allowed")]
    [InlineData(
        "    clause: art. 4",
        "    clause: art. 4\n    hours: [ { days: [tuesday], from: \"08:30\", to: \"10:00\" } ]",
        "outside-hours"
    )]
    [InlineData(Demands, "require: { caseReference: optional, agent: required, consent: none }", "agent-required")]
    [InlineData(Demands, "require: { caseReference: optional, agent: none, consent: required }", "consent-required")]
    public void A_call_that_a_clause_of_the_draft_does_not_let_through_is_newly_refused(string from, string to, string code) =>
        Assert.Equal([$"newly-refused {code}"], Over(text => First(text, from, to), Answered("11-03 10:00:00")));

    [Fact]
    public void A_call_that_carried_what_the_draft_demands_passes_and_one_that_did_not_is_refused()
    {
        static string All(string text) => First(text, Demands, "require: { caseReference: required, agent: required, consent: required }");
        var whole = Answered("11-03 10:00:00", agent: "ag-1", more: ",\"cons\":\"AAAAAAAAAAAAAAAAAAAAAA\"");
        Assert.Equal(
            ["unchanged ", "newly-refused case-reference-required"],
            Over(All, whole, whole.Replace("\"cref\":\"AAAAAAAAAAAAAAAAAAAAAA\",", "", StringComparison.Ordinal))
        );
    }

    [Fact]
    public void A_draft_that_begins_later_than_the_calls_is_judged_as_if_it_had_begun() =>
        Assert.Equal(["unchanged "], Over(static text => First(text, "  on: 2026-06-15", "  on: 2026-11-15"), Answered("11-03 10:00:00")));

    [Fact]
    public void What_asks_nobody_about_a_person_passes_neither_gate_nor_territory()
    {
        var declared = Answered("11-03 10:00:00", match: "NOT_FOUND")
            .Replace("education.school-enrolment.read", "dossiers.declaration.create", StringComparison.Ordinal)
            .Replace("\"match\":\"NOT_FOUND\",", "", StringComparison.Ordinal);
        Assert.Equal(
            ["unchanged "],
            Over(static text => First(text, "qualities: [ASD_CHILD_SCHOOL_AGE]", "qualities: [ASD_CHILD]"), declared)
        );
    }

    [Fact]
    public void Of_a_call_under_another_version_nobody_can_tell_what_the_gate_saw() =>
        Assert.Equal(
            [Unsaid + " gate", "unchanged "],
            Over(
                static text => text,
                Answered("11-03 10:00:00").Replace("@3\"", "@2\"", StringComparison.Ordinal),
                Answered("11-03 10:00:01")
            )
        );

    [Theory]
    [InlineData("provinces: office, breakGlass: true", "unchanged ")]
    [InlineData("provinces: office", "newly-refused territory-out-of-scope")]
    [InlineData("provinces: [\"06.\"]", Unsaid + " territory")]
    [InlineData("provinces: all", "unchanged ")]
    public void A_call_that_broke_the_glass_is_known_to_be_out_of_its_office_area_and_no_more(string provinces, string effect) =>
        Assert.Equal(
            [effect],
            Over(
                text => First(text, "provinces: office", provinces),
                Answered("11-03 10:00:00", client: Office, purpose: Assistance, agent: "ag-1", more: ",\"terr\":\"out\"")
            )
        );

    [Fact]
    public void A_person_is_counted_once_however_often_he_is_asked_about()
    {
        string[] calls =
        [
            Answered("11-03 10:00:00", "P"),
            Answered("11-03 10:00:01", "P"),
            Answered("11-03 10:00:02", "Q"),
            Answered("11-03 10:00:03", "R"),
        ];
        Assert.Equal(
            ["unchanged ", "unchanged ", "unchanged ", "newly-refused quota-exhausted"],
            Over(static text => First(text, Terms, Terms + ", personsPerDay: 2"), calls)
        );
        Assert.Equal(
            ["unchanged ", "unchanged ", "newly-refused quota-exhausted", "newly-refused quota-exhausted"],
            Over(static text => First(text, Terms, Terms + ", personsPerDay: 1"), calls)
        );
    }

    [Fact]
    public void A_person_of_whom_nobody_can_tell_whether_he_was_counted_is_perhaps_one_and_never_two()
    {
        string[] calls =
        [
            Refused("11-03 10:00:00", "quota-exhausted", "P"),
            Refused("11-03 10:00:01", "quota-exhausted", "P"),
            Answered("11-03 10:00:02", "Q"),
            Answered("11-03 10:00:03", "R"),
        ];
        Assert.Equal(
            ["newly-allowed quota-exhausted", "newly-allowed quota-exhausted", "unchanged ", Unsaid + " quota"],
            Over(static text => First(text, Terms, Terms + ", personsPerDay: 2"), calls)
        );
    }

    [Fact]
    public void Of_a_person_in_an_area_nobody_can_tell_whether_he_is_in_a_part_of_it()
    {
        InForce(static text => First(text, "provinces: all", "provinces: [\"06.\"]"));
        Assert.Equal(
            [Unsaid + " territory"],
            Over(static text => First(text, "provinces: [\"06.\"]", "provinces: [\"06.181.\"]"), Answered("11-03 10:00:00"))
        );
        Assert.Equal(
            ["newly-refused territory-out-of-scope"],
            Over(static text => First(text, "provinces: [\"06.\"]", "provinces: [\"07.\"]"), Answered("11-03 10:00:00"))
        );
    }

    [Fact]
    public void An_allowance_of_misses_is_each_systems_own_and_a_person_who_was_found_pays_for_it_once()
    {
        Assert.Equal(
            ["unchanged ", "unchanged ", "newly-refused miss-budget-exhausted"],
            Over(
                static text => First(text, "missesPerDay: 150000", "missesPerDay: 150000, missAllowance: 1"),
                Answered("11-03 10:00:00", "P", "NOT_FOUND"),
                Answered("11-03 10:00:01", "Q", "NOT_FOUND", "anss-batch"),
                Answered("11-03 10:00:02", "R", "NOT_FOUND")
            )
        );
        Assert.Equal(
            ["unchanged ", "unchanged ", "unchanged ", "unchanged ", "newly-refused miss-budget-exhausted"],
            Over(
                static text => First(text, "missesPerDay: 150000", "missesPerDay: 150000, missAllowance: 1, missesPerMatch: 1"),
                Answered("11-03 10:00:00", "P"),
                Answered("11-03 10:00:01", "P"),
                Answered("11-03 10:00:02", "Q", "NOT_FOUND"),
                Answered("11-03 10:00:03", "R", "NOT_FOUND"),
                Answered("11-03 10:00:04", "S", "NOT_FOUND")
            )
        );
    }

    [Fact]
    public void A_refusal_that_stands_for_three_may_have_taken_three_of_the_quota()
    {
        var three = Refused("11-03 10:00:00", "quota-exhausted", "P", more: ",\"n\":3,\"until\":\"2026-11-03T10:00:00.900Z\"");
        Assert.Equal(
            ["newly-allowed quota-exhausted", Unsaid + " quota"],
            Over(static text => First(text, "perDay: 1500000", "perDay: 3"), three, Answered("11-03 10:00:01", "Q"))
        );
        Assert.Equal(
            ["newly-allowed quota-exhausted", "unchanged "],
            Over(static text => First(text, "perDay: 1500000", "perDay: 4"), three, Answered("11-03 10:00:01", "Q"))
        );
    }

    [Fact]
    public void A_quota_that_is_used_up_for_certain_refuses_whatever_else_is_not_known()
    {
        static string Change(string text) =>
            First(First(text, "perSubjectPerDay: 3", "perSubjectPerDay: 1"), "perAgentPerDay: 60", "perAgentPerDay: 1");
        Assert.Equal(
            ["newly-allowed quota-exhausted", "unchanged ", "newly-refused agent-quota-exhausted"],
            Over(
                Change,
                Refused("11-03 10:00:00", "quota-exhausted", "P", Office, Assistance, "ag-2"),
                Answered("11-03 10:00:01", "Q", client: Office, purpose: Assistance, agent: "ag-1"),
                Answered("11-03 10:00:02", "P", client: Office, purpose: Assistance, agent: "ag-1")
            )
        );
    }

    [Fact]
    public void What_may_never_have_been_answered_uses_up_no_quota_for_certain()
    {
        static string Change(string text) =>
            First(First(text, "qualities: [ASD_CHILD_SCHOOL_AGE]", "qualities: [ASD_CHILD]"), "perDay: 1500000", "perDay: 1");
        Assert.Equal([Unsaid + " gate", Unsaid + " gate"], Over(Change, Answered("11-03 10:00:00", "P"), Answered("11-03 10:00:01", "Q")));
    }

    [Fact]
    public void An_agreement_whose_id_only_begins_alike_is_another()
    {
        var replay = Run(
            static text => text,
            Answered("11-03 10:00:00").Replace($"\"{Id}@3\"", $"\"{Id}1@3\"", StringComparison.Ordinal),
            Answered("11-03 10:00:01")
        );
        Assert.Equal(1, replay.Calls);
    }

    [Fact]
    public void Whom_the_quota_refuses_for_certain_is_refused_although_nobody_can_tell_what_the_gate_saw() =>
        Assert.Equal(
            ["unchanged ", "newly-refused quota-exhausted"],
            Over(
                static text => First(text, "perDay: 1500000", "perDay: 1"),
                Answered("11-03 10:00:00", "P"),
                Answered("11-03 10:00:01", "Q").Replace("@3\"", "@2\"", StringComparison.Ordinal)
            )
        );

    [Fact]
    public void What_another_clause_refused_used_up_no_quota() =>
        Assert.Equal(
            [Unsaid + " gate", "unchanged "],
            Over(
                static text => First(text, "perDay: 1500000", "perDay: 1"),
                Refused("11-03 10:00:00", "outside-hours", "P"),
                Answered("11-03 10:00:01", "Q")
            )
        );
}
