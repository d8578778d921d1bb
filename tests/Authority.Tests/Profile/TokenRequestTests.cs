using System.Net;
using Authority.Tests.Support;
using Tokens.Transport;

namespace Authority.Tests.Profile;

/// <summary>Token request, OA-10 to OA-18.</summary>
public sealed class TokenRequestTests(TheAuthority authority) : IClassFixture<TheAuthority>
{
    [Fact]
    public async Task A_sound_assertion_over_mutual_TLS_gets_a_token_bound_to_the_certificate()
    {
        var answer = await authority.Ask(authority.Form(authority.Assertion()));
        Assert.True(answer.Status == HttpStatusCode.OK, answer.Body.ToJsonString());
        var (header, claims) = (Jws.Header(answer.Token), Jws.Payload(answer.Token));
        Assert.Equal("at+jwt", (string?)header["typ"]);
        Assert.Equal("ES256", (string?)header["alg"]);
        Assert.Equal(PresentedCertificate.From(authority.Certificate(TheAuthority.Eligibility)).X5tS256, (string?)claims["cnf"]!["x5t#S256"]);
        Assert.Equal("ANSS-MENPS-2026-01@3", (string?)claims["authorization_details"]![0]!["agreement"]);
    }
}
