using System.Net;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using Authority.Tests.Support;

namespace Authority.Tests.Profile;

/// <summary>private_key_jwt, OA-19 to OA-30, over real sockets.</summary>
[Trait("Tier", "Whole")]
public sealed class AssertionTests(TheAuthority authority) : IClassFixture<TheAuthority>
{
    private long Now => authority.Clock.GetUtcNow().ToUnixTimeSeconds();

    private async Task Refused(string assertion, params (string, string?)[] changes) =>
        (await authority.Ask(authority.Form(assertion, changes))).RefusedAsStranger();

    private async Task Accepted(string assertion)
    {
        var answer = await authority.Ask(authority.Form(assertion));
        Assert.True(answer.Status == HttpStatusCode.OK, answer.Body.ToJsonString());
    }

    [Fact(
        DisplayName = "fapi2-security-profile-final-ensure-client-id-in-token-endpoint: OA_19_The_assertion_type_is_exact_and_a_client_id_equals_the_subject"
    )]
    public async Task OA_19_The_assertion_type_is_exact_and_a_client_id_equals_the_subject()
    {
        await Refused(authority.Assertion(), ("client_assertion_type", "urn:ietf:params:oauth:client-assertion-type:saml2-bearer"));
        await Refused(authority.Assertion(), ("client_id", TheAuthority.Batch));
        var answer = await authority.Ask(authority.Form(authority.Assertion(), ("client_id", TheAuthority.Eligibility)));
        Assert.Equal(HttpStatusCode.OK, answer.Status);
    }

    [Fact(DisplayName = "fapi2-security-profile-final-ensure-client-assertion-with-no-sub-fails: OA_20_Issuer_and_subject_are_the_client")]
    public async Task OA_20_Issuer_and_subject_are_the_client()
    {
        await Refused(authority.Assertion(claims: static claims => claims["iss"] = TheAuthority.Batch));
        await Refused(authority.Assertion(claims: static claims => claims.Remove("iss")));
        await Refused(authority.Assertion(claims: static claims => claims.Remove("sub")));
        await Refused(authority.Assertion(claims: static claims => claims["sub"] = 7));
        await Refused(authority.Assertion(claims: static claims => (claims["iss"], claims["sub"]) = ("", "")));
    }

    [Fact(
        DisplayName = "fapi2-security-profile-final-ensure-client-assertion-with-wrong-aud-fails: OA_21_The_audience_is_the_issuer_as_one_string"
    )]
    public async Task OA_21_The_audience_is_the_issuer_as_one_string()
    {
        await Refused(authority.Assertion(claims: claims => claims["aud"] = authority.Addresses.MutualTls + "/connect/token"));
        await Refused(authority.Assertion(claims: claims => claims["aud"] = authority.Issuer + "/connect/token"));
        await Refused(authority.Assertion(claims: claims => claims["aud"] = new JsonArray(authority.Issuer)));
        await Refused(authority.Assertion(claims: claims => claims["aud"] = new JsonArray(authority.Issuer, "https://other.test")));
        await Refused(authority.Assertion(claims: claims => claims["aud"] = authority.Issuer + "/"));
        await Refused(authority.Assertion(claims: static claims => claims.Remove("aud")));
    }

    [Fact(
        DisplayName = "fapi2-security-profile-final-ensure-client-assertion-with-exp-is-5-minutes-in-past-fails: OA_22_The_expiry_is_required_numeric_and_near"
    )]
    public async Task OA_22_The_expiry_is_required_numeric_and_near()
    {
        await Refused(authority.Assertion(claims: static claims => claims.Remove("exp")));
        await Refused(
            authority.Assertion(claims: claims => claims["exp"] = (Now + 60).ToString(System.Globalization.CultureInfo.InvariantCulture))
        );
        await Refused(authority.Assertion(claims: claims => claims["exp"] = Now + 60.5));
        await Refused(authority.Assertion(claims: claims => claims["exp"] = Now - 300));
        await Refused(authority.Assertion(claims: claims => claims["exp"] = Now + 660));
        await Refused(authority.Assertion(claims: claims => (_, claims["exp"]) = (claims.Remove("iat"), Now + 660)));
        await Refused(authority.Assertion(claims: claims => claims["exp"] = 95_617_584_000L));
        await Refused(authority.Assertion(claims: claims => (claims["iat"], claims["exp"]) = (Now - 86_400, Now + 60)));
        await Accepted(authority.Assertion(claims: claims => claims["exp"] = Now + 590));
    }

    [Theory]
    [InlineData("iat")]
    [InlineData("nbf")]
    public async Task OA_23_Ten_seconds_ahead_is_accepted_and_more_than_a_minute_is_not(string claim)
    {
        await Accepted(authority.Assertion(claims: claims => (claims[claim], claims["exp"]) = (Now + 10, Now + 120)));
        await Refused(authority.Assertion(claims: claims => (claims[claim], claims["exp"]) = (Now + 75, Now + 180)));
        await Refused(authority.Assertion(claims: claims => claims[claim] = "soon"));
    }

    [Fact]
    public async Task OA_24_An_assertion_is_taken_once_and_its_id_is_no_replay_from_another_client()
    {
        var id = Convert.ToHexString(RandomNumberGenerator.GetBytes(8));
        var first = authority.Assertion(claims: claims => claims["jti"] = id);
        await Accepted(first);
        await Refused(first);
        await Refused(authority.Assertion(claims: claims => claims["jti"] = id));
        var other = await authority.Ask(
            authority.Form(authority.Assertion(TheAuthority.Batch, claims => claims["jti"] = id)),
            authority.HttpOf(TheAuthority.Batch)
        );
        Assert.Equal(HttpStatusCode.OK, other.Status);
        await Refused(authority.Assertion(claims: static claims => claims.Remove("jti")));
        await Refused(authority.Assertion(claims: static claims => claims["jti"] = ""));
        await Refused(authority.Assertion(claims: static claims => claims["jti"] = new string('j', 257)));
    }

    [Theory]
    [InlineData("client-authentication+jwt", true)]
    [InlineData("application/CLIENT-authentication+jwt", true)]
    [InlineData("jwt", true)]
    [InlineData(null, true)]
    [InlineData("at+jwt", false)]
    [InlineData("dpop+jwt", false)]
    [InlineData("", false)]
    public async Task OA_25_The_type_is_that_of_a_client_assertion_or_absent(string? type, bool accepted)
    {
        var assertion = authority.Assertion(header: header =>
        {
            if (type is null)
                header.Remove("typ");
            else
                header["typ"] = type;
        });
        await (accepted ? Accepted(assertion) : Refused(assertion));
    }

    [Fact(
        DisplayName = "fapi2-security-profile-final-ensure-signed-client-assertion-with-RS256-fails: OA_26_RS256_none_and_a_public_key_as_a_secret_are_refused"
    )]
    [Trait("Needs", "Registry")]
    public async Task OA_26_RS256_none_and_a_public_key_as_a_secret_are_refused()
    {
        using var rsa = RSA.Create(2048);
        authority.Contracts.WriteJwks(TheAuthority.Batch, TempContracts.Jwk(rsa));
        await authority.Reloaded();
        var payload = new JsonObject
        {
            ["iss"] = TheAuthority.Batch,
            ["sub"] = TheAuthority.Batch,
            ["aud"] = authority.Issuer,
            ["exp"] = Now + 60,
            ["jti"] = "rs",
        };
        var http = authority.HttpOf(TheAuthority.Batch);
        (await authority.Ask(authority.Form(authority.Assertion(TheAuthority.Batch, key: rsa)), http)).Token.ToString();
        var rs256 = Jws.Make("""{"alg":"RS256"}""", payload.ToJsonString(), rsa, RSASignaturePadding.Pkcs1);
        (await authority.Ask(authority.Form(rs256), http)).Refused(HttpStatusCode.Unauthorized, "invalid_client");
        var none = Jws.Make("""{"alg":"none"}""", payload.ToJsonString(), key: null);
        (await authority.Ask(authority.Form(none), http)).Refused(HttpStatusCode.Unauthorized, "invalid_client");
        (await authority.Ask(authority.Form(none + "AA"), http)).Refused(HttpStatusCode.Unauthorized, "invalid_client");
        var input = none[..none.LastIndexOf('.')]
            .Replace(none.Split('.')[0], System.Buffers.Text.Base64Url.EncodeToString("""{"alg":"HS256"}"""u8), StringComparison.Ordinal);
        var confused =
            input
            + "."
            + System.Buffers.Text.Base64Url.EncodeToString(
                HMACSHA256.HashData(rsa.ExportSubjectPublicKeyInfo(), Encoding.ASCII.GetBytes(input))
            );
        (await authority.Ask(authority.Form(confused), http)).Refused(HttpStatusCode.Unauthorized, "invalid_client");
        authority.Contracts.WriteJwks(TheAuthority.Batch, TempContracts.Jwk(authority.Contracts.Key(TheAuthority.Batch)));
        await authority.Reloaded();
    }

    [Fact]
    public async Task OA_27_The_key_comes_from_the_registration_and_never_from_the_header()
    {
        using var stranger = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        await Refused(authority.Assertion(key: stranger));
        await Refused(authority.Assertion(key: stranger, header: header => header["jwk"] = JsonNode.Parse(TempContracts.Jwk(stranger))));
        await Refused(authority.Assertion(key: stranger, header: static header => header["jku"] = "https://127.0.0.1:1/keys"));
        await Refused(authority.Assertion(key: stranger, header: static header => header["x5u"] = "https://127.0.0.1:1/chain"));
        await Refused(authority.Assertion(header: static header => header["kid"] = "another"));
        await Accepted(authority.Assertion(header: static header => header["jku"] = "https://127.0.0.1:1/keys"));
    }

    [Fact]
    public async Task OA_28_Critical_and_compressed_headers_are_refused()
    {
        await Refused(authority.Assertion(header: static header => (header["crit"], header["exp"]) = (new JsonArray("exp"), 1)));
        await Refused(authority.Assertion(header: static header => (header["crit"], header["b64"]) = (new JsonArray("b64"), false)));
        await Refused(authority.Assertion(header: static header => header["crit"] = new JsonArray()));
        await Refused(authority.Assertion(header: static header => header["zip"] = "DEF"));
    }

    [Fact]
    public async Task OA_29_Three_segments_of_strict_base64url()
    {
        await Refused(authority.Assertion() + "=");
        await Refused(authority.Assertion() + ".");
        await Refused(authority.Assertion() + ".AA");
        await Refused(" " + authority.Assertion());
        await Refused(authority.Assertion().Replace('.', '\n'));
        await Refused("a.b.c");
        await Refused("nothing");
        var long8 = authority.Assertion(claims: static claims => claims["padding"] = new string('x', 6200));
        (await authority.Ask(authority.Form(long8))).Refused(HttpStatusCode.BadRequest, "invalid_request");
    }

    [Fact]
    [Trait("Needs", "Registry")]
    public async Task OA_30_Two_keys_are_active_and_a_removed_one_is_refused_by_the_next_request()
    {
        using var next = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var old = authority.Contracts.Key(TheAuthority.Eligibility);
        authority.Contracts.WriteJwks(TheAuthority.Eligibility, TempContracts.Jwk(old), TempContracts.Jwk(next));
        await authority.Reloaded();
        await Accepted(authority.Assertion());
        await Accepted(authority.Assertion(key: next));
        authority.Contracts.WriteJwks(TheAuthority.Eligibility, TempContracts.Jwk(next));
        await authority.Reloaded();
        await Refused(authority.Assertion());
        await Accepted(authority.Assertion(key: next));
        authority.Contracts.WriteJwks(TheAuthority.Eligibility, TempContracts.Jwk(old));
        await authority.Reloaded();
    }

    [Fact]
    public async Task A_stranger_hears_the_same_about_a_client_that_exists_and_one_that_does_not()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var known = await authority.Ask(authority.Form(authority.Assertion(key: key)));
        var unknown = await authority.Ask(authority.Form(authority.Assertion("anss-nobody", key: key)));
        Assert.Equal(known.Body.ToJsonString(), unknown.Body.ToJsonString());
        Assert.Equal(known.Status, unknown.Status);
    }
}
