using System.Net;
using Gateway.Forwarding;
using Gateway.Tests.Authentication;
using Gateway.Tests.Flow;
using Microsoft.Extensions.DependencyInjection;
using Sandbox;
using Sandbox.Institutions.Behaviors;
using Sandbox.Persons;
using Tokens.Status;
using Xunit;

namespace Gateway.Tests.Batches;

/// <summary>A question waits for its seat at an institution, and meanwhile it is stopped: it does not leave.</summary>
[Collection(OneTown.Name)]
[Trait("Tier", "Whole")]
public sealed class StoppedAtTheSeatTests : IAsyncLifetime
{
    private Town _town = null!;

    public async ValueTask InitializeAsync() =>
        _town = await Town.StartAsync(
            new TownOptions
            {
                Pupils = 100,
                Witnesses = 0,
                ConfigureLedger = static ledger => ledger.PublishEvery = TimeSpan.FromMilliseconds(100),
                EditContracts = static contracts =>
                {
                    var file = Path.Combine(contracts, "institutions", "menps.yaml");
                    var text = File.ReadAllText(file);
                    var few = text.Replace("  bulk: chunk", "  maxInFlight: 1\n  bulk: chunk", StringComparison.Ordinal);
                    Assert.NotEqual(text, few);
                    File.WriteAllText(file, few);
                },
            }
        );

    public ValueTask DisposeAsync() => _town.EndAsync();

    [Fact]
    public async Task A_chunk_that_was_stopped_while_it_waited_is_not_asked_about()
    {
        var batch = new BatchCall(_town);
        var first = await Taken();
        await batch.Submit(Fixtures.PlainChild, Fixtures.NotEnrolled);
        await Waits();
        await Say(StoppedKind.Client, "anss-batch", stopped: true);
        Assert.Equal("MATCHED", (await first).MatchStatus);
        await batch.Records(2);
        await Say(StoppedKind.Client, "anss-batch", stopped: false);
        await batch.Completed();
        var said = (await batch.Results()).Select(static line => (BatchCall.Text(line, "outcome"), BatchCall.Text(line, "code")));
        Assert.All(said, static one => Assert.Equal(("refused", "client-suspended"), one));
        Assert.Equal(1, _town["menps"].Received.Total);
    }

    [Fact]
    public async Task A_call_that_was_stopped_while_it_waited_is_not_asked_about()
    {
        var first = await Taken();
        var second = _town.Enrolment(Fixtures.NotEnrolled);
        await Waits();
        await Say(StoppedKind.Agreement, "ANSS-MENPS-2026-01", stopped: true);
        var answer = await second;
        Assert.Equal((HttpStatusCode.Forbidden, "agreement-suspended"), (answer.Status, answer.Code));
        Assert.False((await answer.Record()).TryGetProperty("prov", out _));
        await first;
        Assert.Equal(1, _town["menps"].Received.Total);
    }

    // The one seat, for some seconds.
    private async Task<Task<Reply>> Taken()
    {
        _town["menps"].Behaviors.Set(BehaviorMode.Slow, delay: TimeSpan.FromSeconds(4), count: 1);
        var first = _town.Enrolment(Fixtures.PlainChild);
        await Soon.Holds(() => Task.FromResult(_town["menps"].Received.Total == 1), "the seat is taken");
        return first;
    }

    private Task Waits()
    {
        var lines = _town.GatewayHost.Services.GetRequiredService<ProviderConnections>();
        return Soon.Holds(() => Task.FromResult(lines.Waiting.Contains(("menps", 1))), "it waits for the seat");
    }

    private async Task Say(StoppedKind kind, string id, bool stopped)
    {
        var said = StatusTest.StatusOf(_town);
        if (stopped)
            await said.Suspend(kind, id, "test");
        else
            await said.Lift(kind, id);
        var status = _town.GatewayHost.Services.GetRequiredService<ITokenStatus>();
        await Soon.Holds(() => Task.FromResult(status.Current.IsSuspended(kind, id) == stopped), "the gateway knows");
    }
}
