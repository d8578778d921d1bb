using System.Net;
using System.Text.Json;
using Gateway.Tests.Authentication;
using Gateway.Tests.Flow;
using Sandbox;
using Sandbox.Persons;
using Xunit;

namespace Gateway.Tests.Catalogue;

/// <summary>The first calls of a newcomer: where tokens come from, and who the gateway thinks is calling.</summary>
[Collection(OneTown.Name)]
[Trait("Tier", "Whole")]
public sealed class SelfDescriptionTest(TownFixture fixture)
{
    private const string Resource = "/.well-known/oauth-protected-resource",
        Caller = "/catalogue/v1/caller";
    private readonly Town _town = fixture.Town;

    [Fact]
    public async Task The_protected_resource_document_is_complete_on_both_listeners()
    {
        var mutual = await _town.Send(Resource, body: null, token: null, _town.ClientAs("anss-eligibility"), method: HttpMethod.Get);
        using var open = _town.ClientWith(certificate: null);
        using var answer = await open.GetAsync(new Uri(_town.File.GatewayDpop + Resource));
        Assert.Equal(mutual.Text, await answer.Content.ReadAsStringAsync());
        var document = mutual.Json;
        Assert.Equal(_town.File.Gateway, document.GetProperty("resource").GetString());
        Assert.Equal([_town.File.Issuer], Texts("authorization_servers"));
        Assert.Equal(_town.Law.Current.Operations.Keys.Order(StringComparer.Ordinal), Texts("scopes_supported"));
        Assert.Equal(["header"], Texts("bearer_methods_supported"));
        Assert.True(document.GetProperty("tls_client_certificate_bound_access_tokens").GetBoolean());
        Assert.Equal(["ES256", "PS256"], Texts("dpop_signing_alg_values_supported"));
        Assert.False(document.GetProperty("dpop_bound_access_tokens_required").GetBoolean());
        Assert.Equal(["data_exchange"], Texts("authorization_details_types_supported"));
        string[] Texts(string name) => [.. document.GetProperty(name).EnumerateArray().Select(static value => value.GetString()!)];
    }

    [Fact]
    public async Task The_caller_learns_who_it_is_under_which_agreement_and_for_how_long()
    {
        var reply = await _town.Send(
            Caller,
            body: null,
            await _town.TokenFor("anss-office-06181-01"),
            _town.ClientAs("anss-office-06181-01"),
            method: HttpMethod.Get
        );
        Assert.Equal(HttpStatusCode.OK, reply.Status);
        var told = reply.Json;
        Assert.Equal(
            ("anss", "anss-office-06181-01", "TER-06181-01"),
            (told.GetProperty("institution").GetString(), told.GetProperty("client").GetString(), told.GetProperty("office").GetString())
        );
        Assert.Equal(
            (Forge.Reference(_town, "ANSS-MENPS-2026"), "FILE_ASSISTANCE"),
            (told.GetProperty("agreement").GetString(), told.GetProperty("purpose").GetString())
        );
        Assert.Contains(
            "education.school-enrolment.read",
            told.GetProperty("operations").EnumerateArray().Select(static one => one.GetString())
        );
        Assert.InRange(told.GetProperty("secondsLeft").GetInt32(), 1, 300);
        Assert.Equal("mtls", told.GetProperty("binding").GetString());
        Assert.True(told.GetProperty("certificateExpires").GetDateTimeOffset() > TimeProvider.System.GetUtcNow());
    }

    [Fact]
    public async Task The_caller_learns_what_is_left_of_each_quota_and_the_call_is_sealed()
    {
        var before = Quotas(await Ask());
        Assert.Equal(HttpStatusCode.OK, (await _town.Enrolment(Fixtures.PlainChild, "ASD_BACK_TO_SCHOOL")).Status);
        var reply = await Ask();
        var after = Quotas(reply);
        var (was, now) = (before.GetProperty("perMonth"), after.GetProperty("perMonth"));
        Assert.Equal(was.GetProperty("used").GetInt64() + 1, now.GetProperty("used").GetInt64());
        Assert.Equal(now.GetProperty("limit").GetInt64(), now.GetProperty("used").GetInt64() + now.GetProperty("remaining").GetInt64());
        Assert.True(now.GetProperty("resetsAt").GetDateTimeOffset() > TimeProvider.System.GetUtcNow());
        Assert.Equal(JsonValueKind.Array, reply.Json.GetProperty("warnings").ValueKind);
        var record = await reply.Record();
        Assert.Equal(
            ("access", "catalogue.caller.read", "ASD_BACK_TO_SCHOOL"),
            (record.GetProperty("ev").GetString(), record.GetProperty("op").GetString(), record.GetProperty("purp").GetString())
        );
        Assert.Equal(HttpStatusCode.NotModified, (await Ask(reply.Header("ETag"))).Status);

        async Task<Reply> Ask(string? known = null) =>
            await _town.Send(
                Caller,
                body: null,
                await _town.TokenFor("anss-eligibility", "ASD_BACK_TO_SCHOOL"),
                _town.ClientAs("anss-eligibility"),
                request =>
                {
                    if (known is not null)
                        request.Headers.TryAddWithoutValidation("If-None-Match", known);
                },
                HttpMethod.Get
            );
        static JsonElement Quotas(Reply reply) =>
            reply
                .Json.GetProperty("grants")
                .EnumerateArray()
                .Single(static grant => grant.GetProperty("id").GetString() == "back-to-school")
                .GetProperty("quotas");
    }

    [Fact]
    public async Task A_certificate_that_was_shown_is_in_the_gateways_list_with_its_end()
    {
        var client = _town.ClientAs("anss-eligibility");
        var told = (
            await _town.Send(Caller, body: null, await _town.TokenFor("anss-eligibility", "ASD_SCHOOLING"), client, method: HttpMethod.Get)
        ).Json;
        var seen = Agreements.SeenCertificates.Read(await File.ReadAllTextAsync(_town.State.At("certificates-seen.json")));
        Assert.Contains(seen, one =>
            one.Client == "anss-eligibility" && one.Until == told.GetProperty("certificateExpires").GetDateTimeOffset()
        );
    }

    [Fact]
    public async Task A_caller_without_a_certificate_is_told_its_binding_and_no_expiry()
    {
        using var prover = new Prover(_town);
        using var open = _town.ClientWith(certificate: null);
        var token = await prover.Token();
        var nonce = await prover.Nonce(token);
        using var request = new HttpRequestMessage(HttpMethod.Get, new Uri(prover.Listener + Caller));
        request.Headers.Authorization = new("DPoP", token);
        request.Headers.Add(
            "DPoP",
            prover.Proof(token, nonce, claims => (claims["htm"], claims["htu"]) = ("GET", prover.Listener + Caller))
        );
        var reply = await Reply.Of(_town, await open.SendAsync(request));
        Assert.Equal("dpop", reply.Json.GetProperty("binding").GetString());
        Assert.False(reply.Json.TryGetProperty("certificateExpires", out _));
        Assert.NotNull(reply.Header("DPoP-Nonce"));
    }

    [Fact, Provokes("token-outdated", "token-missing")]
    public async Task Without_a_token_that_would_do_the_first_call_says_what_is_wrong()
    {
        var mutual = _town.ClientAs("anss-eligibility");
        Assert.Equal("token-missing", (await _town.Send(Caller, body: null, token: null, mutual, method: HttpMethod.Get)).Code);
        var outdated = await _town.Send(
            Caller,
            body: null,
            Forge.Token(_town, "anss-eligibility", agreement: "ANSS-MENPS-2026-01@2"),
            mutual,
            method: HttpMethod.Get
        );
        Assert.Equal("token-outdated", outdated.Code);
        Assert.Equal("anss-eligibility", (await outdated.Record()).GetProperty("cli").GetString());
    }
}
