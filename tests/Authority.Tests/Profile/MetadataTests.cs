using System.Net;
using System.Text.Json.Nodes;
using Authority.Tests.Support;
using Tokens.Jose;

namespace Authority.Tests.Profile;

/// <summary>Metadata and keys, OA-02 to OA-09, and what does not exist.</summary>
[Trait("Tier", "Whole")]
public sealed class MetadataTests(TheAuthority authority) : IClassFixture<TheAuthority>
{
    private async Task<JsonNode> Document() =>
        JsonNode.Parse(await authority.Http(certificate: null).GetStringAsync("/.well-known/oauth-authorization-server"))!;

    private static string[] Strings(JsonNode? array) => [.. array!.AsArray().Select(static one => (string)one!)];

    [Fact(
        DisplayName = "fapi2-security-profile-final-discovery-end-point-verification: OA_02_OA_03_Metadata_is_served_at_its_place_with_the_issuer_as_configured"
    )]
    public async Task OA_02_OA_03_Metadata_is_served_at_its_place_with_the_issuer_as_configured()
    {
        var document = await Document();
        Assert.Equal(authority.Issuer, (string?)document["issuer"]);
        Assert.Equal(authority.TokenEndpoint, (string?)document["token_endpoint"]);
        Assert.StartsWith(authority.Issuer, (string?)document["jwks_uri"], StringComparison.Ordinal);
        Assert.Contains(TheAuthority.Schooling, Strings(document["scopes_supported"]));
        Assert.Empty(Strings(document["response_types_supported"]));
        foreach (
            var (name, value) in document.AsObject().Where(static member => member.Key.EndsWith("_endpoint", StringComparison.Ordinal))
        )
            Assert.StartsWith("https://", (string)value!, StringComparison.Ordinal);
    }

    [Fact]
    public async Task OA_04_OA_05_One_grant_and_three_methods()
    {
        var document = await Document();
        Assert.Equal(["client_credentials"], Strings(document["grant_types_supported"]));
        Assert.Equal(
            ["private_key_jwt", "tls_client_auth", "self_signed_tls_client_auth"],
            Strings(document["token_endpoint_auth_methods_supported"])
        );
    }

    [Fact]
    public async Task OA_06_Every_algorithm_is_ES256_or_PS256()
    {
        foreach (
            var (name, value) in (await Document()).AsObject().Where(static member => member.Key.Contains("_alg", StringComparison.Ordinal))
        )
            Assert.True(Strings(value).All(static algorithm => AllowedAlgorithms.All.Contains(algorithm, StringComparer.Ordinal)), name);
    }

    [Fact]
    public async Task OA_07_OA_08_Binding_aliases_and_details_are_announced()
    {
        var document = await Document();
        Assert.True((bool)document["tls_client_certificate_bound_access_tokens"]!);
        Assert.Equal(authority.Addresses.MutualTls + "/connect/token", (string?)document["mtls_endpoint_aliases"]!["token_endpoint"]);
        Assert.Equal(["data_exchange"], Strings(document["authorization_details_types_supported"]));
        Assert.Equal(["ES256", "PS256"], Strings(document["dpop_signing_alg_values_supported"]));
    }

    [Fact]
    public async Task OA_09_The_key_set_holds_public_members_alone()
    {
        var http = authority.Http(certificate: null);
        var response = await http.GetAsync("/.well-known/jwks.json");
        var keys = JsonNode.Parse(await response.Content.ReadAsStringAsync())!["keys"]!.AsArray();
        Assert.NotEmpty(keys);
        foreach (var key in keys)
            Assert.Equal(["kty", "crv", "x", "y", "use", "alg", "kid"], key!.AsObject().Select(static member => member.Key));
        Assert.Equal(keys.Count, keys.Select(static key => (string)key!["kid"]!).Distinct(StringComparer.Ordinal).Count());
        Assert.Equal(TimeSpan.FromHours(1), response.Headers.CacheControl?.MaxAge);
        var again = new HttpRequestMessage(HttpMethod.Get, "/.well-known/jwks.json");
        again.Headers.IfNoneMatch.Add(response.Headers.ETag!);
        Assert.Equal(HttpStatusCode.NotModified, (await http.SendAsync(again)).StatusCode);
    }

    [Theory]
    [InlineData("/.well-known/openid-configuration")]
    [InlineData("/connect/authorize")]
    [InlineData("/connect/par")]
    [InlineData("/connect/register")]
    [InlineData("/connect/userinfo")]
    [InlineData("/metrics")]
    [InlineData("/health/ready")]
    [InlineData("/")]
    public async Task OA_62_What_does_not_exist_is_404(string path) =>
        Assert.Equal(HttpStatusCode.NotFound, (await authority.Http(certificate: null).GetAsync(path)).StatusCode);

    [Fact]
    [Trait("Needs", "Inside")]
    public async Task The_operations_listener_tells_the_truth()
    {
        using var http = new HttpClient { BaseAddress = new Uri(authority.Addresses.Operations) };
        Assert.Equal("live\n", await http.GetStringAsync("/health/live"));
        Assert.Equal(HttpStatusCode.OK, (await http.GetAsync("/health/ready")).StatusCode);
        await authority.Ask(authority.Form("a.b.c"));
        Assert.Contains(
            "authority_refused_total{error=\"invalid_client\"",
            await http.GetStringAsync("/metrics"),
            StringComparison.Ordinal
        );
        Assert.Equal(HttpStatusCode.NotFound, (await http.GetAsync("/connect/token")).StatusCode);
        authority.Ledger.IsBroken = true;
        var ready = await http.GetAsync("/health/ready");
        authority.Ledger.IsBroken = false;
        Assert.Equal(HttpStatusCode.ServiceUnavailable, ready.StatusCode);
        Assert.False((bool)JsonNode.Parse(await ready.Content.ReadAsStringAsync())!["ledger"]!);
    }
}
