using System.Net;
using System.Security.Cryptography;
using System.Text.Json.Nodes;
using Authority.Tests.Support;
using Tokens.Jose;

namespace Authority.Tests.Profile;

/// <summary>
/// DPoP at the token endpoint, OA-36 to OA-44, over the public listener. The rest of RFC 9449 section 4.3 is tested in Tokens.Tests.
/// </summary>
[Trait("Tier", "Whole")]
public sealed class DpopTokenTests(TheAuthority authority) : IClassFixture<TheAuthority>
{
    private readonly ECDsa _key = ECDsa.Create(ECCurve.NamedCurves.nistP256);

    private string Proof(string? nonce, string? target = null)
    {
        var payload = new JsonObject
        {
            ["jti"] = Convert.ToHexString(RandomNumberGenerator.GetBytes(8)),
            ["htm"] = "POST",
            ["htu"] = target ?? authority.TokenEndpoint,
            ["iat"] = authority.Clock.GetUtcNow().ToUnixTimeSeconds(),
        };
        if (nonce is not null)
            payload["nonce"] = nonce;
        return Jws.Make($$"""{"typ":"dpop+jwt","alg":"ES256","jwk":{{TempContracts.Jwk(_key)}}}""", payload.ToJsonString(), _key);
    }

    private async Task<TokenAnswer> Ask(params string[] proofs)
    {
        // No agreement names this client, so a proof that is accepted ends at policy: invalid_scope.
        using var form = new FormUrlEncodedContent(
            authority.Form(authority.Assertion(TheAuthority.Proving), ("authorization_details", null))
        );
        var request = new HttpRequestMessage(HttpMethod.Post, "/connect/token") { Content = form };
        foreach (var proof in proofs)
            request.Headers.TryAddWithoutValidation("DPoP", proof);
        return await TokenAnswer.Send(authority.Http(certificate: null), request);
    }

    private static string Nonce(TokenAnswer answer) => Assert.Single(answer.Response.Headers.GetValues("DPoP-Nonce"));

    [Fact]
    public async Task OA_41_A_wanted_nonce_is_answered_with_one_that_works_and_the_next_comes_with_every_answer()
    {
        var first = (await Ask(Proof(nonce: null))).Refused(HttpStatusCode.BadRequest, "use_dpop_nonce");
        var second = (await Ask(Proof(Nonce(first)))).Refused(HttpStatusCode.BadRequest, "invalid_scope");
        (await Ask(Proof(Nonce(second)))).Refused(HttpStatusCode.BadRequest, "invalid_scope");
        (await Ask(Proof("invented"))).Refused(HttpStatusCode.BadRequest, "use_dpop_nonce");
    }

    [Fact]
    public async Task OA_36_OA_44_No_proof_or_two_get_no_token()
    {
        (await Ask()).Refused(HttpStatusCode.BadRequest, "invalid_dpop_proof");
        (await Ask(Proof(null), Proof(null))).Refused(HttpStatusCode.BadRequest, "invalid_request");
    }

    [Fact]
    public async Task OA_39_A_proof_for_another_address_is_refused()
    {
        var nonce = Nonce(await Ask(Proof(nonce: null)));
        (await Ask(Proof(nonce, authority.Addresses.MutualTls + "/connect/token"))).Refused(
            HttpStatusCode.BadRequest,
            "invalid_dpop_proof"
        );
        (await Ask(Proof(nonce, authority.TokenEndpoint + "?x=1"))).Refused(HttpStatusCode.BadRequest, "invalid_scope");
    }

    [Fact]
    public async Task OA_42_A_proof_is_taken_once()
    {
        var proof = Proof(Nonce(await Ask(Proof(nonce: null))));
        (await Ask(proof)).Refused(HttpStatusCode.BadRequest, "invalid_scope");
        (await Ask(proof)).Refused(HttpStatusCode.BadRequest, "invalid_dpop_proof");
    }

    [Fact]
    [Trait("Needs", "Inside")] // a program remembers what was law: it takes no other text of the same version
    public async Task OA_43_The_token_is_of_type_DPoP_and_bound_to_the_thumbprint_of_the_proof_key()
    {
        // The committed agreements name their clients, so this one is let into a grant for the length of the test.
        authority.Contracts.Grant(
            "ANSS-ANAPEC-2026-01",
            "clients: [anss-eligibility]",
            $"clients: [anss-eligibility, {TheAuthority.Proving}]"
        );
        await authority.Reloaded();
        var nonce = Nonce(await Ask(Proof(nonce: null)));
        using var form = new FormUrlEncodedContent(
            authority.Form(
                authority.Assertion(TheAuthority.Proving),
                ("authorization_details", null),
                ("scope", "employment.job-seeker-status.read")
            )
        );
        var request = new HttpRequestMessage(HttpMethod.Post, "/connect/token") { Content = form };
        request.Headers.TryAddWithoutValidation("DPoP", Proof(nonce));
        var answer = await TokenAnswer.Send(authority.Http(certificate: null), request);
        Assert.True(answer.Status == HttpStatusCode.OK, answer.Body.ToJsonString());
        Assert.Equal("DPoP", (string?)answer.Body["token_type"]);
        var confirmation = Jws.Payload(answer.Token)["cnf"]!.AsObject();
        Assert.Equal(KeySet.Thumbprint(KeySet.ReadKey(TempContracts.Jwk(_key))!), (string?)confirmation["jkt"]);
        Assert.Single(confirmation);
        Assert.NotEmpty(Nonce(answer));
    }

    [Fact]
    public async Task A_client_of_certificate_binding_that_sends_a_proof_is_told_not_to()
    {
        using var form = new FormUrlEncodedContent(authority.Form(authority.Assertion()));
        var request = new HttpRequestMessage(HttpMethod.Post, "/connect/token") { Content = form };
        request.Headers.TryAddWithoutValidation("DPoP", Proof(nonce: null));
        (await TokenAnswer.Send(authority.HttpOf(TheAuthority.Eligibility), request)).Refused(
            HttpStatusCode.BadRequest,
            "invalid_dpop_proof"
        );
    }
}
