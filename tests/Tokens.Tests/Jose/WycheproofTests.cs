using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.IdentityModel.Tokens;
using Tokens.Jose;
using Tokens.Tests.Support;
using Xunit;

namespace Tokens.Tests.Jose;

/// <summary>
/// C2SP/wycheproof through our guard's framing and IdentityModel's signatures: 0 wrongly accepted (TH-06, authority page, section 16).
/// Payloads of the corpus are not JSON, so this is the layer below the payload rules.
/// </summary>
public sealed class WycheproofTests
{
    [Fact]
    public void TH_06_No_JWS_of_the_corpus_is_wrongly_accepted()
    {
        var (accepted, seen) = (0, 0);
        foreach (var group in Corpora.Read("wycheproof", "json_web_signature_test.json").GetProperty("testGroups").EnumerateArray())
        {
            foreach (var test in group.GetProperty("tests").EnumerateArray())
            {
                seen++;
                if (
                    !IsAccepted(
                        group,
                        test.GetProperty("jws").ValueKind == JsonValueKind.String
                            ? test.GetProperty("jws").GetString()!
                            : test.GetProperty("jws").GetRawText()
                    )
                )
                    continue;
                accepted++;
                Assert.True(
                    test.GetProperty("result").GetString() == "valid",
                    $"tcId {test.GetProperty("tcId")}: {test.GetProperty("comment")}"
                );
            }
        }
        Assert.Equal(401, seen);
        Assert.True(accepted > 0, "nothing at all was accepted: the test proves nothing");
    }

    [Fact]
    public void TH_06_No_key_of_the_corpus_is_taken_that_is_not_a_public_ES256_or_PS256_key()
    {
        foreach (var group in Corpora.Read("wycheproof", "json_web_key_test.json").GetProperty("testGroups").EnumerateArray())
        {
            foreach (var member in new[] { "public", "private", "key" })
            {
                if (!group.TryGetProperty(member, out var key))
                    continue;
                var isPrivate = key.TryGetProperty("d", out _) || key.TryGetProperty("k", out _);
                Assert.False(isPrivate && KeySet.ReadKey(key.GetRawText()) is not null, key.GetRawText());
            }
        }
    }

    [Theory]
    [InlineData(
        """{"kty":"EC","crv":"P-256","x":"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA","y":"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"}"""
    )]
    [InlineData("""{"kty":"EC","crv":"P-256","x":"AQ","y":"AQ"}""")]
    [InlineData("""{"kty":"EC","crv":"P-384","x":"AQ","y":"AQ"}""")]
    [InlineData("""{"kty":"oct","k":"AAAA"}""")]
    [InlineData("""{"kty":"RSA","n":"AQAB","e":"AQAB"}""")]
    [InlineData("""{"kty":"OKP","crv":"Ed25519","x":"AAAA"}""")]
    [InlineData("""{}""")]
    [InlineData("""[]""")]
    public void OA_09_A_key_that_is_not_usable_is_left_out(string jwk) => Assert.Null(KeySet.ReadKey(jwk));

    private static bool IsAccepted(JsonElement group, string jws)
    {
        if (!CompactJws.TryDecode(jws, out var headerBytes, out _))
            return false;
        JsonNode? header;
        try
        {
            header = JsonNode.Parse(headerBytes, documentOptions: new JsonDocumentOptions { AllowDuplicateProperties = false });
        }
        catch (JsonException)
        {
            return false;
        }
        if (header is not JsonObject members || members.ContainsKey("crit") || members.ContainsKey("b64") || members.ContainsKey("zip"))
            return false;
        if (members["alg"] is not JsonValue alg || AllowedAlgorithms.Find(alg.ToString()) is not { } algorithm)
            return false;
        if (!group.TryGetProperty("public", out var @public) || KeySet.ReadKey(@public.GetRawText()) is not { } key || key.Alg != algorithm)
            return false;
        if (members["kid"] is { } kid && kid.ToString() != key.Kid)
            return false;
        var last = jws.LastIndexOf('.');
        var provider = key.CryptoProviderFactory.CreateForVerifying(key, algorithm);
        return provider.Verify(System.Text.Encoding.ASCII.GetBytes(jws[..last]), Base64UrlEncoder.DecodeBytes(jws[(last + 1)..]));
    }
}
