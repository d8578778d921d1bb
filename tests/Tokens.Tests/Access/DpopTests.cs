using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using Microsoft.Extensions.Primitives;
using Tokens.Possession;
using Tokens.Replay;
using Tokens.Tests.Support;
using Xunit;

namespace Tokens.Tests.Access;

/// <summary>DPoP proofs, OA-36 to OA-45 (RFC 9449 section 4.3).</summary>
public sealed class DpopTests : IDisposable
{
    private static readonly Uri Url = new("https://gateway.test/education/v1/query");
    private readonly string _folder = Directory.CreateTempSubdirectory("dpop-").FullName;
    private readonly ManualClock _clock = new();
    private readonly SqliteReplayGuard _guard;
    private readonly DpopNonces _nonces;

    public DpopTests()
    {
        _guard = SqliteReplayGuard.Open(Path.Combine(_folder, "replay.db"), _clock);
        _nonces = new DpopNonces(new byte[32], "https://gateway.test", _clock);
    }

    public void Dispose()
    {
        _guard.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    private string Proof(Action<JsonObject>? claims = null, Action<JsonObject>? header = null, ECDsa? key = null, bool nonce = true)
    {
        var payload = new JsonObject
        {
            ["jti"] = Convert.ToHexString(RandomNumberGenerator.GetBytes(8)),
            ["htm"] = "POST",
            ["htu"] = Url.ToString(),
            ["iat"] = _clock.Now.ToUnixTimeSeconds(),
        };
        if (nonce)
            payload["nonce"] = _nonces.Current;
        claims?.Invoke(payload);
        var head = new JsonObject
        {
            ["typ"] = "dpop+jwt",
            ["alg"] = "ES256",
            ["jwk"] = JsonNode.Parse(SomeJws.Jwk(SomeJws.Key)),
        };
        header?.Invoke(head);
        return SomeJws.Make(head.ToJsonString(), payload.ToJsonString(), key);
    }

    private async Task<DpopDefect> Judge(StringValues headers, bool nonces = true, Func<DpopRequest, DpopRequest>? also = null)
    {
        var request = new DpopRequest(headers, "POST", Url);
        return (await new DpopProofs(_guard, nonces ? _nonces : null, _clock).Verify(also?.Invoke(request) ?? request)).Defect;
    }

    [Fact]
    public async Task OA_36_Exactly_one_header_with_one_value()
    {
        Assert.Equal(DpopDefect.None, await Judge(Proof()));
        Assert.Equal(DpopDefect.Missing, await Judge(default));
        Assert.Equal(DpopDefect.Repeated, await Judge(new StringValues([Proof(), Proof()])));
        Assert.Equal(DpopDefect.Repeated, await Judge(Proof() + ", " + Proof()));
        Assert.Equal(DpopDefect.Malformed, await Judge("nonsense"));
    }

    [Fact]
    public async Task OA_37_Type_algorithm_and_a_public_key()
    {
        Assert.Equal(DpopDefect.Malformed, await Judge(Proof(header: static header => header["typ"] = "JWT")));
        Assert.Equal(DpopDefect.Malformed, await Judge(Proof(header: static header => header.Remove("typ"))));
        Assert.Equal(DpopDefect.Malformed, await Judge(Proof(header: static header => header["alg"] = "HS256")));
        Assert.Equal(DpopDefect.Malformed, await Judge(Proof(header: static header => header["alg"] = "none")));
        Assert.Equal(DpopDefect.Key, await Judge(Proof(header: static header => header.Remove("jwk"))));
        Assert.Equal(DpopDefect.Key, await Judge(Proof(header: static header => header["jwk"] = "key")));
        Assert.Equal(DpopDefect.Key, await Judge(Proof(header: static header => header["alg"] = "PS256")));
        var secret = Base64Url.EncodeToString(SomeJws.Key.ExportParameters(includePrivateParameters: true).D);
        Assert.Equal(DpopDefect.Key, await Judge(Proof(header: header => header["jwk"]!["d"] = secret)));
        Assert.Equal(DpopDefect.Key, await Judge(Proof(header: static header => header["jwk"]!["x"] = header["jwk"]!["y"]!.DeepClone())));
    }

    [Fact]
    public async Task OA_37_A_key_that_is_long_in_any_number_is_refused_before_anything_is_computed_with_it()
    {
        static string Number(int bits) => Base64Url.EncodeToString([.. Enumerable.Repeat((byte)0xFF, bits / 8)]);
        Task<DpopDefect> Rsa(string modulus, string exponent) =>
            Judge(
                Proof(header: header =>
                {
                    header["alg"] = "PS256";
                    header["jwk"] = new JsonObject
                    {
                        ["kty"] = "RSA",
                        ["n"] = modulus,
                        ["e"] = exponent,
                    };
                })
            );
        Assert.Equal(DpopDefect.Signature, await Rsa(Number(4096), "AQAB"));
        Assert.Equal(DpopDefect.Key, await Rsa(Number(4104), "AQAB"));
        Assert.Equal(DpopDefect.Key, await Rsa(Number(8192), "AQAB"));
        Assert.Equal(DpopDefect.Key, await Rsa(Number(2048), Number(40)));
        Assert.Equal(DpopDefect.Malformed, await Rsa(Number(16384), "AQAB")); // its header alone is too long
        Assert.Equal(DpopDefect.Malformed, await Judge(Proof(header: static header => header["x5c"] = new string('A', 1600))));
        Assert.Equal(DpopDefect.Key, await Judge(Proof(header: static header => header["jwk"]!["crv"] = "P-521")));
        Assert.Equal(DpopDefect.Key, await Judge(Proof(header: static header => header["jwk"]!["x"] = new string('A', 1200))));
        foreach (var (bits, isTaken) in new[] { (8192, true), (8200, false), (16384, false), (1024, false) })
            Assert.Equal(isTaken, Tokens.Jose.KeySet.ReadKey($$"""{"kty":"RSA","n":"{{Number(bits)}}","e":"AQAB"}""") is not null);
    }

    [Fact]
    public async Task OA_38_The_signature_is_made_by_that_key_whatever_key_id_stands()
    {
        using var other = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        Assert.Equal(DpopDefect.Signature, await Judge(Proof(key: other)));
        Assert.Equal(DpopDefect.None, await Judge(Proof(header: static header => header["kid"] = "any")));
    }

    [Theory]
    [InlineData("https://gateway.test/education/v1/query", true)]
    [InlineData("HTTPS://GATEWAY.test:443/education/v1/query?a=b#c", true)]
    [InlineData("https://gateway.test/education/v1/query/", false)]
    [InlineData("https://gateway.test/Education/v1/query", false)]
    [InlineData("http://gateway.test/education/v1/query", false)]
    [InlineData("https://gateway.test:8443/education/v1/query", false)]
    [InlineData("https://gateway.test.evil.test/education/v1/query", false)]
    [InlineData("https://user@gateway.test/education/v1/query", false)]
    [InlineData("/education/v1/query", false)]
    [InlineData("", false)]
    // What the framework's parser of addresses throws on: an address is ASCII.
    [InlineData("///\u202E/", false)]
    public async Task OA_39_The_target_is_compared_without_query_fragment_case_and_default_port(string target, bool accepted) =>
        Assert.Equal(accepted ? DpopDefect.None : DpopDefect.Target, await Judge(Proof(claims => claims["htu"] = target)));

    [Fact]
    public async Task OA_39_Every_claim_stands_and_the_method_is_exact()
    {
        foreach (var name in new[] { "jti", "htm", "htu", "iat" })
            Assert.Equal(DpopDefect.Claims, await Judge(Proof(claims => claims.Remove(name))));
        Assert.Equal(DpopDefect.Target, await Judge(Proof(static claims => claims["htm"] = "post")));
        Assert.Equal(DpopDefect.Target, await Judge(Proof(static claims => claims["htm"] = "GET")));
        Assert.Equal(DpopDefect.Malformed, await Judge(Proof(static claims => claims["iat"] = "now")));
    }

    [Theory(
        DisplayName = "fapi2-security-profile-final-ensure-dpopproof-with-iat-10seconds-before-succeeds, fapi2-security-profile-final-ensure-dpopproof-with-iat-10seconds-after-succeeds, fapi2-security-profile-final-check-dpop-proof-nbf-exp: OA_40_The_time_of_a_proof_counts_unless_a_nonce_vouches"
    )]
    [InlineData(-10, true, true)]
    [InlineData(10, true, true)]
    [InlineData(-3600, false, true)]
    [InlineData(3600, false, true)]
    public async Task OA_40_The_time_of_a_proof_counts_unless_a_nonce_vouches(int seconds, bool without, bool with)
    {
        var at = _clock.Now.ToUnixTimeSeconds() + seconds;
        Assert.Equal(
            without ? DpopDefect.None : DpopDefect.Time,
            await Judge(Proof(claims => claims["iat"] = at, nonce: false), nonces: false)
        );
        Assert.Equal(with ? DpopDefect.None : DpopDefect.Time, await Judge(Proof(claims => claims["iat"] = at)));
        Assert.Equal(DpopDefect.Time, await Judge(Proof(claims => claims["exp"] = _clock.Now.ToUnixTimeSeconds() - 60)));
        Assert.Equal(DpopDefect.Time, await Judge(Proof(claims => claims["nbf"] = _clock.Now.ToUnixTimeSeconds() + 90)));
    }

    [Fact]
    public async Task OA_41_A_missing_invented_or_stale_nonce_is_answered_with_a_fresh_one()
    {
        var proofs = new DpopProofs(_guard, _nonces, _clock);
        var result = await proofs.Verify(new DpopRequest(Proof(nonce: false), "POST", Url));
        Assert.Equal((DpopDefect.NonceWanted, _nonces.Current), (result.Defect, result.NextNonce));
        var other = new DpopNonces(new byte[32], "https://authority.test", _clock).Current;
        foreach (var invented in new[] { "", "abc", new string('A', 32), other })
            Assert.Equal(DpopDefect.NonceWanted, await Judge(Proof(claims => claims["nonce"] = invented)));
        var old = _nonces.Current;
        _clock.Advance(TimeSpan.FromSeconds(60));
        Assert.Equal(DpopDefect.None, await Judge(Proof(claims => claims["nonce"] = old)));
        _clock.Advance(TimeSpan.FromSeconds(60));
        Assert.Equal(DpopDefect.NonceWanted, await Judge(Proof(claims => claims["nonce"] = old)));
        Assert.True(new DpopNonces(new byte[32], "https://gateway.test", _clock).IsFresh(_nonces.Current));
    }

    [Fact]
    public async Task OA_42_A_proof_is_taken_once_per_key()
    {
        var proof = Proof();
        Assert.Equal(DpopDefect.None, await Judge(proof));
        Assert.Equal(DpopDefect.Replayed, await Judge(proof));
        using var other = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var id = "the-same-id";
        Assert.Equal(DpopDefect.None, await Judge(Proof(claims => claims["jti"] = id)));
        Assert.Equal(
            DpopDefect.None,
            await Judge(Proof(claims => claims["jti"] = id, header => header["jwk"] = JsonNode.Parse(SomeJws.Jwk(other)), other))
        );
    }

    [Fact]
    public async Task OA_45_At_the_gateway_the_proof_is_for_this_token_and_by_the_key_that_it_is_bound_to()
    {
        const string token = "a.b.c";
        var hash = Base64Url.EncodeToString(SHA256.HashData(Encoding.ASCII.GetBytes(token)));
        var bound = (await new DpopProofs(_guard, _nonces, _clock).Verify(new DpopRequest(Proof(), "POST", Url))).Jkt!;
        DpopRequest With(DpopRequest request) => request with { AccessToken = token, BoundTo = bound };
        Assert.Equal(DpopDefect.None, await Judge(Proof(claims => claims["ath"] = hash), also: With));
        Assert.Equal(DpopDefect.OtherToken, await Judge(Proof(), also: With));
        Assert.Equal(DpopDefect.OtherToken, await Judge(Proof(claims => claims["ath"] = hash + "="), also: With));
        using var other = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        Assert.Equal(
            DpopDefect.OtherKey,
            await Judge(
                Proof(claims => claims["ath"] = hash, header => header["jwk"] = JsonNode.Parse(SomeJws.Jwk(other)), other),
                also: With
            )
        );
    }
}
