using System.Net;
using Authority.Tests.Support;
using Microsoft.Extensions.DependencyInjection;
using Tokens.Jose;
using Tokens.Status;

namespace Authority.Tests.Profile;

/// <summary>Introspection and revocation, OA-57, OA-59 to OA-61.</summary>
[Trait("Tier", "Whole")]
public sealed class IntrospectionTests(TheAuthority authority) : IClassFixture<TheAuthority>
{
    private const string Inactive = """{"active":false}""";

    private async Task<string> Token(params (string, string?)[] changes) =>
        (await authority.Ask(authority.Form(authority.Assertion(), changes))).Token;

    private Dictionary<string, string> With(string token, string client) =>
        authority.Form(
            authority.Assertion(client),
            ("grant_type", null),
            ("scope", null),
            ("authorization_details", null),
            ("token", token)
        );

    private Task<TokenAnswer> Introspect(string token, string client = TheAuthority.Batch) =>
        TokenAnswer.Post(authority.HttpOf(client), "/connect/introspect", With(token, client));

    private async Task<HttpStatusCode> Revoke(string token, string client = TheAuthority.Eligibility) =>
        (await TokenAnswer.Post(authority.HttpOf(client), "/connect/revocation", With(token, client))).Status;

    [Fact]
    public async Task OA_57_An_active_token_shows_its_claims_its_binding_and_its_details()
    {
        var token = await Token();
        var answer = await Introspect(token);
        Assert.Equal(HttpStatusCode.OK, answer.Status);
        Assert.True((bool)answer.Body["active"]!);
        foreach (var (name, value) in Jws.Payload(token).AsObject())
            Assert.Equal(value!.ToJsonString(), answer.Body[name]!.ToJsonString());
        Assert.Equal("Bearer", (string?)answer.Body["token_type"]);
        Assert.True(answer.Response.Headers.CacheControl?.NoStore);
    }

    [Fact]
    public async Task OA_59_Whatever_is_not_an_active_token_for_this_resource_server_answers_exactly_the_same()
    {
        var sound = await Token();
        var foreign = await Token(("resource", "https://console.test"));
        var revoked = await Token();
        Assert.Equal(HttpStatusCode.OK, await Revoke(revoked));
        foreach (var token in new[] { "nonsense", "a.b.c", sound + "A", sound[..^4] + "AAAA", foreign, revoked, authority.Assertion() })
            Assert.Equal(Inactive, (await Introspect(token)).Body.ToJsonString());
    }

    [Fact]
    [Trait("Needs", "Inside")]
    public async Task OA_59_An_expired_token_answers_the_same()
    {
        var sound = await Token();
        // Time does not come back: what counts by the steady clock would wait for it.
        await authority.Pass(authority.Clock.Ahead + TimeSpan.FromSeconds(311));
        Assert.Equal(Inactive, (await Introspect(sound)).Body.ToJsonString());
    }

    [Fact]
    public async Task OA_59_Only_an_authenticated_resource_server_may_ask()
    {
        var token = await Token();
        (await Introspect(token, TheAuthority.Eligibility)).Refused(HttpStatusCode.Forbidden, "unauthorized_client");
        var form = With(token, TheAuthority.Batch);
        form.Remove("client_assertion");
        form.Remove("client_assertion_type");
        (await TokenAnswer.Post(authority.Http(certificate: null), "/connect/introspect", form)).Refused(
            HttpStatusCode.BadRequest,
            "invalid_client"
        );
        (
            await TokenAnswer.Post(
                authority.HttpOf(TheAuthority.Batch),
                "/connect/introspect",
                authority.Form(authority.Assertion(TheAuthority.Batch))
            )
        ).Refused(HttpStatusCode.BadRequest, "invalid_request");
    }

    [Fact]
    public async Task OA_60_A_signed_answer_when_asked_for()
    {
        var token = await Token();
        using var form = new FormUrlEncodedContent(With(token, TheAuthority.Batch));
        var request = new HttpRequestMessage(HttpMethod.Post, "/connect/introspect") { Content = form };
        request.Headers.Accept.ParseAdd("application/token-introspection+jwt");
        var response = await authority.HttpOf(TheAuthority.Batch).SendAsync(request);
        Assert.Equal("application/token-introspection+jwt", response.Content.Headers.ContentType?.MediaType);
        var jwt = await response.Content.ReadAsStringAsync();
        Assert.Equal("token-introspection+jwt", (string?)Jws.Header(jwt)["typ"]);
        var payload = Jws.Payload(jwt);
        Assert.Equal([TheAuthority.Gateway, TheAuthority.Batch], payload["aud"]!.AsArray().Select(static one => (string)one!));
        Assert.Equal(authority.Issuer, (string?)payload["iss"]);
        Assert.True((bool)payload["token_introspection"]!["active"]!);
        Assert.Null(payload["sub"]);
        var profile = new JoseProfile
        {
            Types = System.Collections.Frozen.FrozenSet.Create(StringComparer.Ordinal, "token-introspection+jwt"),
        };
        Assert.True(await JwsSignature.IsValid(JoseGuard.Read(jwt, profile, out _)!, await authority.PublicKeys()));
        Assert.Null(JoseGuard.Read(jwt, JoseProfile.AccessToken, out _));
    }

    [Fact]
    public async Task OA_61_Only_the_owner_revokes_and_an_unknown_token_answers_200()
    {
        var token = await Token();
        Assert.Equal(HttpStatusCode.OK, await Revoke("nonsense"));
        Assert.Equal(HttpStatusCode.OK, await Revoke(token, TheAuthority.Batch));
        Assert.True((bool)(await Introspect(token)).Body["active"]!);
        Assert.Equal(HttpStatusCode.OK, await Revoke(token));
        Assert.Equal(Inactive, (await Introspect(token)).Body.ToJsonString());
    }

    [Fact]
    [Trait("Needs", "Inside")]
    public async Task A_revocation_is_sealed()
    {
        var token = await Token();
        Assert.Equal(HttpStatusCode.OK, await Revoke(token));
        var jti = (string)Jws.Payload(token)["jti"]!;
        Assert.Single(authority.Ledger.Records, record => (string?)record["ev"] == "suspend" && (string?)record["what"] == jti);
    }

    [Fact]
    [Trait("Needs", "Inside")]
    public async Task OA_61_A_client_suspended_at_once_gets_no_token_and_its_tokens_are_inactive()
    {
        var status = authority.Services.GetRequiredService<ITokenStatus>();
        var token = await Token();
        await status.Suspend(StoppedKind.Client, TheAuthority.Eligibility, "drill");
        Assert.Equal(Inactive, (await Introspect(token)).Body.ToJsonString());
        Assert.StartsWith(
            "client-suspended AUT-07",
            (await authority.Ask(authority.Form(authority.Assertion()))).Refused(HttpStatusCode.Unauthorized, "invalid_client").Description,
            StringComparison.Ordinal
        );
        await status.Lift(StoppedKind.Client, TheAuthority.Eligibility);
        Assert.True((bool)(await Introspect(token)).Body["active"]!);
    }
}
