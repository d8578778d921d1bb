using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using Sandbox;
using Sandbox.Institutions.Behaviors;
using Sandbox.Persons;
using Xunit;

namespace Gateway.Tests.Flow;

/// <summary>
/// A source that answers for something else than was asked, in part, or for days to come has not answered: alone, among others and in a
/// batch.
/// </summary>
[Collection(OneTown.Name)]
[Trait("Tier", "Whole")]
public sealed class AnotherAnswerTests(TownFixture fixture) : IDisposable
{
    private const string Batches = "/education/v1/school-enrolment-batches";
    private readonly Town _town = fixture.Town;

    public void Dispose()
    {
        _town["menps"].Behaviors.Clear();
        _town["msps"].Behaviors.Clear();
    }

    [Theory]
    [InlineData(BehaviorMode.AnotherYear, Fixtures.NotEnrolled)]
    [InlineData(BehaviorMode.AnotherYear, Fixtures.PlainChild)]
    [InlineData(BehaviorMode.FutureAsOf, Fixtures.NotEnrolled)]
    [InlineData(BehaviorMode.FutureAsOf, Fixtures.UnknownChild)]
    [InlineData(BehaviorMode.FutureSince, Fixtures.DroppedOut)]
    public async Task A_source_that_answers_another_question_has_not_answered(BehaviorMode mode, string person)
    {
        _town["menps"].Behaviors.Set(mode);
        var alone = await _town.Enrolment(person, "ASD_BACK_TO_SCHOOL", "anss-payments");
        Assert.Equal((HttpStatusCode.BadGateway, "provider-invalid-answer"), (alone.Status, alone.Code));
        var among = await _town.Enrolment(person);
        Assert.Equal((HttpStatusCode.OK, "UNAVAILABLE"), (among.Status, among.MatchStatus));
        Assert.Equal("MENPS-MASSAR", Assert.Single(among.Json.GetProperty("sourcesUnavailable").EnumerateArray()).GetString());
        Assert.False(among.Json.TryGetProperty("enrolment", out _));
        var line = Assert.Single(await Batch(person));
        Assert.Contains("provider-invalid-answer", line, StringComparison.Ordinal);
        Assert.DoesNotContain("NOT_ENROLLED", line, StringComparison.Ordinal);
        Assert.DoesNotContain("NOT_FOUND", line, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_Bundle_that_counts_more_than_it_has_is_incomplete()
    {
        _town["msps"].Behaviors.Set(BehaviorMode.PartialBundle);
        foreach (var person in new[] { Fixtures.Infant, Fixtures.Infant })
        {
            var reply = await _town.Immunization(person);
            Assert.Equal(HttpStatusCode.OK, reply.Status);
            Assert.Equal("UNAVAILABLE", reply.Json.GetProperty("meta").GetProperty("tag")[0].GetProperty("code").GetString());
            Assert.Equal(0, reply.Json.GetProperty("total").GetInt32());
        }
    }

    [Fact]
    public async Task A_Bundle_of_the_future_is_no_answer()
    {
        _town["msps"].Behaviors.Set(BehaviorMode.FutureAsOf);
        var reply = await _town.Immunization(Fixtures.Infant);
        Assert.Equal((HttpStatusCode.BadGateway, "provider-invalid-answer"), (reply.Status, reply.Code));
    }

    private async Task<List<string>> Batch(string person)
    {
        var token = await _town.TokenFor("anss-batch", "ASD_SCHOOLING", null, "education.school-enrolment.batch");
        using var body = new StringContent(
            JsonSerializer.Serialize(
                new
                {
                    reference = "a-1",
                    subject = new { scheme = "idcs", value = person },
                    schoolYear = _town.File.SchoolYear,
                }
            ),
            Encoding.UTF8
        );
        body.Headers.ContentType = new MediaTypeHeaderValue("application/x-ndjson");
        var submitted = await _town.Send(Batches, body, token, _town.ClientAs("anss-batch"), static request =>
            request.Headers.Add("Idempotency-Key", Guid.CreateVersion7().ToString())
        );
        Reply manifest;
        do
        {
            await Task.Delay(50);
            manifest = await _town.Send(
                submitted.Header("Location")!,
                body: null,
                token,
                _town.ClientAs("anss-batch"),
                method: HttpMethod.Get
            );
        } while (manifest.Json.GetProperty("state").GetString() != "COMPLETED");
        var results = await _town.Send(
            submitted.Header("Location") + "/results",
            body: null,
            token,
            _town.ClientAs("anss-batch"),
            method: HttpMethod.Get
        );
        return [.. results.Text.Split('\n', StringSplitOptions.RemoveEmptyEntries)];
    }
}
