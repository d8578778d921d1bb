using System.Net;
using System.Text.Json;
using System.Text.Json.Nodes;
using Authority.Tests.Support;
using Tokens.Access;
using Tokens.Transport;

namespace Authority.Tests.Profile;

/// <summary>The token itself, OA-48 to OA-58.</summary>
[Trait("Tier", "Whole")]
public sealed class AccessTokenTests(TheAuthority authority) : IClassFixture<TheAuthority>
{
    private async Task<TokenAnswer> Token(params (string, string?)[] changes)
    {
        var answer = await authority.Ask(authority.Form(authority.Assertion(), changes));
        Assert.True(answer.Status == HttpStatusCode.OK, answer.Body.ToJsonString());
        return answer;
    }

    [Fact]
    public async Task OA_48_The_header_says_type_key_and_an_asymmetric_algorithm()
    {
        var header = Jws.Header((await Token()).Token).AsObject();
        Assert.Equal(["alg", "kid", "typ"], header.Select(static member => member.Key).Order(StringComparer.Ordinal));
        Assert.Equal(("ES256", "at+jwt"), ((string)header["alg"]!, (string)header["typ"]!));
        Assert.True((await authority.PublicKeys()).Has((string)header["kid"]!));
    }

    [Fact]
    public async Task OA_49_Every_claim_stands_and_the_subject_is_the_client()
    {
        var claims = Jws.Payload((await Token()).Token).AsObject();
        // Another engine may add nbf and choose its own order; nothing else is ever in a token.
        Assert.Equal(
            ["aud", "authorization_details", "client_id", "cnf", "exp", "iat", "iss", "jti", "org", "scope", "sub"],
            claims.Select(static member => member.Key).Where(static name => name != "nbf").Order(StringComparer.Ordinal)
        );
        if (claims["nbf"] is { } notBefore)
            Assert.Equal((long)claims["iat"]!, (long)notBefore);
        Assert.Equal(
            (TheAuthority.Eligibility, TheAuthority.Eligibility, "anss"),
            ((string)claims["sub"]!, (string)claims["client_id"]!, (string)claims["org"]!)
        );
        Assert.Equal(JsonValueKind.String, claims["aud"]!.GetValueKind());
        Assert.Equal(authority.Issuer, (string?)claims["iss"]);
    }

    [Fact]
    public async Task OA_50_The_gateway_s_validator_accepts_it_on_this_certificate_alone()
    {
        var token = (await Token()).Token;
        var keys = await authority.PublicKeys();
        var issuers = new TrustedIssuers([
            new TrustedIssuer
            {
                Issuer = authority.Issuer,
                Keys = IssuerKeys.Given(() => keys),
                IsOwn = true,
            },
        ]);
        var validator = new AccessTokenValidator(issuers, TheAuthority.Gateway, authority.Clock);
        var certificate = PresentedCertificate.From(authority.Certificate(TheAuthority.Eligibility));
        var credentials = new TokenCredentials(TokenScheme.Bearer, token.AsMemory());
        for (var call = 0; call < 2; call++)
        {
            var result = await validator.Validate(credentials, certificate);
            Assert.Equal(
                (TokenDefect.None, "ANSS-MENPS-2026-01@3", "ASD_SCHOOLING"),
                (result.Defect, result.Token!.Details!.Agreement, result.Token.Details.Purpose)
            );
            Assert.Equal(
                TokenDefect.OtherCertificate,
                (await validator.Validate(credentials, PresentedCertificate.From(authority.Certificate(TheAuthority.Batch)))).Defect
            );
            Assert.Equal(TokenDefect.OtherCertificate, (await validator.Validate(credentials, certificate: null)).Defect);
        }
        Assert.Equal(
            TokenDefect.Audience,
            (await new AccessTokenValidator(issuers, "https://console.test", authority.Clock).Validate(credentials, certificate)).Defect
        );
    }

    [Fact]
    public async Task OA_54_OA_55_Tokens_live_300_seconds_and_their_ids_are_128_random_bits()
    {
        var ids = new HashSet<string>(StringComparer.Ordinal);
        for (var i = 0; i < 20; i++)
        {
            var claims = Jws.Payload((await Token()).Token);
            Assert.Equal(300, (int)claims["exp"]! - (int)claims["iat"]!);
            Assert.Equal(22, ((string)claims["jti"]!).Length);
            Assert.True(ids.Add((string)claims["jti"]!));
        }
    }

    [Theory]
    [InlineData("not json")]
    [InlineData("{}")]
    [InlineData("[]")]
    [InlineData("""["data_exchange"]""")]
    [InlineData("""[{"agreement":"ANSS-MENPS-2026-01","purpose":"ASD_SCHOOLING"}]""")]
    [InlineData("""[{"type":"payment","agreement":"ANSS-MENPS-2026-01","purpose":"ASD_SCHOOLING"}]""")]
    [InlineData("""[{"type":"data_exchange","agreement":"ANSS-MENPS-2026-01","purpose":"ASD_SCHOOLING","actions":["read"]}]""")]
    [InlineData("""[{"type":"data_exchange","agreement":7,"purpose":"ASD_SCHOOLING"}]""")]
    [InlineData("""[{"type":"data_exchange","agreement":"ANSS-MENPS-2026-01","purpose":"ASD_SCHOOLING","operations":[]}]""")]
    [InlineData("""[{"type":"data_exchange","agreement":"ANSS-MENPS-2026-01","purpose":"ASD_SCHOOLING","operations":"x"}]""")]
    [InlineData("""[{"type":"data_exchange","type":"data_exchange","agreement":"ANSS-MENPS-2026-01","purpose":"ASD_SCHOOLING"}]""")]
    [InlineData(
        """[{"type":"data_exchange","agreement":"ANSS-MENPS-2026-01","purpose":"ASD_SCHOOLING"},{"type":"data_exchange","agreement":"ANSS-MENPS-2026-01","purpose":"ASD_BACK_TO_SCHOOL"}]"""
    )]
    [InlineData("""[{"type":"data_exchange","agreement":"\ud800","purpose":"ASD_SCHOOLING"}]""")]
    [InlineData("[[[[[[[[]]]]]]]]")]
    public async Task OA_56_Details_that_are_not_exactly_one_object_of_the_known_form_are_refused(string details) =>
        (await authority.Ask(authority.Form(authority.Assertion(), ("authorization_details", details)))).Refused(
            HttpStatusCode.BadRequest,
            "invalid_authorization_details"
        );

    [Fact]
    public async Task OA_57_Granted_details_stand_in_the_answer_and_in_the_token()
    {
        var answer = await Token();
        Assert.Equal(
            answer.Body["authorization_details"]!.ToJsonString(),
            Jws.Payload(answer.Token)["authorization_details"]!.ToJsonString()
        );
        Assert.Equal(
            [TheAuthority.Schooling],
            answer.Body["authorization_details"]![0]!["operations"]!.AsArray().Select(static one => (string)one!)
        );
        Assert.Equal(TheAuthority.Schooling, (string?)answer.Body["scope"]);
    }

    [Theory]
    [InlineData("ANSS-MENPS-2025-01", "ASD_SCHOOLING", "agreement-expired AGR-03")]
    [InlineData("ANSS-CNSS-2026-01", "INCLUSION_HEALTH", "agreement-suspended AGR-04")]
    [InlineData("ANSS-NOBODY-2026-01", "ASD_SCHOOLING", "agreement-unknown AGR-01")]
    [InlineData("ANSS-MENPS-2026-01@2", "ASD_SCHOOLING", "agreement-unknown AGR-01")]
    [InlineData("ANSS-MENPS-2026-01", "ASD_BIRTH", "purpose-not-covered PER-02")]
    [InlineData("ANSS-MENPS-2026-01", "FILE_ASSISTANCE", "purpose-not-covered PER-02")]
    public async Task OA_58_An_agreement_that_is_not_usable_is_named_as_what_it_is(string agreement, string purpose, string words)
    {
        var details = $$"""[{"type":"data_exchange","agreement":"{{agreement}}","purpose":"{{purpose}}"}]""";
        var answer = (await authority.Ask(authority.Form(authority.Assertion(), ("authorization_details", details)))).Refused(
            HttpStatusCode.BadRequest,
            "invalid_authorization_details"
        );
        Assert.StartsWith(words, answer.Description, StringComparison.Ordinal);
    }

    [Fact]
    public async Task OA_58_The_version_in_force_may_be_named_and_the_operations_may_replace_the_scope()
    {
        var details =
            $$"""[{"type":"data_exchange","agreement":"ANSS-MENPS-2026-01@3","purpose":"ASD_SCHOOLING","operations":["{{TheAuthority.Schooling}}"]}]""";
        Assert.Equal(TheAuthority.Schooling, (string?)(await Token(("authorization_details", details), ("scope", null))).Body["scope"]);
        (
            await authority.Ask(
                authority.Form(authority.Assertion(), ("authorization_details", details), ("scope", "education.school-enrolment.batch"))
            )
        ).Refused(HttpStatusCode.BadRequest, "invalid_authorization_details");
    }

    [Fact]
    public async Task Several_agreements_that_fit_are_offered_as_choices_ready_to_send()
    {
        var answer = (await authority.Ask(authority.Form(authority.Assertion(), ("authorization_details", null)))).Refused(
            HttpStatusCode.BadRequest,
            "invalid_authorization_details"
        );
        Assert.StartsWith("agreement-choice-required AGR-06", answer.Description, StringComparison.Ordinal);
        var choices = answer.Body["choices"]!.AsArray();
        Assert.True(choices.Count > 1);
        foreach (var choice in choices)
        {
            var asked = await Token(("authorization_details", new JsonArray(choice!.DeepClone()).ToJsonString()));
            Assert.Equal((string?)choice["purpose"], (string?)asked.Body["authorization_details"]![0]!["purpose"]);
        }
    }
}
