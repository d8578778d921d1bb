using System.Net.Http.Headers;
using System.Text.Json;
using System.Text.Json.Nodes;
using Interop.Node;
using Microsoft.Extensions.DependencyInjection;
using Sandbox;
using Sandbox.Persons;
using Tokens.Status;

namespace Interop.Peers;

/// <summary>
/// The agency runs npm oidc-provider as an authorization server of its own: the gateway takes its tokens under the rules of ours, and
/// after any single change no longer (authority page, section 13.1).
/// </summary>
public sealed class TrustedPeerTests : IAsyncLifetime
{
    private const string Scope = "education.school-enrolment.read",
        Elsewhere = "https://other.example";
    private const string Mutual = "anss-office-06181-01",
        Field = "anss-field",
        Unmapped = "anss-batch";
    private Town _town = null!;
    private PeerIssuer _peer = null!;
    private string _institution = "";

    public async ValueTask InitializeAsync()
    {
        await NodePackages.Ensure();
        _town = await Town.StartAsync(new TownOptions { Pupils = 100 });
        var resources = new Dictionary<string, string>(StringComparer.Ordinal) { [_town.File.Gateway] = Scope, [Elsewhere] = Scope };
        _peer = await PeerIssuer.Start(
            _town,
            resources,
            new JsonArray(
                PeerIssuer.ByKey(_town, Mutual, Scope),
                PeerIssuer.ByKey(_town, Unmapped, Scope),
                PeerIssuer.ByKey(_town, Field, Scope, dpop: true)
            )
        );
        _institution = await File.ReadAllTextAsync(InstitutionFile);
        await Trust(maxLifetime: 600);
    }

    public async ValueTask DisposeAsync()
    {
        await _peer.DisposeAsync();
        await _town.DisposeAsync();
    }

    [Fact]
    public async Task A_certificate_bound_token_of_the_peer_is_taken_with_the_agreement_that_its_scope_leaves_no_doubt_about()
    {
        var told = await Caller(Mutual, await Token(Mutual));
        Assert.Equal(Mutual, told.GetProperty("client").GetString());
        Assert.Equal("FILE_ASSISTANCE", told.GetProperty("purpose").GetString());
    }

    [Fact]
    public async Task A_proof_bound_token_of_the_peer_does_a_whole_exchange()
    {
        using var partner = new Partner(
            _town.File with
            {
                Issuer = _peer.Issuer,
                PublicTokenEndpoint = _peer.Issuer + "/token",
            },
            _town.File.Clients.First(static one => one.Id == Field)
        );
        var question = JsonSerializer.Serialize(
            new { subject = new { scheme = "idcs", value = Fixtures.PlainChild }, schoolYear = _town.File.SchoolYear }
        );
        using var answer = await partner.Ask("/education/v1/school-enrolments/query", question, await partner.Token(Scope));
        var body = JsonSerializer.Deserialize<JsonElement>(await answer.Content.ReadAsStringAsync());
        Assert.Equal("MATCHED", body.GetProperty("matchStatus").GetString());
    }

    [Fact]
    public async Task After_each_single_change_the_token_is_worth_nothing()
    {
        var token = await Token(Mutual);
        Assert.Equal(Mutual, (await Caller(Mutual, token)).GetProperty("client").GetString());
        Assert.Equal("token-not-accepted", await Code(Mutual, await Token(Mutual, Elsewhere)));
        Assert.Equal("token-not-accepted", await Code(Unmapped, await Token(Unmapped)));
        Assert.Equal("proof-not-accepted", await Code(Unmapped, token));
        await Trust(maxLifetime: 60);
        await Becomes("token-not-accepted", token, "a life that is too long is refused");
        await Trust(maxLifetime: 600);
        await Becomes(expected: null, token, "it is taken again");
        var status = _town.AuthorityHost.Services.GetRequiredService<ITokenStatus>();
        await status.Suspend(StoppedKind.Issuer, _peer.Issuer, "test");
        await Becomes("token-not-accepted", token, "the suspended issuer is refused");
        await status.Lift(StoppedKind.Issuer, _peer.Issuer);
        await Becomes(expected: null, token, "the issuer is taken again");
        await File.WriteAllTextAsync(InstitutionFile, _institution);
        await Becomes("token-not-accepted", token, "the issuer that is listed no longer is refused");
    }

    private string InstitutionFile => Path.Combine(_town.Contracts.Folder, "institutions", "anss.yaml");

    private async Task Trust(int maxLifetime)
    {
        await File.WriteAllTextAsync(
            InstitutionFile,
            _institution
                + $$"""
                issuer:
                  url: {{_peer.Issuer}}
                  audiences: [ "{{_town.File.Gateway}}" ]
                  clients: { {{Mutual}}: {{Mutual}}, {{Field}}: {{Field}} }
                  maxLifetimeSeconds: {{maxLifetime}}
                  trust: servers

                """
        );
        await Until(
            () => Task.FromResult(_town.Law.Current.Institutions["anss"].Issuer?.MaxLifetime == TimeSpan.FromSeconds(maxLifetime)),
            "the law knows the issuer"
        );
    }

    private async Task<string> Token(string client, string? resource = null)
    {
        using var partner = As(client);
        using var form = new FormUrlEncodedContent(
            new Dictionary<string, string>(StringComparer.Ordinal)
            {
                ["grant_type"] = "client_credentials",
                ["client_id"] = client,
                ["scope"] = Scope,
                ["resource"] = resource ?? _town.File.Gateway,
                ["client_assertion_type"] = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer",
                ["client_assertion"] = partner.Assertion(),
            }
        );
        using var response = await partner.Http.PostAsync(new Uri(_peer.Issuer + "/token"), form);
        var body = await response.Content.ReadAsStringAsync();
        Assert.True(response.IsSuccessStatusCode, body + _peer.Errors);
        return JsonSerializer.Deserialize<JsonElement>(body).GetProperty("access_token").GetString()!;
    }

    private Partner As(string client) => new(_town.File with { Issuer = _peer.Issuer }, _town.File.Clients.First(one => one.Id == client));

    private async Task<JsonElement> Caller(string client, string token)
    {
        using var partner = As(client);
        using var request = new HttpRequestMessage(HttpMethod.Get, new Uri(_town.File.Gateway + "/catalogue/v1/caller"));
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", token);
        using var response = await partner.Http.SendAsync(request);
        return JsonSerializer.Deserialize<JsonElement>(await response.Content.ReadAsStringAsync());
    }

    private async Task<string?> Code(string client, string token) =>
        (await Caller(client, token)).TryGetProperty("code", out var code) ? code.GetString() : null;

    private Task Becomes(string? expected, string token, string what) => Until(async () => await Code(Mutual, token) == expected, what);

    private static async Task Until(Func<Task<bool>> holds, string what)
    {
        for (var attempt = 0; attempt < 300; attempt++)
        {
            if (await holds())
                return;
            await Task.Delay(100);
        }

        Assert.Fail($"it did not come about: {what}");
    }
}
