using System.Net;
using System.Text;
using System.Text.Json;
using Sandbox;
using Xunit;

namespace Gateway.Tests.Flow;

/// <summary>Batches of questions as the agency's programs put them.</summary>
public static class AskMany
{
    private const string Batches = "/education/v1/school-enrolment-batches";

    /// <summary>One line of a batch.</summary>
    public static string BatchLine(this Town town, string reference, string idcs) =>
        JsonSerializer.Serialize(
            new
            {
                reference,
                subject = new { scheme = "idcs", value = idcs },
                schoolYear = town.File.SchoolYear,
            }
        );

    /// <summary>Submits a batch as the agency's batch system, waits for its end, and fetches its results.</summary>
    public static async Task<List<JsonElement>> BatchResults(this Town town, string[] lines)
    {
        using var body = new StringContent(string.Join('\n', lines), Encoding.UTF8, "application/x-ndjson");
        var submitted = await town.Send(Batches, body, await Token(town), town.ClientAs("anss-batch"), static request =>
            request.Headers.Add("Idempotency-Key", Guid.CreateVersion7().ToString())
        );
        Assert.Equal(HttpStatusCode.Accepted, submitted.Status);
        var location = submitted.Header("Location")!;
        for (var attempt = 0; (await Get(town, location)).Json.GetProperty("state").GetString() != "COMPLETED"; attempt++)
        {
            Assert.True(attempt < 300, "the batch was not completed in a minute");
            await Task.Delay(200);
        }

        return
        [
            .. (await Get(town, location + "/results"))
                .Text.Split('\n', StringSplitOptions.RemoveEmptyEntries)
                .Select(static line => JsonSerializer.Deserialize<JsonElement>(line)),
        ];
    }

    private static async Task<Reply> Get(Town town, string path) =>
        await town.Send(path, body: null, await Token(town), town.ClientAs("anss-batch"), method: HttpMethod.Get);

    private static Task<string> Token(Town town) => town.TokenFor("anss-batch", "ASD_SCHOOLING", null, "education.school-enrolment.batch");
}
