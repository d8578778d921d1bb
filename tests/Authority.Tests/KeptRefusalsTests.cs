using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging.Abstractions;
using Tokens.Operations;

namespace Authority.Tests;

/// <summary>Under which id a refusal of a stranger is told, and for whom it is kept.</summary>
public sealed class KeptRefusalsTests : IDisposable
{
    private const string Client = "anss-batch";
    private readonly BackgroundWork _background = new();
    private readonly Explanations _explanations = new(TimeProvider.System);
    private readonly Refusals _refusals;

    public KeptRefusalsTests() =>
        _refusals = new Refusals(ledger: null, _explanations, NullLogger.Instance, problemPages: null, _background, new StillClock());

    public void Dispose()
    {
        _refusals.Dispose();
        _background.Dispose();
    }

    [Fact]
    public async Task Refusals_that_are_told_alike_share_an_id_whatever_their_exact_reasons()
    {
        for (var alone = 0; alone < 5; alone++)
            await Refused("unknown-client");
        var shared = await Refused("unknown-client");
        Assert.Equal(shared, await Refused("assertion-signature"));
        Assert.Equal(shared, await Refused("unknown-client"));
    }

    [Fact]
    public async Task Those_that_merely_name_a_client_do_not_push_out_its_own()
    {
        _explanations.Keep(Client, "own", Refusal("scope-unknown"), TimeProvider.System.GetUtcNow());
        for (var stranger = 0; stranger <= Explanations.KeptEach; stranger++)
            await Refused("assertion-signature");
        Assert.Equal("scope-unknown", _explanations.Find(Client, "own")?.Refusal.Code);
    }

    private static TokenRefusal Refusal(string code) => new("invalid_client", 401, code, "client authentication failed") { Named = Client };

    private async Task<string> Refused(string code)
    {
        var http = new DefaultHttpContext();
        using var seat = _refusals.TakeSeat();
        await _refusals.SealAndAnswer(http, seat!, Refusal(code), client: null);
        return http.Response.Headers["Request-Id"].ToString();
    }

    /// <summary>The second does not end.</summary>
    private sealed class StillClock : TimeProvider
    {
        public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period) =>
            System.CreateTimer(callback, state, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }
}
