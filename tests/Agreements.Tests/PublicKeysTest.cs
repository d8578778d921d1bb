using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Agreements.Keys;

namespace Agreements.Tests;

public sealed class PublicKeysTest
{
    private static string Elliptic(string extra = "", string curve = "P-256")
    {
        var point = TheContracts.Key("jwk").ExportParameters(false).Q;
        return $$"""{"kty":"EC","crv":"{{curve}}","x":"{{TheContracts.Base64Url(point.X!)}}","y":"{{TheContracts.Base64Url(point.Y!)}}"{{extra}}}""";
    }

    private static string Rsa(int size)
    {
        using var key = RSA.Create(size);
        var numbers = key.ExportParameters(false);
        return $$"""{"kty":"RSA","n":"{{TheContracts.Base64Url(numbers.Modulus!)}}","e":"{{TheContracts.Base64Url(numbers.Exponent!)}}"}""";
    }

    private static PublicKey? Read(string json, out KeyFault fault) => PublicKeySet.ReadKey(Encoding.UTF8.GetBytes(json), out fault);

    [Fact]
    public void The_thumbprint_is_that_of_RFC_7638()
    {
        // RFC 7638, section 3.1.
        const string json =
            """{"kty":"RSA","n":"0vx7agoebGcQSuuPiLJXZptN9nndrQmbXEps2aiAFbWhM78LhWx4cbbfAAtVT86zwu1RK7aPFFxuhDR1L6tSoc_BJECPebWKRXjBZCiFV4n3oknjhMstn64tZ_2W-5JsGY4Hc5n9yBXArwl93lqt7_RN5w6Cf0h4QyQ5v-65YGjQR0_FDW2QvzqY368QQMicAtaSqzs8KJZgnYb9c7d0zgdAZHzu6qMQvRL5hajrn1n91CbOpbISD08qNLyrdkt-bFTWhAI4vMQFh6WeZu0fM4lFd2NcRwr3XPksINHaQ-G_xBniIqbw0Ls1jF44-csFCur-kEgU8awapJzKnqDKgw","e":"AQAB","alg":"PS256"}""";
        Assert.Equal("NzbLsXh8uDCcd-6MNwXF4W_7noWXFZAfHkxZsRGC9Xs", Read(json, out _)!.KeyId);
    }

    [Fact]
    public void A_good_key_comes_back_canonical_with_its_id()
    {
        var key = Read(Elliptic(), out _)!;
        using var jwk = JsonDocument.Parse(key.Jwk);
        Assert.Equal(("ES256", key.KeyId), (key.Algorithm, jwk.RootElement.GetProperty("kid").GetString()));
        Assert.Equal("PS256", Read(Rsa(2048), out _)!.Algorithm);
        Assert.Equal(key.Jwk, Read(key.Jwk, out _)!.Jwk);
    }

    public static TheoryData<string, string> Bad() =>
        new()
        {
            { Elliptic(""","d":"AAAA" """), "private" },
            { Elliptic(""","alg":"ES384" """), "alg" },
            { Elliptic(""","alg":1 """), "alg" },
            { Elliptic(""","use":"enc" """), "use" },
            { Elliptic(""","kid":"mine" """), "thumbprint" },
            { Elliptic(curve: "P-384"), "crv" },
            { Elliptic().Replace("\"y\":\"", "\"y\":\"AA", StringComparison.Ordinal), "32 bytes" },
            {
                """{"kty":"EC","crv":"P-256","x":"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA","y":"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"}""",
                "numbers"
            },
            { Rsa(1024), "2048" },
            { """{"kty":"oct","k":"AAAA"}""", "private" },
            { """{"kty":"OKP","crv":"Ed25519","x":"AAAA"}""", "kty" },
            { """{"kty":"EC","kty":"EC"}""", "twice" },
            { """{"kty":1}""", "kty" },
            { """{"kty":"EC","crv":"\ud800"}""", "not Unicode" },
            { """{"\ud800":1,"kty":"EC","crv":"P-521"}""", "" },
            { """{"k\udfffty":1,"\ud800":2,"\ud801":3}""", "" },
            { "[]", "object" },
            { "not json", "JSON" },
            { "", "JSON" },
        };

    [Theory]
    [MemberData(nameof(Bad))]
    public void Anything_else_is_refused_with_its_reason(string json, string reason)
    {
        Assert.Null(Read(json, out var told));
        Assert.Contains(reason, told.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void One_bad_key_spoils_the_set()
    {
        Assert.Empty(PublicKeySet.ReadSet(Encoding.UTF8.GetBytes($$"""{"keys":[{{Elliptic()}},{"kty":"oct"}]}"""), out _));
        Assert.Empty(PublicKeySet.ReadSet("""{"keys":[]}"""u8.ToArray(), out _));
        Assert.Single(PublicKeySet.ReadSet(Encoding.UTF8.GetBytes($$"""{"keys":[{{Elliptic()}}]}"""), out _));
    }
}
