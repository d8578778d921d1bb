using System.Text.Json;
using Sandbox.Institutions;
using Sandbox.Persons;
using Xunit;

namespace Sandbox.Tests.Institutions;

public sealed class OtherStandInsTests : IDisposable
{
    private readonly GatewayDouble _gateway = new();

    [Theory]
    [InlineData(Fixtures.JobSeeker, "MATCHED", "REGISTERED")]
    [InlineData(Fixtures.WageEarner, "MATCHED", "NOT_REGISTERED")]
    [InlineData(Fixtures.PlainChild, "NOT_FOUND", null)]
    public async Task The_employment_service_knows_its_job_seekers(string idcs, string match, string? status)
    {
        await using var anapec = await _gateway.Start("anapec");
        var body = JsonSerializer.Serialize(new { subject = new { scheme = "sector-token", value = SectorToken.Of("employment", idcs) } });
        var answer = await _gateway.Answer(anapec, "employment.job-seeker-status.read", "/v1/job-seeker-status/query", body);
        Assert.Equal(match, answer.GetProperty("matchStatus").GetString());
        Assert.Equal(status, answer.TryGetProperty("jobSeeker", out var seeker) ? seeker.GetProperty("status").GetString() : null);
        Assert.Equal("ANAPEC", answer.GetProperty("source").GetString());
    }

    [Fact]
    public async Task The_health_system_answers_a_search_by_identifier_with_more_than_anybody_may_see()
    {
        await using var msps = await _gateway.Start("msps");
        var bundle = await Search(
            msps,
            "health.immunization-recommendation.read",
            "ImmunizationRecommendation",
            "patient",
            Fixtures.Infant
        );
        var resource = bundle.GetProperty("entry")[0].GetProperty("resource");
        Assert.Equal(
            SectorToken.Of("health", Fixtures.Infant),
            resource.GetProperty("patient").GetProperty("identifier").GetProperty("value").GetString()
        );
        var status = resource
            .GetProperty("recommendation")[0]
            .GetProperty("forecastStatus")
            .GetProperty("coding")[0]
            .GetProperty("code")
            .GetString();
        Assert.Equal("complete", status);
        Assert.Equal("include", bundle.GetProperty("entry")[1].GetProperty("search").GetProperty("mode").GetString());
    }

    [Fact]
    public async Task Cover_and_antenatal_visits_are_found()
    {
        await using var cnss = await _gateway.Start("cnss");
        await using var msps = await _gateway.Start("msps");
        var cover = await Search(cnss, "health.coverage.read", "Coverage", "beneficiary", Fixtures.PregnantWoman);
        Assert.Equal("active", cover.GetProperty("entry")[0].GetProperty("resource").GetProperty("status").GetString());
        var visits = await Search(msps, "health.observation.read", "Observation", "patient", Fixtures.PregnantWoman);
        Assert.Equal(2, visits.GetProperty("entry")[0].GetProperty("resource").GetProperty("valueInteger").GetInt32());
    }

    [Fact]
    public async Task Unknown_ambiguous_wrong_and_modified_persons_are_told_apart()
    {
        await using var msps = await _gateway.Start("msps");
        Task<JsonElement> Ask(string idcs) =>
            Search(msps, "health.immunization-recommendation.read", "ImmunizationRecommendation", "patient", idcs);
        Assert.Equal(0, (await Ask(Fixtures.PlainChild)).GetProperty("entry").GetArrayLength());
        Assert.Equal(2, (await Ask(Fixtures.TwoRecords)).GetProperty("total").GetInt32());
        Assert.NotEqual(
            SectorToken.Of("health", Fixtures.WrongPerson),
            First(await Ask(Fixtures.WrongPerson)).GetProperty("patient").GetProperty("identifier").GetProperty("value").GetString()
        );
        Assert.True(First(await Ask(Fixtures.BrokenBody)).TryGetProperty("modifierExtension", out _));
        Assert.Equal(JsonValueKind.Array, First(await Ask(Fixtures.WrongTypes)).GetProperty("date").ValueKind);
        Assert.Equal("Patient", First(await Ask(Fixtures.Generous)).GetProperty("contained")[0].GetProperty("resourceType").GetString());
    }

    [Fact]
    public async Task A_search_in_two_steps_goes_through_the_Patient()
    {
        await using var msps = await _gateway.Start("msps");
        var person = Uri.EscapeDataString("urn:anss:id:health|" + SectorToken.Of("health", Fixtures.Infant));
        var patients = await _gateway.Answer(
            msps,
            "health.immunization-recommendation.read",
            "/fhir/Patient/_search",
            "identifier=" + person
        );
        var id = First(patients).GetProperty("id").GetString();
        var found = await _gateway.Answer(
            msps,
            "health.immunization-recommendation.read",
            "/fhir/ImmunizationRecommendation/_search",
            $"patient=Patient/{id}"
        );
        Assert.Equal("ImmunizationRecommendation", First(found).GetProperty("resourceType").GetString());
    }

    public void Dispose() => _gateway.Dispose();

    private static JsonElement First(JsonElement bundle) => bundle.GetProperty("entry")[0].GetProperty("resource");

    private Task<JsonElement> Search(StandIn standIn, string operation, string type, string parameter, string idcs)
    {
        var person = Uri.EscapeDataString("urn:anss:id:health|" + SectorToken.Of("health", idcs));
        return _gateway.Answer(standIn, operation, $"/fhir/{type}/_search", $"{parameter}%3Aidentifier={person}&_count=50");
    }
}
