using System.Net;
using System.Text;
using System.Text.Json;
using Gateway.Tests.Authentication;
using Gateway.Tests.Flow;
using Sandbox.Persons;
using Xunit;

namespace Gateway.Tests.Forwarding;

/// <summary>The same for a chunk of a batch, which would lose all its lines at once.</summary>
[Collection(OneTown.Name)]
[Trait("Tier", "Whole")]
public sealed class ClosingInABatchTests
{
    private const string Client = "anss-batch",
        Path = "/education/v1/school-enrolment-batches";

    [Fact]
    public async Task A_chunk_that_meets_a_closing_connection_goes_out_once_more()
    {
        var (town, menps) = await RawInstitution.StartAsync("menps");
        await using var ended = town;
        await using var closed = menps;
        menps.Behaves = static call => call.Ordinal == 1 ? RawInstitution.Answers(call) : Task.FromResult(false);
        var token = await town.TokenFor(Client, "ASD_BACK_TO_SCHOOL", null, "education.school-enrolment.batch");
        for (var batch = 0; batch < 2; batch++)
        {
            var subject = new { scheme = "idcs", value = Fixtures.PlainChild };
            var lines = Enumerable
                .Range(0, 5)
                .Select(i =>
                    JsonSerializer.Serialize(
                        new
                        {
                            reference = $"l-{i}",
                            subject,
                            schoolYear = town.File.SchoolYear,
                        }
                    )
                );
            using var body = new StringContent(string.Join('\n', lines), Encoding.UTF8, "application/x-ndjson");
            var submitted = await town.Send(Path, body, token, town.ClientAs(Client), static request =>
                request.Headers.Add("Idempotency-Key", Guid.CreateVersion7().ToString())
            );
            Reply results = null!;
            await Soon.Holds(
                async () =>
                {
                    var place = submitted.Header("Location") + "/results";
                    results = await town.Send(place, null, token, town.ClientAs(Client), method: HttpMethod.Get);
                    return results.Status == HttpStatusCode.OK;
                },
                "the results can be read"
            );
            Assert.Equal(5, results.Text.Split("\"MATCHED\"").Length - 1);
        }

        Assert.Equal([1, 2, 1], menps.Calls.Select(static call => call.Ordinal));
        Assert.Equal(3, menps.Calls.Select(static call => call.AssertionId).Distinct(StringComparer.Ordinal).Count());
    }
}
