using System.Net;
using System.Text;
using System.Text.Json;
using Sandbox;
using Sandbox.Institutions.Behaviors;
using Sandbox.Persons;
using Xunit;

namespace Gateway.Tests.Flow;

/// <summary>
/// A batch of eight lines that the ministry answers one at a time and slowly, so that something can happen between two chunks.
/// </summary>
internal sealed class SlowBatch(Town town, string token, string location)
{
    /// <summary>Lines of the batch.</summary>
    public const int Lines = 8;
    private const string Client = "anss-batch";

    /// <summary>A town of its own, whose ministry takes one line a chunk.</summary>
    public static Task<Town> TownAsync() =>
        Town.StartAsync(
            new TownOptions
            {
                Pupils = 100,
                EditContracts = static contracts =>
                {
                    var file = Path.Combine(contracts, "institutions", "menps.yaml");
                    File.WriteAllText(file, File.ReadAllText(file).Replace("chunkSize: 500", "chunkSize: 1", StringComparison.Ordinal));
                },
            }
        );

    /// <summary>Hands the batch in.</summary>
    public static async Task<SlowBatch> SubmitAsync(Town town, TimeSpan delay)
    {
        town["menps"].Behaviors.Set(BehaviorMode.Slow, delay: delay);
        var token = await town.TokenFor(Client, "ASD_BACK_TO_SCHOOL", null, "education.school-enrolment.batch");
        var lines = Enumerable
            .Range(0, Lines)
            .Select(i =>
                JsonSerializer.Serialize(
                    new
                    {
                        reference = $"s-{i}",
                        subject = new { scheme = "idcs", value = Fixtures.PlainChild },
                        schoolYear = town.File.SchoolYear,
                    }
                )
            );
        using var body = new StringContent(string.Join('\n', lines), Encoding.UTF8, "application/x-ndjson");
        var submitted = await town.Send("/education/v1/school-enrolment-batches", body, token, town.ClientAs(Client), static request =>
            request.Headers.Add("Idempotency-Key", Guid.CreateVersion7().ToString())
        );
        Assert.Equal(HttpStatusCode.Accepted, submitted.Status);
        return new SlowBatch(town, token, submitted.Header("Location")!);
    }

    /// <summary>Its manifest, or what stands below it.</summary>
    public Task<Reply> Get(string below = "") =>
        town.Send(location + below, body: null, token, town.ClientAs(Client), method: HttpMethod.Get);

    /// <summary>Its owner wants no more of it.</summary>
    public Task<Reply> CancelAsync() => town.Send(location, body: null, token, town.ClientAs(Client), method: HttpMethod.Delete);
}
