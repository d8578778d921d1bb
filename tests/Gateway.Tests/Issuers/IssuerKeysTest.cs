using System.Net;
using Gateway.Tests.Authentication;
using Gateway.Tests.Flow;
using Xunit;

namespace Gateway.Tests.Issuers;

/// <summary>OA-53: where the keys of an issuer come from, and how often they are asked for.</summary>
[Collection(OneTown.Name)]
[Trait("Tier", "Whole")]
public sealed class IssuerKeysTest
{
    [Fact]
    public async Task OA_53_A_new_key_is_found_by_one_fetch_and_strangers_cannot_cause_more()
    {
        var clock = new ShiftedClock();
        await using var town = await PartnerTown.Start(clock);
        Assert.Equal("MATCHED", (await town.Question(town.Issuer.Token(town.Claims()))).MatchStatus);
        Assert.Equal(1, town.Issuer.Fetches);
        town.Issuer.Rotate("f2");
        Assert.Equal("token-not-accepted", (await town.Question(town.Issuer.Token(town.Claims()))).Code);
        clock.Advance(TimeSpan.FromSeconds(31));
        var tokens = Enumerable
            .Range(0, 20)
            .Select(i => town.Issuer.Token(town.Claims(), kid: $"invented-{i}"))
            .Append(town.Issuer.Token(town.Claims()));
        var replies = await Task.WhenAll(tokens.Select(token => town.Question(token)));
        Assert.Equal("MATCHED", replies[^1].MatchStatus);
        Assert.All(replies[..^1], static reply => Assert.Equal("token-not-accepted", reply.Code));
        Assert.Equal(2, town.Issuer.Fetches);
    }

    [Fact]
    public async Task OA_53_A_silent_issuer_is_believed_meanwhile_and_nothing_else_is_asked()
    {
        var clock = new ShiftedClock();
        await using var town = await PartnerTown.Start(clock);
        Assert.Equal("MATCHED", (await town.Question(town.Issuer.Token(town.Claims()))).MatchStatus);
        town.Issuer.IsSilent = true;
        clock.Advance(TimeSpan.FromSeconds(40));
        Assert.Equal("MATCHED", (await town.Question(town.Issuer.Token(town.Claims()))).MatchStatus);
        // Its newest key may be this one: that cannot be said to be wrong.
        Assert.Equal("overloaded", (await town.Question(town.Issuer.Token(town.Claims(), kid: "unknown"))).Code);
        Assert.Equal("MATCHED", (await town.Question(town.Issuer.Token(town.Claims()))).MatchStatus);
    }

    [Fact]
    public async Task A_set_without_a_usable_key_takes_the_place_of_nothing()
    {
        var clock = new ShiftedClock();
        await using var town = await PartnerTown.Start(clock);
        Assert.Equal("MATCHED", (await town.Question(town.Issuer.Token(town.Claims()))).MatchStatus);
        town.Issuer.KeySet = """{"keys":[]}""";
        clock.Advance(TimeSpan.FromSeconds(31));
        Assert.Equal("overloaded", (await town.Question(town.Issuer.Token(town.Claims(), kid: "unknown"))).Code);
        Assert.Equal(2, town.Issuer.Fetches);
        Assert.Equal("MATCHED", (await town.Question(town.Issuer.Token(town.Claims()))).MatchStatus);
        Assert.Contains("the key set holds no key that can be used", await town.Readiness(), StringComparison.Ordinal);
    }

    [Theory, Provokes("overloaded")]
    [InlineData("another issuer")]
    [InlineData("keys elsewhere")]
    [InlineData("keys without tls")]
    [InlineData("redirect")]
    [InlineData("too large")]
    [InlineData("too many")]
    [InlineData("no key set")]
    [InlineData("no key")]
    [InlineData("no usable key")]
    public async Task OA_53_Keys_come_from_the_issuers_own_host_alone_bounded_and_without_redirects(string fault)
    {
        await using var town = await PartnerTown.Start();
        var issuer = town.Issuer;
        switch (fault)
        {
            case "another issuer":
                issuer.NamedIssuer = issuer.Url + "/";
                break;
            case "keys elsewhere":
                issuer.NamedKeys = issuer.Url.Replace("localhost", "127.0.0.1", StringComparison.Ordinal) + "/keys";
                break;
            case "keys without tls":
                issuer.NamedKeys = issuer.Url.Replace("https", "http", StringComparison.Ordinal) + "/keys";
                break;
            case "redirect":
                issuer.Redirects = true;
                break;
            case "too large":
                issuer.KeySet = new string(' ', 65_536) + issuer.Jwks();
                break;
            case "too many":
                issuer.KeySet =
                    $"{{\"keys\":[{string.Join(',', Enumerable.Range(0, 21).Select(i => issuer.Jwk(i == 0 ? "f1" : $"k{i}")))}]}}";
                break;
            case "no key":
                issuer.KeySet = """{"keys":[]}""";
                break;
            case "no usable key":
                issuer.KeySet = """{"keys":[null,{"kty":"oct","kid":"f1","k":"AAAA"}]}""";
                break;
            default:
                issuer.KeySet = "[]";
                break;
        }

        var refused = await town.Question(issuer.Token(town.Claims()));
        Assert.Equal(("overloaded", HttpStatusCode.ServiceUnavailable), (refused.Code, refused.Status));
        Assert.NotNull(refused.Header("Retry-After"));
        Assert.Contains($"{issuer.Url}: ", await town.Readiness(), StringComparison.Ordinal);
        (issuer.NamedIssuer, issuer.NamedKeys, issuer.Redirects, issuer.KeySet) = (null, null, false, null);
        await Soon.Holds(
            async () => (await town.Question(issuer.Token(town.Claims()))).MatchStatus == "MATCHED",
            "the mended issuer is taken"
        );
    }
}
