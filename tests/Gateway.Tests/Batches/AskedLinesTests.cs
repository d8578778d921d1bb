using System.Net;
using Gateway.Tests.Authentication;
using Gateway.Tests.Flow;
using Gateway.Tests.Unsealed;
using Sandbox;
using Xunit;

namespace Gateway.Tests.Batches;

/// <summary>A line whose question left has a record, whatever became of its batch and however long the log takes nothing.</summary>
[Collection(OneTown.Name)]
[Trait("Tier", "Whole")]
public sealed class AskedLinesTests : IAsyncLifetime
{
    // Room is asked for every 100 ms: some seconds.
    private const int Often = 70;
    private readonly DyingLedger _ledger = new();
    private Town _town = null!;

    public async ValueTask InitializeAsync() =>
        _town = await Town.StartAsync(
            new TownOptions
            {
                Pupils = 100,
                Witnesses = 0,
                WrapLedger = _ledger.Around,
                Index = false,
                ConfigureLedger = static ledger => ledger.PublishEvery = TimeSpan.FromMilliseconds(100),
            }
        );

    public ValueTask DisposeAsync() => _town.EndAsync();

    [Fact]
    public async Task Lines_that_were_asked_when_their_owner_cancelled_wait_for_room_in_the_log()
    {
        var batch = await Asked();
        // The cancelling itself has room.
        _ledger.DieAfter(seats: 1);
        Assert.Equal(HttpStatusCode.NoContent, (await batch.CancelAsync()).Status);
        await Heals();
        await Said("caller-gone");
    }

    [Fact]
    public async Task Lines_that_were_asked_when_their_owner_cancelled_are_sealed_by_a_later_try()
    {
        var batch = await Asked();
        _ledger.Refuses = "caller-gone";
        Assert.Equal(HttpStatusCode.NoContent, (await batch.CancelAsync()).Status);
        await Soon.Holds(() => Task.FromResult(_ledger.Refused >= 2), "it was tried twice");
        _ledger.Refuses = null;
        await Said("caller-gone");
    }

    [Fact]
    public async Task Lines_that_were_asked_when_the_gateway_stops_wait_for_room_in_the_log()
    {
        await Asked();
        _ledger.DieAfter(seats: 0);
        var stopping = _town.GatewayHost.StopAsync(TestContext.Current.CancellationToken);
        await Heals();
        await stopping;
        await Said("interrupted");
    }

    [Fact]
    public async Task Lines_that_were_asked_have_their_records_when_the_chunk_fails_afterwards()
    {
        await Asked(TimeSpan.FromSeconds(3));
        // Towards a partner each line has two.
        _ledger.FailsOnceAt = SlowBatch.Lines * 2;
        await Said("internal-fault");
    }

    private async Task<SlowBatch> Asked(TimeSpan? delay = null)
    {
        var batch = await SlowBatch.SubmitAsync(_town, delay ?? TimeSpan.FromSeconds(50));
        await Soon.Holds(() => Task.FromResult(_town["menps"].Received.Total == 1), "the chunk is asked");
        return batch;
    }

    private async Task Heals()
    {
        await Soon.Holds(() => Task.FromResult(_ledger.Refused >= Often), "the log took nothing for long");
        _ledger.Heal();
    }

    // One record for each line of the chunk.
    private Task Said(string code) =>
        Soon.Holds(() => Task.FromResult(_ledger.Durable.Count(text => Says(text, code)) == SlowBatch.Lines), code);

    private static bool Says(string record, string code) =>
        record.Contains($"\"{code}\"", StringComparison.Ordinal) && record.Contains("\"menps\"", StringComparison.Ordinal);
}
