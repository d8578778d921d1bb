using System.Collections.Frozen;
using System.Security.Cryptography;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http;
using Tokens.Access;
using Tokens.Tests.Support;
using Tokens.Transport;
using Xunit;

namespace Tokens.Tests.Access;

/// <summary>The resource server's check, OA-35, OA-46, OA-50, OA-51, OA-53.</summary>
public sealed class AccessTokenValidatorTests
{
    private const string Issuer = "https://authority.test";
    private const string Gateway = "https://gateway.test";
    private static readonly TestPki Pki = new();
    private static readonly PresentedCertificate Certificate = PresentedCertificate.From(Pki.Leaf());
    private readonly ManualClock _clock = new();

    private AccessTokenValidator Validator(params TrustedIssuer[] more) =>
        new(
            new TrustedIssuers([
                new TrustedIssuer
                {
                    Issuer = Issuer,
                    IsOwn = true,
                    Keys = IssuerKeys.Given(static () => SomeJws.Set(SomeJws.Jwk(SomeJws.Key, "k"))),
                },
                .. more,
            ]),
            Gateway,
            _clock
        );

    private string Token(
        Action<JsonObject>? claims = null,
        string header = """{"alg":"ES256","kid":"k","typ":"at+jwt"}""",
        ECDsa? key = null
    )
    {
        var now = _clock.Now.ToUnixTimeSeconds();
        var payload = JsonNode
            .Parse(
                $$"""
                {"iss":"{{Issuer}}","sub":"anss-one","client_id":"anss-one","aud":"{{Gateway}}","iat":{{now}},"exp":{{now
                    + 300}},"jti":"j","org":"anss","scope":"a.b",
                 "authorization_details":[{"type":"data_exchange","agreement":"A-1@3","purpose":"P","operations":["a.b"]}],"cnf":{"x5t#S256":"{{Certificate.X5tS256}}"} }
                """
            )!
            .AsObject();
        claims?.Invoke(payload);
        return SomeJws.Make(header, payload.ToJsonString(), key);
    }

    private async Task<TokenDefect> Judge(string token, TokenScheme scheme = TokenScheme.Bearer, AccessTokenValidator? validator = null) =>
        (await (validator ?? Validator()).Validate(new TokenCredentials(scheme, token.AsMemory()), Certificate)).Defect;

    [Fact]
    public async Task A_sound_token_is_read_entirely()
    {
        var result = await Validator().Validate(new TokenCredentials(TokenScheme.Bearer, Token().AsMemory()), Certificate);
        var token = result.Token!;
        Assert.Equal((Issuer, "anss-one", "anss", "j", "k"), (token.Issuer, token.ClientId, token.Org, token.Jti, token.Kid));
        Assert.Equal(
            ("A-1@3", "A-1", 3, "P"),
            (token.Details!.Agreement, token.Details.AgreementId, token.Details.AgreementVersion, token.Details.Purpose)
        );
        Assert.Equal(["a.b"], token.Details.Operations);
        Assert.Equal(Certificate.X5tS256, token.X5tS256);
    }

    [Fact]
    public async Task OA_50_Every_wrong_token_is_refused_for_what_is_wrong_with_it()
    {
        using var stranger = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var now = _clock.Now.ToUnixTimeSeconds();
        Assert.Equal(TokenDefect.Malformed, await Judge(Token(header: """{"alg":"ES256","kid":"k","typ":"JWT"}""")));
        Assert.Equal(TokenDefect.Malformed, await Judge(Token(header: """{"alg":"ES256","typ":"at+jwt"}""")));
        Assert.Equal(TokenDefect.Malformed, await Judge(Token(header: """{"alg":"none","kid":"k","typ":"at+jwt"}""")));
        Assert.Equal(TokenDefect.Malformed, await Judge("é"));
        Assert.Equal(TokenDefect.UnknownIssuer, await Judge(Token(static claims => claims["iss"] = Issuer + "/")));
        Assert.Equal(TokenDefect.UnknownIssuer, await Judge(Token(static claims => claims.Remove("iss"))));
        Assert.Equal(TokenDefect.UnknownKey, await Judge(Token(header: """{"alg":"ES256","kid":"other","typ":"at+jwt"}""")));
        Assert.Equal(TokenDefect.UnknownKey, await Judge(Token(header: """{"alg":"PS256","kid":"k","typ":"at+jwt"}""")));
        Assert.Equal(TokenDefect.Signature, await Judge(Token(key: stranger)));
        Assert.Equal(TokenDefect.Expired, await Judge(Token(claims => (claims["iat"], claims["exp"]) = (now - 300, now - 11))));
        Assert.Equal(TokenDefect.None, await Judge(Token(claims => (claims["iat"], claims["exp"]) = (now - 300, now - 9))));
        Assert.Equal(TokenDefect.Lifetime, await Judge(Token(claims => claims["iat"] = now + 61)));
        Assert.Equal(TokenDefect.Lifetime, await Judge(Token(claims => claims["nbf"] = now + 61)));
        Assert.Equal(TokenDefect.Lifetime, await Judge(Token(claims => claims["exp"] = now + 601)));
        Assert.Equal(TokenDefect.Claims, await Judge(Token(static claims => claims.Remove("exp"))));
        Assert.Equal(TokenDefect.Audience, await Judge(Token(static claims => claims["aud"] = Gateway + "/")));
        Assert.Equal(TokenDefect.Audience, await Judge(Token(static claims => claims["aud"] = new JsonArray(Gateway))));
        Assert.Equal(TokenDefect.Claims, await Judge(Token(static claims => claims["sub"] = "anss-two")));
        foreach (var name in new[] { "sub", "client_id", "jti", "org", "scope", "iat" })
            Assert.Equal(TokenDefect.Claims, await Judge(Token(claims => claims.Remove(name))));
    }

    [Theory]
    [InlineData("""{}""")]
    [InlineData("""{"x5t#S256":"short"}""")]
    [InlineData("""{"x5t#S256":7}""")]
    [InlineData("""[]""")]
    [InlineData("""{"jkt":"short"}""")]
    public async Task OA_47_A_token_that_is_bound_to_nothing_is_refused(string cnf) =>
        Assert.Equal(TokenDefect.Unbound, await Judge(Token(claims => claims["cnf"] = JsonNode.Parse(cnf))));

    [Theory]
    [InlineData("""[]""")]
    [InlineData("""{}""")]
    [InlineData("""[{"type":"other","agreement":"A-1@3","purpose":"P","operations":["a.b"]}]""")]
    [InlineData("""[{"type":"data_exchange","agreement":"A-1","purpose":"P","operations":["a.b"]}]""")]
    [InlineData("""[{"type":"data_exchange","agreement":"A-1@3","purpose":"P","operations":[]}]""")]
    [InlineData("""[{"type":"data_exchange","agreement":"A-1@3","purpose":"P","operations":[1]}]""")]
    [InlineData("""[{"type":"data_exchange","agreement":"A-1@+3","purpose":"P","operations":["a.b"]}]""")]
    [InlineData(
        """[{"type":"data_exchange","agreement":"A-1@3","purpose":"P","operations":["a.b"]},{"type":"data_exchange","agreement":"A-1@3","purpose":"Q","operations":["a.b"]}]"""
    )]
    public async Task OA_58_Details_that_are_not_exactly_one_usable_object_are_refused(string details) =>
        Assert.Equal(TokenDefect.Details, await Judge(Token(claims => claims["authorization_details"] = JsonNode.Parse(details))));

    [Fact]
    public async Task TH_02_OA_35_A_token_is_worth_nothing_on_another_connection_cached_or_not()
    {
        var (validator, credentials) = (Validator(), new TokenCredentials(TokenScheme.Bearer, Token().AsMemory()));
        var other = PresentedCertificate.From(Pki.Leaf());
        for (var call = 0; call < 3; call++)
        {
            Assert.Equal(TokenDefect.OtherCertificate, (await validator.Validate(credentials, other)).Defect);
            Assert.Equal(TokenDefect.OtherCertificate, (await validator.Validate(credentials, certificate: null)).Defect);
            Assert.True((await validator.Validate(credentials, Certificate)).IsAccepted);
        }
        Assert.Equal(1, validator.Cached);
    }

    [Fact]
    public async Task A_cached_token_expires_on_time_and_completes_without_waiting_before()
    {
        var (validator, credentials) = (Validator(), new TokenCredentials(TokenScheme.Bearer, Token().AsMemory()));
        Assert.True((await validator.Validate(credentials, Certificate)).IsAccepted);
        var again = validator.Validate(credentials, Certificate).AsTask();
        Assert.True(again.IsCompletedSuccessfully);
        Assert.True((await again).IsAccepted);
        _clock.Advance(TimeSpan.FromSeconds(311));
        Assert.Equal(TokenDefect.Expired, (await validator.Validate(credentials, Certificate)).Defect);
    }

    [Fact]
    public void The_cache_is_bounded()
    {
        var cache = new ValidatedTokens(100);
        for (var i = 0; i < 1000; i++)
        {
            Assert.True(ValidatedTokens.TryHash(i.ToString(System.Globalization.CultureInfo.InvariantCulture), out var key));
            cache.Keep(key, null!);
        }
        Assert.InRange(cache.Count, 50, 100);
    }

    [Fact]
    public async Task A_foreign_issuer_speaks_only_for_the_clients_that_are_mapped_to_it()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var validator = Validator(
            new TrustedIssuer
            {
                Issuer = "https://login.partner.test",
                Keys = IssuerKeys.Given(() => SomeJws.Set(SomeJws.Jwk(key, "f"))),
                ClientClaim = "azp",
                Clients = new Dictionary<string, string>(StringComparer.Ordinal) { ["7f3c"] = "menps-support" }.ToFrozenDictionary(
                    StringComparer.Ordinal
                ),
            }
        );
        string Foreign(string azp) =>
            Token(
                claims =>
                {
                    claims["iss"] = "https://login.partner.test";
                    claims["azp"] = azp;
                    claims.Remove("authorization_details");
                    claims.Remove("org");
                },
                """{"alg":"ES256","kid":"f","typ":"at+jwt"}""",
                key
            );
        var result = await validator.Validate(new TokenCredentials(TokenScheme.Bearer, Foreign("7f3c").AsMemory()), Certificate);
        Assert.Equal(("menps-support", null), (result.Token!.ClientId, result.Token.Details));
        Assert.Equal(TokenDefect.UnknownClient, await Judge(Foreign("anss-one"), validator: validator));
        Assert.Equal(
            TokenDefect.Signature,
            await Judge(
                Token(static claims => claims["iss"] = "https://login.partner.test", """{"alg":"ES256","kid":"f","typ":"at+jwt"}"""),
                validator: validator
            )
        );
    }

    [Theory]
    [InlineData("Bearer abc", TokenDefect.None)]
    [InlineData("bEARER  abc", TokenDefect.None)]
    [InlineData("DPoP abc", TokenDefect.None)]
    [InlineData("", TokenDefect.Missing)]
    [InlineData("Bearer", TokenDefect.Malformed)]
    [InlineData("Bearer ", TokenDefect.Malformed)]
    [InlineData("Basic abc", TokenDefect.Malformed)]
    [InlineData("Bearer abc def", TokenDefect.Malformed)]
    public void OA_46_The_scheme_is_case_insensitive_and_one_token_stands(string header, TokenDefect expected)
    {
        var context = new DefaultHttpContext();
        context.Request.Headers.Authorization = header;
        Assert.Equal(expected, TokenCredentials.Read(context.Request, out _));
    }

    [Fact]
    public void OA_51_A_token_in_the_query_or_a_second_header_is_refused()
    {
        var context = new DefaultHttpContext();
        Assert.Equal(TokenDefect.Missing, TokenCredentials.Read(context.Request, out _));
        context.Request.QueryString = new QueryString("?access_token=a");
        Assert.Equal(TokenDefect.Ambiguous, TokenCredentials.Read(context.Request, out _));
        context.Request.Headers.Authorization = "Bearer a";
        Assert.Equal(TokenDefect.Ambiguous, TokenCredentials.Read(context.Request, out _));
        context.Request.QueryString = default;
        context.Request.Headers.Authorization = new(["Bearer a", "Bearer b"]);
        Assert.Equal(TokenDefect.Ambiguous, TokenCredentials.Read(context.Request, out _));
    }
}
