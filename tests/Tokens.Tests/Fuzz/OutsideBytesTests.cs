using System.Net;
using System.Text;
using Fuzz;
using Tokens.Access;
using Tokens.ClientProof;
using Tokens.Jose;
using Tokens.Possession;
using Tokens.Tests.Support;
using Xunit;

namespace Tokens.Tests.Fuzz;

/// <summary>
/// Tokens, proofs, key sets and metadata of any bytes are read or refused; no exception but the one their contract names.
/// </summary>
public sealed class OutsideBytesTests
{
    private static readonly DateTimeOffset Now = DateTimeOffset.FromUnixTimeSeconds(1_792_055_600);
    private const string Payload =
        """{"iss":"a","sub":"a","aud":"https://x","jti":"j","iat":1792055600,"exp":1792055700,"client_id":"a","org":"o","scope":"s","cnf":{"x5t#S256":"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA","jkt":"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"},"authorization_details":[{"type":"data_exchange","agreement":"A@1","purpose":"P","operations":["o"]}]}""";

    [Fact]
    public void Key_sets_are_read_or_no_key_set() =>
        Mutations.Survive(
            [$$"""{"keys":[{{SomeJws.Jwk(SomeJws.Key, "k")}},{"kty":"RSA","n":"AQAB","e":"AQAB","use":"enc"},{"kty":"oct","k":"AA"}]}"""],
            static text => KeySet.Parse(text),
            static fault => fault is FormatException
        );

    [Fact]
    public void Keys_are_read_or_left_out() => Mutations.Survive([SomeJws.Jwk(SomeJws.Key, "k")], static text => KeySet.ReadKey(text));

    [Fact]
    public async Task Tokens_as_sent_are_read_or_refused()
    {
        var keys = SomeJws.Set(SomeJws.Jwk(SomeJws.Key, "k"));
        var seeds = new[]
        {
            SomeJws.Make("""{"alg":"ES256","typ":"at+jwt","kid":"k"}""", Payload),
            SomeJws.Make("""{"alg":"ES256","typ":"dpop+jwt","jwk":{}}""", Payload),
        };
        await Mutations.SurviveAsync(seeds, text => Judge(text, keys));
    }

    [Fact]
    public void Claims_inside_a_right_envelope_are_read_or_refused()
    {
        var issuer = new TrustedIssuer
        {
            Issuer = "a",
            IsOwn = true,
            Keys = IssuerKeys.Given(static () => KeySet.Empty),
        };
        Mutations.Survive([Payload], text => Claims(SomeJws.Make("""{"alg":"ES256","typ":"at+jwt","kid":"k"}""", text), issuer));
    }

    [Fact]
    public Task Headers_of_proofs_are_read_or_refused() =>
        Mutations.SurviveAsync([$$"""{"alg":"ES256","typ":"dpop+jwt","jwk":{{SomeJws.Jwk(SomeJws.Key)}}}"""], static text =>
            Judge(SomeJws.Make(text, Payload), KeySet.Empty)
        );

    [Fact]
    public Task Metadata_of_an_issuer_is_read_or_no_metadata() =>
        Mutations.SurviveAsync(
            ["""{"issuer":"https://issuer.example","jwks_uri":"https://issuer.example/keys"}"""],
            static async text =>
            {
                using var http = new HttpClient(new Answers(text));
                await IssuerMetadata.FindKeys("https://issuer.example", http, CancellationToken.None);
            },
            static fault => fault is FormatException
        );

    [Fact]
    public void Targets_of_proofs_are_compared_or_refused() =>
        Mutations.Survive(["https://gateway.example:8443/a/b", "https://[::1]:1/"], static text =>
            DpopProofs.IsSameTarget(text, new Uri("https://gateway.example:8443/a/b"))
        );

    [Fact]
    public void Hashes_in_tokens_are_read_or_refused() =>
        Mutations.Survive(["AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"], static text => CertificateBinding.TryDecodeHash(text, out _));

    private static async Task Judge(string text, KeySet keys)
    {
        foreach (var profile in new[] { JoseProfile.AccessToken, JoseProfile.ClientAssertion, JoseProfile.DpopProof })
        {
            if (JoseGuard.Read(text, profile, out _) is not { } jws)
                continue;
            _ = await JwsSignature.IsValid(jws, keys);
            _ = ClientAssertion.Judge(jws, "https://x", "a", Now);
            if (jws.Header.TryGetProperty("jwk", out var key))
                _ = KeySet.ReadKey(key.GetRawText());
        }
    }

    private static void Claims(string compact, TrustedIssuer issuer)
    {
        if (JoseGuard.Read(compact, JoseProfile.AccessToken, out _) is { } jws)
            _ = AccessTokenReader.Read(jws, issuer, out _);
    }

    private sealed class Answers(string text) : HttpMessageHandler
    {
        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken) =>
            Task.FromResult(new HttpResponseMessage(HttpStatusCode.OK) { Content = new ByteArrayContent(Encoding.UTF8.GetBytes(text)) });
    }
}
