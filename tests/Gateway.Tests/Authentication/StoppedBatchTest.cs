using System.Net;
using System.Text;
using System.Text.Json;
using Gateway.Tests.Flow;
using Sandbox;
using Sandbox.Institutions.Behaviors;
using Sandbox.Persons;
using Tokens.Status;
using Xunit;

namespace Gateway.Tests.Authentication;

/// <summary>A batch outlives its token and its connection, but not a stop.</summary>
[Collection(OneTown.Name)]
public sealed class StoppedBatchTest
{
    private const string Client = "anss-batch", Purpose = "ASD_BACK_TO_SCHOOL", Operation = "education.school-enrolment.batch";

    [Fact]
    public async Task OA_61_A_batch_that_was_accepted_asks_nothing_more_of_anybody_once_its_client_is_stopped()
    {
        await using var town = await Town.StartAsync(new TownOptions
        {
            Pupils = 100,
            EditContracts = static contracts =>
            {
                var file = Path.Combine(contracts, "institutions", "menps.yaml");
                File.WriteAllText(file, File.ReadAllText(file).Replace("chunkSize: 500", "chunkSize: 1", StringComparison.Ordinal));
            },
        });
        town["menps"].Behaviors.Set(BehaviorMode.Slow, delay: TimeSpan.FromSeconds(1));
        var token = await town.TokenFor(Client, Purpose, null, Operation);
        var lines = Enumerable.Range(0, 8).Select(i => JsonSerializer.Serialize(new { reference = $"s-{i}", subject = new { scheme = "idcs", value = Fixtures.PlainChild }, schoolYear = town.File.SchoolYear }));
        using var body = new StringContent(string.Join('\n', lines), Encoding.UTF8, "application/x-ndjson");
        var submitted = await town.Send("/education/v1/school-enrolment-batches", body, token, town.ClientAs(Client), static request => request.Headers.Add("Idempotency-Key", Guid.CreateVersion7().ToString()));
        Assert.Equal(HttpStatusCode.Accepted, submitted.Status);
        await StatusTest.StatusOf(town).Suspend(StoppedKind.Client, Client, "test");
        await Soon.Holds(async () => (await Get(town, token, submitted.Header("Location")!)).Code == "client-suspended", "the client is refused");
        var asked = town["menps"].Received.All.Length;
        await Task.Delay(TimeSpan.FromSeconds(3));
        // One call may have been under way.
        Assert.InRange(town["menps"].Received.All.Length, asked, asked + 1);
        await StatusTest.StatusOf(town).Lift(StoppedKind.Client, Client);
        Reply results = null!;
        await Soon.Holds(async () => (results = await Get(town, token, submitted.Header("Location") + "/results")).Status == HttpStatusCode.OK, "the results can be read");
        Assert.Contains("client-suspended", results.Text, StringComparison.Ordinal);
        Assert.Equal(8, results.Text.Split('\n', StringSplitOptions.RemoveEmptyEntries).Length);
    }

    private static Task<Reply> Get(Town town, string token, string path) => town.Send(path, body: null, token, town.ClientAs(Client), method: HttpMethod.Get);
}
