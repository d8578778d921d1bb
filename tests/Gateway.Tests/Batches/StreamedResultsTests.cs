using Gateway.Tests.Authentication;
using Gateway.Tests.Flow;
using Microsoft.Extensions.DependencyInjection;
using Sandbox;
using Sandbox.Persons;
using Tokens.Status;
using Xunit;

namespace Gateway.Tests.Batches;

/// <summary>Results leave in pieces. What is stopped while they do keeps the pieces back that have not left.</summary>
[Collection(OneTown.Name)]
public sealed class StreamedResultsTests : IAsyncLifetime
{
    private const string Agreement = "ANSS-MENPS-2026-01";
    private readonly WatchedLedger _ledger = new();
    private Town _town = null!;

    public async ValueTask InitializeAsync() =>
        _town = await Town.StartAsync(new TownOptions { Pupils = 100, Witnesses = 0, WrapLedger = _ledger.Around });

    public ValueTask DisposeAsync() => _town.EndAsync();

    [Theory]
    [InlineData(StoppedKind.Agreement, Agreement)]
    [InlineData(StoppedKind.Client, "anss-batch")]
    public async Task What_is_stopped_after_the_release_has_begun_breaks_the_stream_before_the_next_piece(StoppedKind kind, string id)
    {
        var (said, known) = (StatusTest.StatusOf(_town), _town.GatewayHost.Services.GetRequiredService<ITokenStatus>());
        var batch = new BatchCall(_town, purpose: "ASD_SCHOOLING");
        await batch.Submit(Fixtures.PlainChild, Fixtures.NotEnrolled);
        await batch.Completed();
        _ledger.When("\"ev\":\"release.begin\"", async () =>
        {
            await said.Suspend(kind, id, "test");
            await Soon.Holds(() => Task.FromResult(known.Current.IsSuspended(kind, id)), "the gateway knows");
        });
        // The record of the beginning is durable, and nothing came behind it.
        var broken = await Record.ExceptionAsync(() => batch.Get("/results"));
        Assert.True(broken is HttpRequestException or IOException, broken?.GetType().Name ?? "the results left");
        await said.Lift(kind, id);
        await Soon.Holds(() => Task.FromResult(!known.Current.IsSuspended(kind, id)), "it is over");
        Assert.Equal(2, (await batch.Results()).Count);
    }
}
