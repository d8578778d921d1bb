using System.Buffers.Binary;
using System.Net;
using System.Security.Cryptography;
using System.Text;
using Authority.Tests.Support;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Postgres;
using Tokens.Status;
using Tokens.Stores;

namespace Authority.Tests.Stores;

/// <summary>Two authorities on one PostgreSQL server, asked over real sockets.</summary>
[Trait("Tier", "Whole")]
public sealed class TwoNodesTests : IAsyncLifetime
{
    private readonly RealPostgres _server = new();
    private TheAuthority _authority = null!;
    private WebApplication _second = null!;
    private HttpClient[] _nodes = [];

    public async ValueTask InitializeAsync()
    {
        var store = new StoreSettings { Postgres = await _server.NewDatabase(), PasswordFile = _server.PasswordFile };
        _authority = new TheAuthority { Configure = options => (options.Replay, options.Status) = (store, store) };
        await _authority.InitializeAsync();
        _second = await _authority.StartSecond();
        var first = _authority.Http(_authority.Certificate(TheAuthority.Eligibility), HttpVersion.Version20);
        var second = _authority.Http(_authority.Certificate(TheAuthority.Eligibility), HttpVersion.Version20);
        second.BaseAddress = new Uri(_second.Services.GetRequiredService<AuthorityAddresses>().MutualTls);
        _nodes = [first, second];
    }

    public async ValueTask DisposeAsync()
    {
        await _second.DisposeAsync();
        await _authority.DisposeAsync();
        await _server.DisposeAsync();
    }

    [Fact]
    public async Task OA_24_TH_07_Of_48_copies_of_one_assertion_sent_to_two_nodes_exactly_one_is_taken_in_each_of_400_rounds()
    {
        for (var round = 0; round < 400; round++)
        {
            var form = _authority.Form(_authority.Assertion());
            var answers = await Task.WhenAll(Enumerable.Range(0, 48).Select(copy => _authority.Ask(form, _nodes[copy % 2])));
            Assert.Single(answers, static answer => answer.Status == HttpStatusCode.OK);
            Assert.Equal(47, answers.Count(static answer => answer is { Status: HttpStatusCode.Unauthorized, Error: "invalid_client" }));
        }
    }

    [Fact]
    public async Task TH_27_Without_the_store_there_is_no_token_but_503_with_a_time_and_tokens_again_when_it_is_back()
    {
        Assert.Equal(HttpStatusCode.OK, (await Ask(0)).Status);
        _server.Kill();
        foreach (var node in new[] { 0, 1 })
        {
            var refused = (await Ask(node)).Refused(HttpStatusCode.ServiceUnavailable, "temporarily_unavailable");
            Assert.StartsWith("overloaded WIR-07", refused.Description, StringComparison.Ordinal);
            Assert.NotNull(refused.Response.Headers.RetryAfter);
        }
        await _server.Start();
        foreach (var node in new[] { 0, 1 })
        {
            var answer = await Ask(node);
            for (var i = 0; i < 500 && answer.Status == HttpStatusCode.ServiceUnavailable; i++)
            {
                await Task.Delay(20);
                answer = await Ask(node);
            }
            Assert.Equal(HttpStatusCode.OK, answer.Status);
        }
    }

    [Fact]
    public async Task A_client_with_too_many_live_assertions_gets_429_and_nobody_else_does()
    {
        Assert.Equal(HttpStatusCode.OK, (await Ask(0)).Status);
        var owner = BinaryPrimitives.ReadInt64BigEndian(SHA256.HashData(Encoding.UTF8.GetBytes($"assertion\0{TheAuthority.Eligibility}")));
        var slot = _authority.Clock.GetUtcNow().ToUnixTimeSeconds() / 60 + 5;
        _server.Psql("test1", $"INSERT INTO token_replay.owners VALUES (1, {owner}, {slot}, 100000)"); // as a third node would tell it
        var answer = await Ask(0);
        for (var i = 0; i < 500 && answer.Status == HttpStatusCode.OK; i++)
        {
            await Task.Delay(20);
            answer = await Ask(0);
        }
        Assert.StartsWith(
            "rate-exceeded QUO-02",
            answer.Refused(HttpStatusCode.TooManyRequests, "temporarily_unavailable").Description,
            StringComparison.Ordinal
        );
        Assert.NotNull(answer.Response.Headers.RetryAfter);
        var other = await _authority.Ask(
            _authority.Form(_authority.Assertion(TheAuthority.Batch), ("authorization_details", null), ("scope", null)),
            _authority.HttpOf(TheAuthority.Batch)
        );
        Assert.NotEqual(HttpStatusCode.TooManyRequests, other.Status);
        Assert.NotEqual(HttpStatusCode.ServiceUnavailable, other.Status);
    }

    [Fact]
    public async Task OA_61_A_client_suspended_at_one_node_gets_no_token_from_the_other_within_seconds()
    {
        await _second.Services.GetRequiredService<ITokenStatus>().Suspend(StoppedKind.Client, TheAuthority.Eligibility, "drill");
        var answer = await Ask(0);
        for (var i = 0; i < 500 && answer.Status == HttpStatusCode.OK; i++)
        {
            await Task.Delay(20);
            answer = await Ask(0);
        }
        Assert.StartsWith(
            "client-suspended AUT-07",
            answer.Refused(HttpStatusCode.Unauthorized, "invalid_client").Description,
            StringComparison.Ordinal
        );
    }

    private Task<TokenAnswer> Ask(int node) => _authority.Ask(_authority.Form(_authority.Assertion()), _nodes[node]);
}
