using System.Net;
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
[Trait("Tier", "Whole")]
public sealed class StreamedResultsTests : IAsyncLifetime
{
    private const string Agreement = "ANSS-MENPS-2026-01",
        Client = "anss-batch";
    private readonly WatchedLedger _ledger = new();
    private Town _town = null!;

    public async ValueTask InitializeAsync() =>
        _town = await Town.StartAsync(
            new TownOptions
            {
                Pupils = 100,
                Witnesses = 0,
                WrapLedger = _ledger.Around,
            }
        );

    public ValueTask DisposeAsync() => _town.EndAsync();

    [Theory]
    [InlineData(StoppedKind.Agreement, Agreement)]
    [InlineData(StoppedKind.Client, Client)]
    public async Task What_is_stopped_after_the_release_has_begun_is_refused_before_the_first_piece(StoppedKind kind, string id)
    {
        var batch = new BatchCall(_town, purpose: "ASD_SCHOOLING");
        await batch.Submit(Fixtures.PlainChild, Fixtures.NotEnrolled);
        await batch.Completed();
        _ledger.When("\"ev\":\"release.begin\"", () => Stop(kind, id));
        var refused = await batch.Get("/results");
        Assert.Equal(
            (HttpStatusCode.Forbidden, kind == StoppedKind.Client ? "client-suspended" : "agreement-suspended"),
            (refused.Status, refused.Code)
        );
        Assert.NotNull(refused.Header("Audit-Receipt"));
        await StatusTest.StatusOf(_town).Lift(kind, id);
        await Soon.Holds(() => Task.FromResult(!Known.Current.IsSuspended(kind, id)), "it is over");
        Assert.Equal(2, (await batch.Results()).Count);
    }

    [Fact]
    public async Task What_is_stopped_while_pieces_leave_breaks_the_stream_before_the_next_piece()
    {
        // More than a window of HTTP/2 and the server's buffer hold: the gateway waits for a reader who has only seen the head.
        var batch = new BatchCall(_town, purpose: "ASD_SCHOOLING");
        await batch.Submit([.. Enumerable.Repeat(Fixtures.PlainChild, 3_000)]);
        await batch.Completed();
        using var open = new OpenConnection(_town, HttpVersion.Version20, Client);
        using var request = new HttpRequestMessage(HttpMethod.Get, new Uri(_town.File.Gateway + batch.Location + "/results"));
        request.Headers.Authorization = new("Bearer", await _town.TokenFor(Client, "ASD_SCHOOLING", Agreement, BatchCall.Scope));
        open.InVersion(request);
        using var response = await open.Http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        await Stop(StoppedKind.Agreement, Agreement);
        using var arrived = new MemoryStream();
        var broken = await Record.ExceptionAsync(async () => await (await response.Content.ReadAsStreamAsync()).CopyToAsync(arrived));
        Assert.True(broken is HttpRequestException or IOException, broken?.GetType().Name ?? "the results left");
        Assert.InRange(arrived.Length, 1, response.Content.Headers.ContentLength!.Value - 1);
    }

    private ITokenStatus Known => _town.GatewayHost.Services.GetRequiredService<ITokenStatus>();

    private async Task Stop(StoppedKind kind, string id)
    {
        await StatusTest.StatusOf(_town).Suspend(kind, id, "test");
        await Soon.Holds(() => Task.FromResult(Known.Current.IsSuspended(kind, id)), "the gateway knows");
    }
}
