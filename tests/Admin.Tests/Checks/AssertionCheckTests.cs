using System.Security.Cryptography;
using System.Text.Json;
using Admin.Checks;
using Agreements;
using Agreements.Keys;

namespace Admin.Tests.Checks;

/// <summary>The offline check of an assertion says what the server would do, and what to compare.</summary>
public sealed class AssertionCheckTests
{
    private const string Issuer = "https://authority.test";
    private const string Id = "anss-system";
    private static readonly DateTimeOffset Now = new(2026, 11, 21, 12, 0, 0, TimeSpan.Zero);
    private static readonly PartnerKey Key = PartnerKey.New("ES256");
    private static readonly PartnerKey Other = PartnerKey.New("ES256");
    private static readonly PartnerKey Third = PartnerKey.New("PS256");

    private static Client Registered(params PartnerKey[] keys) =>
        new()
        {
            Id = Id,
            Institution = "anss",
            Names = new LocalizedText("a", "b", "c"),
            Authentication = ClientAuthentication.PrivateKeyJwt,
            Jwks = PublicKeySet.Write(keys.Select(static key => key.Public)),
        };

    private static Dictionary<string, object> Claims() =>
        new(StringComparer.Ordinal)
        {
            ["iss"] = Id,
            ["sub"] = Id,
            ["aud"] = Issuer,
            ["iat"] = Now.ToUnixTimeSeconds(),
            ["exp"] = Now.ToUnixTimeSeconds() + 60,
            ["jti"] = "one",
        };

    private static async Task<string[]> Codes(string compact, Client? client = null) =>
        [.. (await AssertionCheck.Run(compact, Issuer, client ?? Registered(Key, Third), Now)).Select(static finding => finding.Code)];

    private static string Signed(Action<Dictionary<string, object>>? change = null, string type = "JWT", PartnerKey? key = null)
    {
        var claims = Claims();
        change?.Invoke(claims);
        return (key ?? Key).Sign(type, claims);
    }

    [Fact]
    public async Task A_sound_assertion_of_either_key_has_no_finding()
    {
        Assert.Empty(await Codes(Signed()));
        Assert.Empty(await Codes(Signed(key: Third)));
        Assert.Empty(await Codes(Key.Assertion(Id, Issuer, Now)));
    }

    public static TheoryData<string, string> Wrong() =>
        new()
        {
            { "aud", "assertion-audience" },
            { "aud-slash", "assertion-audience" },
            { "aud-array", "assertion-audience" },
            { "iss", "assertion-issuer-is-not-subject" },
            { "other", "assertion-other-client" },
            { "exp-missing", "assertion-no-expiry" },
            { "exp-past", "assertion-expired" },
            { "exp-far", "assertion-lives-too-long" },
            { "ahead", "assertion-ahead" },
            { "jti", "assertion-no-id" },
            { "exp-text", "assertion-claim-type" },
        };

    [Theory]
    [MemberData(nameof(Wrong))]
    public async Task Each_wrong_claim_is_named_by_the_server_s_own_code(string what, string code)
    {
        var now = Now.ToUnixTimeSeconds();
        var assertion = Signed(claims =>
        {
            switch (what)
            {
                case "aud":
                    claims["aud"] = "https://authority.test/connect/token";
                    break;
                case "aud-slash":
                    claims["aud"] = Issuer + "/";
                    break;
                case "aud-array":
                    claims["aud"] = new[] { Issuer };
                    break;
                case "iss":
                    claims["iss"] = "anss-other";
                    break;
                case "other":
                    (claims["iss"], claims["sub"]) = ("anss-other", "anss-other");
                    break;
                case "exp-missing":
                    claims.Remove("exp");
                    break;
                case "exp-past":
                    claims["exp"] = now - 300;
                    break;
                case "exp-far":
                    claims["exp"] = now + 3600;
                    break;
                case "ahead":
                    claims["iat"] = now + 90;
                    break;
                case "jti":
                    claims.Remove("jti");
                    break;
                default:
                    claims["exp"] = (now + 60).ToString(System.Globalization.CultureInfo.InvariantCulture);
                    break;
            }
        });
        Assert.Equal([code], await Codes(assertion));
    }

    [Fact]
    public async Task The_audience_found_and_the_one_expected_stand_beside_the_words()
    {
        var finding = Assert.Single(
            await AssertionCheck.Run(Signed(static claims => claims["aud"] = "https://elsewhere.test"), Issuer, Registered(Key), Now)
        );
        Assert.Equal([("aud", "\"https://elsewhere.test\""), ("expected", "\"https://authority.test\"")], finding.Facts);
    }

    [Fact]
    public async Task A_signature_by_another_key_an_unknown_key_and_one_out_of_its_days_are_told_apart()
    {
        Assert.Equal(["key-unknown"], await Codes(Signed(key: Other)));
        var parts = Signed(key: Other).Split('.');
        var head = JsonSerializer.SerializeToUtf8Bytes(
            new
            {
                alg = "ES256",
                typ = "JWT",
                kid = Key.Public.KeyId,
            }
        );
        Assert.Equal(["key-other"], await Codes($"{System.Buffers.Text.Base64Url.EncodeToString(head)}.{parts[1]}.{parts[2]}"));
        var dated = new Client
        {
            Id = Id,
            Institution = "anss",
            Names = new LocalizedText("a", "b", "c"),
            Authentication = ClientAuthentication.PrivateKeyJwt,
            Jwks = PublicKeySet.Write([Key.Public]),
            KeyValidities = [new KeyValidity(Key.Public.KeyId, new DateOnly(2025, 1, 1), new DateOnly(2025, 12, 31))],
        };
        Assert.Equal(["key-outside-validity"], await Codes(Signed(), dated));
    }

    [Fact]
    public async Task What_the_guard_refuses_is_named_with_what_the_header_says()
    {
        Assert.Equal(["assertion-type"], await Codes(Signed(type: "at+jwt")));
        Assert.Equal(["assertion-not-compact"], await Codes(Signed() + "="));
        using var rsa = RSA.Create(2048);
        var rs256 = Jws("""{"alg":"RS256","typ":"JWT"}""");
        var finding = Assert.Single(await AssertionCheck.Run(rs256, Issuer, Registered(Key), Now));
        Assert.Equal("assertion-algorithm", finding.Code);
        Assert.Contains(("alg", "\"RS256\""), finding.Facts);
        Assert.Equal(["assertion-forbidden-header"], await Codes(Jws("""{"alg":"ES256","crit":["x"]}""")));
        foreach (var noise in new[] { "", ".", "..", "a.b.c", "\0", new string('x', 9000) })
            Assert.Single(await Codes(noise));
    }

    [Fact]
    public async Task Two_things_that_are_wrong_are_both_said() =>
        Assert.Equal(["assertion-audience", "key-unknown"], await Codes(Signed(static claims => claims["aud"] = "x", key: Other)));

    private static string Jws(string header) =>
        $"{System.Buffers.Text.Base64Url.EncodeToString(System.Text.Encoding.UTF8.GetBytes(header))}.{System.Buffers.Text.Base64Url.EncodeToString(JsonSerializer.SerializeToUtf8Bytes(Claims()))}.AAAA";
}
