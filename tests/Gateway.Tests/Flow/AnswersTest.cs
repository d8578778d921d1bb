using System.Net;
using System.Text.Json;
using Sandbox.Persons;
using Xunit;

namespace Gateway.Tests.Flow;

[Collection(OneTown.Name)]
[Trait("Tier", "Whole")]
public sealed class AnswersTest(TownFixture fixture)
{
    private readonly Sandbox.Town _town = fixture.Town;

    [Fact]
    public async Task An_enrolled_child_is_answered_with_the_released_fields_and_a_receipt_that_proves_the_record()
    {
        var reply = await _town.Enrolment(Fixtures.PlainChild);
        Assert.Equal(HttpStatusCode.OK, reply.Status);
        Assert.Equal("MATCHED", reply.MatchStatus);
        Assert.Equal(["status", "schoolYear", "since"], Names(reply.Json.GetProperty("enrolment")));
        Assert.Equal("no-store", reply.Header("Cache-Control"));
        var record = await reply.Record();
        Assert.Equal("access", record.GetProperty("ev").GetString());
        Assert.Equal("permit", record.GetProperty("out").GetString());
        Assert.Equal("anss-eligibility", record.GetProperty("cli").GetString());
        Assert.Equal("ASD_SCHOOLING", record.GetProperty("purp").GetString());
        Assert.Equal("ANSS-MENPS-2026-01@3", record.GetProperty("agr").GetString());
        Assert.Equal(
            ["enrolment.status", "enrolment.schoolYear", "enrolment.since"],
            record.GetProperty("fld").EnumerateArray().Select(static path => path.GetString())
        );
        Assert.Equal(
            ["enrolment.cycle", "enrolment.sector"],
            record
                .GetProperty("drp")
                .EnumerateArray()
                .Select(static path => path.GetString())
                .Where(static path => path != "enrolment.schoolCode")
        );
        Assert.DoesNotContain(Fixtures.PlainChild, record.GetRawText(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_record_tells_how_long_the_providers_took()
    {
        _town["menps"].Behaviors.Set(Sandbox.Institutions.Behaviors.BehaviorMode.Slow, delay: TimeSpan.FromMilliseconds(60), count: 1);
        var record = await (await _town.Enrolment(Fixtures.PlainChild)).Record();
        var provider = record.GetProperty("prov")[0].GetProperty("ms").GetInt32();
        Assert.True(provider > 0);
        Assert.Equal(provider, record.GetProperty("ms")[1].GetInt32());
    }

    [Fact]
    public async Task Another_purpose_releases_other_fields_of_the_same_child()
    {
        var reply = await _town.Enrolment(Fixtures.PlainChild, "ASD_BACK_TO_SCHOOL");
        Assert.Equal(["cycle", "schoolYear", "sector", "status"], Names(reply.Json.GetProperty("enrolment")).Order(StringComparer.Ordinal));
    }

    [Theory]
    [InlineData(Fixtures.NotEnrolled, "NOT_ENROLLED")]
    [InlineData(Fixtures.DroppedOut, "DROPPED_OUT")]
    [InlineData(Fixtures.Completed, "COMPLETED")]
    [InlineData(Fixtures.LateRoll, "PENDING")]
    [InlineData(Fixtures.Apprentice, "ENROLLED")]
    [InlineData(Fixtures.Student, "ENROLLED")]
    [InlineData(Fixtures.Orphan, "ENROLLED")]
    public async Task A_known_person_is_answered_with_the_status(string person, string status)
    {
        var reply = await _town.Enrolment(person);
        Assert.Equal("MATCHED", reply.MatchStatus);
        Assert.Equal(status, reply.Json.GetProperty("enrolment").GetProperty("status").GetString());
    }

    [Theory]
    [InlineData(Fixtures.UnknownChild, "NOT_FOUND")]
    [InlineData(Fixtures.Infant, "NOT_FOUND")]
    [InlineData(Fixtures.TwoRecords, "AMBIGUOUS")]
    public async Task Who_cannot_be_matched_is_answered_without_an_object(string person, string status)
    {
        var reply = await _town.Enrolment(person);
        Assert.Equal(HttpStatusCode.OK, reply.Status);
        Assert.Equal(status, reply.MatchStatus);
        Assert.False(reply.Json.TryGetProperty("enrolment", out _));
    }

    [Fact]
    public async Task Not_enrolled_is_never_stated_while_a_source_did_not_answer()
    {
        var reply = await _town.Enrolment(Fixtures.PartialOutage);
        Assert.Equal("UNAVAILABLE", reply.MatchStatus);
        Assert.Equal(["DFP"], reply.Json.GetProperty("sourcesUnavailable").EnumerateArray().Select(static source => source.GetString()));
    }

    [Fact]
    public async Task A_positive_of_the_first_source_asks_nobody_else()
    {
        _town["dfp"].Received.Clear();
        await _town.Enrolment(Fixtures.PlainChild);
        Assert.Empty(_town["dfp"].Received.All);
    }

    [Fact]
    public async Task Old_data_is_released_as_stale()
    {
        var reply = await _town.Enrolment(Fixtures.OldData);
        Assert.True(reply.Json.GetProperty("stale").GetBoolean());
    }

    [Fact]
    public async Task What_a_generous_provider_adds_stays_behind_and_is_counted()
    {
        var reply = await _town.Enrolment(Fixtures.Generous);
        Assert.Equal(["status", "schoolYear", "since"], Names(reply.Json.GetProperty("enrolment")));
        Assert.True((await reply.Record()).GetProperty("und").GetInt32() > 0);
    }

    [Fact]
    public async Task The_provider_receives_the_sector_token_and_nothing_of_the_caller()
    {
        _town["menps"].Received.Clear();
        await _town.Post(Ask.Enrolments, Ask.Question(_town, Fixtures.PlainChild), purpose: "ASD_SCHOOLING", with: static request =>
        {
            request.Headers.Add("Case-Reference", "DOSSIER-2026-0042");
            request.Headers.Add("traceparent", "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01");
            request.Headers.UserAgent.ParseAdd("partner/1.0");
        });
        var call = Assert.Single(_town["menps"].Received.All);
        Assert.Null(call.Refused);
        Assert.DoesNotContain(Fixtures.PlainChild, call.Body, StringComparison.Ordinal);
        Assert.Contains("edu_", call.Body, StringComparison.Ordinal);
        var headers = string.Join('\n', call.Headers.Select(static header => $"{header.Key}: {header.Value}"));
        Assert.DoesNotContain("DOSSIER-2026-0042", headers, StringComparison.Ordinal);
        Assert.DoesNotContain("4bf92f3577b34da6a3ce929d0e0e4736", headers, StringComparison.Ordinal);
        Assert.DoesNotContain("partner/1.0", headers, StringComparison.Ordinal);
        Assert.DoesNotContain("Bearer", headers, StringComparison.OrdinalIgnoreCase);
        string[] allowed =
        [
            "accept",
            "accept-encoding",
            "agreement",
            "content-length",
            "content-type",
            "exchange-assertion",
            "exchange-id",
            "exchange-salt",
            "host",
            "purpose",
            "traceparent",
        ];
        Assert.Subset(allowed.ToHashSet(StringComparer.OrdinalIgnoreCase), call.Headers.Keys.ToHashSet(StringComparer.OrdinalIgnoreCase));
    }

    [Fact]
    public async Task A_job_seeker_is_answered_through_the_same_path()
    {
        var body = JsonSerializer.Serialize(new { subject = new { scheme = "idcs", value = Fixtures.JobSeeker } });
        var reply = await _town.Post(Ask.JobSeekers, body, purpose: "ASD_ELIGIBILITY");
        Assert.Equal(HttpStatusCode.OK, reply.Status);
        Assert.Equal("REGISTERED", reply.Json.GetProperty("jobSeeker").GetProperty("status").GetString());
        Assert.Equal("employment.job-seeker-status.read", (await reply.Record()).GetProperty("op").GetString());
    }

    [Fact]
    public async Task A_vaccination_question_is_answered_as_a_bundle_with_the_released_elements()
    {
        var reply = await _town.Immunization(Fixtures.Infant);
        Assert.Equal(HttpStatusCode.OK, reply.Status);
        Assert.StartsWith("application/fhir+json", reply.Header("Content-Type"), StringComparison.Ordinal);
        Assert.Equal("Bundle", reply.Json.GetProperty("resourceType").GetString());
        var resource = reply.Json.GetProperty("entry")[0].GetProperty("resource");
        Assert.Equal("ImmunizationRecommendation", resource.GetProperty("resourceType").GetString());
        Assert.False(resource.TryGetProperty("text", out _));
        Assert.False(resource.TryGetProperty("id", out _));
        Assert.Equal("health.immunization-recommendation.read", (await reply.Record()).GetProperty("op").GetString());
    }

    [Fact]
    public async Task The_caller_may_ask_for_less()
    {
        var body = JsonSerializer.Serialize(
            new
            {
                subject = new { scheme = "idcs", value = Fixtures.PlainChild },
                schoolYear = _town.File.SchoolYear,
                fields = new[] { "enrolment.status" },
            }
        );
        var reply = await _town.Post(Ask.Enrolments, body, purpose: "ASD_SCHOOLING");
        Assert.Equal(["status"], Names(reply.Json.GetProperty("enrolment")));
    }

    [Fact]
    public async Task Two_callers_never_see_one_anothers_data()
    {
        string[] persons = [Fixtures.PlainChild, Fixtures.NotEnrolled, Fixtures.DroppedOut, Fixtures.Completed];
        string[] expected = ["ENROLLED", "NOT_ENROLLED", "DROPPED_OUT", "COMPLETED"];
        var tokens = await Task.WhenAll(persons.Select(_ => _town.TokenFor("anss-eligibility", "ASD_SCHOOLING")));
        var client = _town.ClientAs("anss-eligibility");
        await Parallel.ForEachAsync(Enumerable.Range(0, 200), new ParallelOptions { MaxDegreeOfParallelism = 16 }, async (number, _) =>
        {
            var i = number % persons.Length;
            using var body = new StringContent(Ask.Question(_town, persons[i]), System.Text.Encoding.UTF8, "application/json");
            var reply = await _town.Send(Ask.Enrolments, body, tokens[i], client);
            Assert.Equal(expected[i], reply.Json.GetProperty("enrolment").GetProperty("status").GetString());
        });
    }

    private static IEnumerable<string> Names(JsonElement json) => json.EnumerateObject().Select(static member => member.Name);
}
