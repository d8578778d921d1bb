using System.Text.Json;
using System.Text.Json.Nodes;
using Interop.Towns;

namespace Interop.Peers;

/// <summary>The peer itself works: what the tests of trusted issuers and the conformance table stand on.</summary>
public sealed class PeerIssuerTests(TownFixture fixture)
{
    private const string Scope = "education.school-enrolment.read";

    [Fact]
    public async Task The_peer_grants_a_certificate_bound_at_jwt_for_a_resource()
    {
        var town = fixture.Town;
        var resource = town.File.Gateway;
        await using var peer = await PeerIssuer.Start(
            town,
            new Dictionary<string, string>(StringComparer.Ordinal) { [resource] = Scope },
            new JsonArray(PeerIssuer.ByKey(town, "anss-eligibility", Scope))
        );
        using var partner = new Sandbox.Partner(
            town.File with
            {
                Issuer = peer.Issuer,
                TokenEndpoint = peer.Issuer + "/token",
            },
            town.File.Clients.First(static client => client.Id == "anss-eligibility")
        );
        using var form = new FormUrlEncodedContent(
            new Dictionary<string, string>(StringComparer.Ordinal)
            {
                ["grant_type"] = "client_credentials",
                ["client_id"] = "anss-eligibility",
                ["scope"] = Scope,
                ["resource"] = resource,
                ["client_assertion_type"] = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer",
                ["client_assertion"] = partner.Assertion(),
            }
        );
        using var response = await partner.Http.PostAsync(new Uri(peer.Issuer + "/token"), form);
        var body = await response.Content.ReadAsStringAsync();
        Assert.True(response.IsSuccessStatusCode, body + peer.Errors);
        var token = JsonDocument.Parse(body).RootElement.GetProperty("access_token").GetString()!.Split('.');
        var claims = JsonNode.Parse(System.Buffers.Text.Base64Url.DecodeFromChars(token[1]))!;
        Assert.Equal("at+jwt", (string?)JsonNode.Parse(System.Buffers.Text.Base64Url.DecodeFromChars(token[0]))!["typ"]);
        Assert.Equal((resource, "anss-eligibility"), ((string?)claims["aud"], (string?)claims["client_id"]));
        Assert.NotNull(claims["cnf"]!["x5t#S256"]);
    }
}
