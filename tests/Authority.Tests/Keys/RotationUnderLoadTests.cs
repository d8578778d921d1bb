using System.Collections.Concurrent;
using System.Net;
using Authority.Keys;
using Authority.Tests.Support;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Tokens.Access;
using Tokens.Transport;

namespace Authority.Tests.Keys;

/// <summary>
/// Two nodes on one ring, under load, while the ring rotates: every request gets a token, and a gateway that fetches keys over https
/// accepts every one of them. Time is not moved: the announcement is six seconds, so that a loaded machine finds time to fetch, and the
/// gateway's key cache ages six hundred times as fast.
/// </summary>
[Trait("Tier", "Whole")]
public sealed class RotationUnderLoadTests
{
    private static readonly TimeSpan Announce = TimeSpan.FromSeconds(6);
    private const int Rotations = 3;

    [Fact]
    public async Task OA_09_Rotation_under_load_drops_no_request_on_either_node_and_no_token_at_the_gateway()
    {
        await using var authority = new TheAuthority
        {
            Configure = static options =>
                (options.Keys.AnnounceFor, options.Keys.PublishAfter, options.Keys.LookEvery) = (
                    Announce,
                    TimeSpan.FromSeconds(4),
                    TimeSpan.FromMilliseconds(200)
                ),
        };
        await authority.InitializeAsync();
        await using var second = await authority.StartSecond();
        using var jwks = authority.Http(certificate: null);
        AuthorityAddresses[] nodes = [authority.Addresses, second.Services.GetRequiredService<AuthorityAddresses>()];
        AccessTokenValidator[] validators =
        [
            Validator(authority, nodes[0].Issuer, jwks),
            Validator(authority, nodes[1].MutualTls, authority.HttpOf(TheAuthority.Eligibility)),
        ];
        var (failures, kids) = (new ConcurrentQueue<string>(), new ConcurrentDictionary<string, int>(StringComparer.Ordinal));
        using var stop = new CancellationTokenSource();
        // Each client asks one node and is judged with keys fetched from the other.
        var load = Enumerable
            .Range(0, 4)
            .Select(i => Load(authority, nodes[i % 2], validators[1 - i % 2], failures, kids, stop.Token))
            .ToArray();
        await Rotate(authority, second);
        await stop.CancelAsync();
        var tokens = (await Task.WhenAll(load)).Sum();
        Assert.Empty(failures);
        Assert.Equal(Rotations + 1, kids.Count);
        Assert.True(tokens > 50, $"only {tokens} tokens");
        TestContext.Current.TestOutputHelper?.WriteLine($"{tokens} tokens under {kids.Count} keys, 0 failures");
    }

    /// <summary>By one node, by the other, and by a third that stands for the administrators' tool.</summary>
    private static async Task Rotate(TheAuthority authority, WebApplication second)
    {
        var options = new KeyRingOptions { AnnounceFor = Announce, PublishAfter = TimeSpan.FromSeconds(4) };
        using var tool = KeyRing.OpenForChange(
            Path.Combine(authority.State, "authority", "keys"),
            "for this test only",
            options,
            authority.Clock
        );
        var rings = new[] { authority.Services.GetRequiredService<KeyRing>(), second.Services.GetRequiredService<KeyRing>(), tool };
        await Task.Delay(500);
        for (var i = 0; i < Rotations; i++)
        {
            var next = rings[i % 3].Rotate();
            for (var waited = 0; waited < 1500 && rings.Any(ring => ring.Signing.KeyId != next); waited++)
                await Task.Delay(20);
            Assert.All(rings, ring => Assert.Equal(next, ring.Signing.KeyId));
            await Task.Delay(500);
        }
    }

    private static async Task<int> Load(
        TheAuthority authority,
        AuthorityAddresses node,
        AccessTokenValidator validator,
        ConcurrentQueue<string> failures,
        ConcurrentDictionary<string, int> kids,
        CancellationToken stop
    )
    {
        var certificate = authority.Certificate(TheAuthority.Eligibility);
        var presented = PresentedCertificate.From(certificate, "anss-partners");
        using var http = authority.Http(certificate);
        var tokens = 0;
        while (!stop.IsCancellationRequested)
        {
            var answer = await TokenAnswer.Post(http, node.MutualTls + "/connect/token", authority.Form(authority.Assertion()));
            if (answer.Status != HttpStatusCode.OK)
            {
                failures.Enqueue($"{answer.Status}: {answer.Body.ToJsonString()}");
                continue;
            }
            var credentials = new TokenCredentials(TokenScheme.Bearer, answer.Token.AsMemory());
            var result = await validator.Validate(credentials, presented);
            if (!result.IsAccepted)
                failures.Enqueue($"gateway: {result.Defect}");
            else
                kids.AddOrUpdate(result.Token.Kid, 1, static (_, n) => n + 1);
            tokens++;
        }
        return tokens;
    }

    private static AccessTokenValidator Validator(TheAuthority authority, string node, HttpClient http)
    {
        var keys = IssuerKeys.Fetched(new Uri(node + "/.well-known/jwks.json"), http, new FastClock());
        return new AccessTokenValidator(
            new TrustedIssuers([
                new TrustedIssuer
                {
                    Issuer = authority.Issuer,
                    Keys = keys,
                    IsOwn = true,
                },
            ]),
            TheAuthority.Gateway,
            authority.Clock
        );
    }

    /// <summary>Ages what is measured with it six hundred times as fast: the ten minutes of the key cache are a second.</summary>
    private sealed class FastClock : TimeProvider
    {
        private readonly long _start = System.GetTimestamp();

        public override long GetTimestamp() => _start + (System.GetTimestamp() - _start) * 600;
    }
}
