using System.Net;
using Gateway.Tests.Flow;
using Tokens.Status;
using Xunit;

namespace Gateway.Tests.Authentication;

/// <summary>A batch outlives its token and its connection, but not a stop.</summary>
[Collection(OneTown.Name)]
[Trait("Tier", "Whole")]
public sealed class StoppedBatchTest
{
    private const string Client = "anss-batch";

    [Fact]
    public async Task OA_61_A_batch_that_was_accepted_asks_nothing_more_of_anybody_once_its_client_is_stopped()
    {
        await using var town = await SlowBatch.TownAsync();
        var batch = await SlowBatch.SubmitAsync(town, TimeSpan.FromSeconds(1));
        await StatusTest.StatusOf(town).Suspend(StoppedKind.Client, Client, "test");
        await Soon.Holds(async () => (await batch.Get()).Code == "client-suspended", "the client is refused");
        var asked = town["menps"].Received.All.Length;
        await Task.Delay(TimeSpan.FromSeconds(3));
        // One call may have been under way.
        Assert.InRange(town["menps"].Received.All.Length, asked, asked + 1);
        await StatusTest.StatusOf(town).Lift(StoppedKind.Client, Client);
        Reply results = null!;
        await Soon.Holds(async () => (results = await batch.Get("/results")).Status == HttpStatusCode.OK, "the results can be read");
        Assert.Contains("client-suspended", results.Text, StringComparison.Ordinal);
        Assert.Equal(SlowBatch.Lines, results.Text.Split('\n', StringSplitOptions.RemoveEmptyEntries).Length);
    }
}
