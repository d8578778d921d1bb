using System.Net;
using Authority.Tests.Support;
using Tokens.Transport;

namespace Authority.Tests.Profile;

/// <summary>RFC 8705, OA-31 to OA-35, and OA-47.</summary>
[Trait("Tier", "Whole")]
public sealed class MutualTlsTests(TheAuthority authority) : IClassFixture<TheAuthority>
{
    private Dictionary<string, string> ByCertificate(
        string client,
        string scope = "employment.job-seeker-status.read",
        string? details = null
    ) =>
        authority.Form(
            "",
            ("client_assertion", null),
            ("client_assertion_type", null),
            ("client_id", client),
            ("scope", scope),
            ("authorization_details", details)
        );

    [Fact]
    public async Task OA_31_A_certificate_under_the_named_authority_authenticates_its_client()
    {
        var answer = await authority.Ask(ByCertificate(TheAuthority.Inclusion), authority.HttpOf(TheAuthority.Inclusion));
        Assert.True(answer.Status == HttpStatusCode.OK, answer.Body.ToJsonString());
        Assert.Equal("INCLUSION_EMPLOYMENT", (string?)answer.Body["authorization_details"]![0]!["purpose"]);
        Assert.Equal(
            PresentedCertificate.From(authority.Certificate(TheAuthority.Inclusion)).X5tS256,
            (string?)Jws.Payload(answer.Token)["cnf"]!["x5t#S256"]
        );
    }

    [Fact]
    public async Task OA_31_A_certificate_of_a_stranger_gets_no_connection()
    {
        var stranger = new TestPki("CN=Partners");
        var http = authority.Http(stranger.Leaf(names: static names => names.AddUri(new Uri("urn:anss:client:anss-inclusion"))));
        await Assert.ThrowsAnyAsync<HttpRequestException>(() => authority.Ask(ByCertificate(TheAuthority.Inclusion), http));
    }

    [Fact]
    public async Task OA_32_A_subject_is_compared_as_an_RFC_4514_value()
    {
        var answer = await authority.Ask(ByCertificate(TheAuthority.Named), authority.HttpOf(TheAuthority.Named));
        Assert.NotEqual("invalid_client", answer.Error);
        foreach (
            var subject in new[]
            {
                "CN=named system, O=anss, C=MA",
                "CN=named system, C=MA, O=ANSS",
                "CN=named system, O=ANSS",
                "CN=named system, O=ANSS, C=MA, OU=x",
                "OU=y + CN=named system, O=ANSS, C=MA",
            }
        )
            (await authority.Ask(ByCertificate(TheAuthority.Named), authority.Http(authority.Pki.Leaf(name: subject)))).Refused(
                HttpStatusCode.Unauthorized,
                "invalid_client"
            );
    }

    [Theory]
    [InlineData("urn:anss:client:anss-inclusion2")]
    [InlineData("urn:anss:client:ANSS-inclusion")]
    [InlineData("urn:anss:client:anss-eligibility")]
    public async Task OA_34_The_certificate_of_another_is_refused(string uri)
    {
        var http = authority.Http(authority.Pki.Leaf(names: names => names.AddUri(new Uri(uri))));
        (await authority.Ask(ByCertificate(TheAuthority.Inclusion), http)).Refused(HttpStatusCode.Unauthorized, "invalid_client");
    }

    [Fact]
    public async Task OA_34_A_sound_assertion_under_the_certificate_of_another_is_refused()
    {
        (await authority.Ask(authority.Form(authority.Assertion()), authority.HttpOf(TheAuthority.Inclusion))).Refused(
            HttpStatusCode.Unauthorized,
            "invalid_client"
        );
    }

    [Fact]
    public async Task OA_34_Forwarded_certificate_headers_are_ignored()
    {
        using var form = new FormUrlEncodedContent(ByCertificate(TheAuthority.Inclusion));
        var request = new HttpRequestMessage(HttpMethod.Post, "/connect/token") { Content = form };
        var pem = Uri.EscapeDataString(authority.Certificate(TheAuthority.Inclusion).ExportCertificatePem());
        foreach (var name in new[] { "X-Forwarded-Client-Cert", "X-ARR-ClientCert", "Client-Cert", "X-SSL-Cert" })
            request.Headers.TryAddWithoutValidation(name, pem);
        (await TokenAnswer.Send(authority.Http(certificate: null), request)).Refused(HttpStatusCode.BadRequest, "invalid_client");
    }

    [Fact]
    public async Task OA_33_A_registered_self_signed_certificate_authenticates_its_client_and_another_does_not_connect()
    {
        var answer = await authority.Ask(ByCertificate(TheAuthority.Alone), authority.HttpOf(TheAuthority.Alone));
        Assert.Equal("invalid_scope", answer.Error); // authenticated; no agreement names it
        await Assert.ThrowsAnyAsync<HttpRequestException>(() =>
            authority.Ask(ByCertificate(TheAuthority.Alone), authority.Http(TestPki.SelfSigned()))
        );
    }

    [Fact(
        DisplayName = "fapi2-security-profile-final-ensure-holder-of-key-required: OA_47_OA_44_A_client_that_shows_neither_certificate_nor_proof_gets_no_token_and_is_told_where_to_go"
    )]
    public async Task OA_47_OA_44_A_client_that_shows_neither_certificate_nor_proof_gets_no_token_and_is_told_where_to_go()
    {
        var answer = await authority.Ask(authority.Form(authority.Assertion()), authority.Http(certificate: null));
        Assert.Contains(
            "mtls_endpoint_aliases",
            answer.Refused(HttpStatusCode.BadRequest, "invalid_request").Description,
            StringComparison.Ordinal
        );
    }

    [Fact]
    [Trait("Needs", "Registry")]
    public async Task A_suspended_client_is_told_so_only_after_its_proof()
    {
        authority.Contracts.Edit(
            "institutions/anss.yaml",
            static text => text,
            "    status: active\n    auth: tls_client_auth\n    binding: mtls\n    certificate: { authority: anss-partners, sanUri",
            "    status: suspended\n    auth: tls_client_auth\n    binding: mtls\n    certificate: { authority: anss-partners, sanUri"
        );
        await authority.Reloaded();
        var answer = await authority.Ask(ByCertificate(TheAuthority.Inclusion), authority.HttpOf(TheAuthority.Inclusion));
        Assert.StartsWith(
            "client-suspended AUT-07",
            answer.Refused(HttpStatusCode.Unauthorized, "invalid_client").Description,
            StringComparison.Ordinal
        );
        var stranger = await authority.Ask(ByCertificate(TheAuthority.Inclusion), authority.HttpOf(TheAuthority.Batch));
        Assert.Equal("client authentication failed", stranger.Description);
        authority.Contracts.Edit("institutions/anss.yaml", static text => text, "status: suspended", "status: active");
        await authority.Reloaded();
    }

    [Fact]
    [Trait("Needs", "Registry")]
    public async Task A_client_that_calls_from_a_network_that_is_not_registered_is_refused()
    {
        const string rule = "certificate: { authority: anss-partners, sanUri: \"urn:anss:client:anss-inclusion\" }";
        authority.Contracts.Edit(
            "institutions/anss.yaml",
            static text => text,
            rule,
            rule + "\n    sourceNetworks: [ \"198.51.100.0/24\" ]"
        );
        await authority.Reloaded();
        (await authority.Ask(ByCertificate(TheAuthority.Inclusion), authority.HttpOf(TheAuthority.Inclusion))).Refused(
            HttpStatusCode.Unauthorized,
            "invalid_client"
        );
        authority.Contracts.Edit("institutions/anss.yaml", static text => text, "198.51.100.0/24", "127.0.0.0/8");
        await authority.Reloaded();
        Assert.Equal(
            HttpStatusCode.OK,
            (await authority.Ask(ByCertificate(TheAuthority.Inclusion), authority.HttpOf(TheAuthority.Inclusion))).Status
        );
        authority.Contracts.Edit("institutions/anss.yaml", static text => text, "\n    sourceNetworks: [ \"127.0.0.0/8\" ]", "");
        await authority.Reloaded();
    }
}
