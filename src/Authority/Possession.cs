using Tokens.Possession;
using Tokens.Transport;

namespace Authority;

/// <summary>Step 4: the key to which the token will be bound. Who shows none gets none (OA-47).</summary>
/// <param name="addresses">Our own addresses: a proof names the one that it was made for.</param>
/// <param name="proofs">Verifies DPoP proofs.</param>
public sealed class Possession(AuthorityAddresses addresses, DpopProofs proofs)
{
    private const string Rule = "AUT-05";

    /// <summary>
    /// Binds to the certificate or to the proof key, as the client is registered; never to both, and never silently to the other.
    /// </summary>
    public ValueTask<Verdict<Confirmation>> Prove(HttpContext context, AuthenticatedClient client, TokenRequest request)
    {
        if (client.Registered.Client.DPoP)
            return ByProof(context, request);
        if (request.Dpop.Count > 0)
            return new(Refused("proof-not-accepted", "this client is registered for certificate binding; send no DPoP proof"));
        if (client.Certificate is not { } certificate)
        {
            return new(
                TokenRefusal.Ruled(
                    "invalid_request",
                    400,
                    "proof-not-accepted",
                    Rule,
                    "tokens of this client are bound to its certificate; send this request to the token endpoint of mtls_endpoint_aliases"
                )
            );
        }
        return new(new Confirmation { X5tS256 = certificate.X5tS256, Until = certificate.NotAfter });
    }

    private async ValueTask<Verdict<Confirmation>> ByProof(HttpContext context, TokenRequest request)
    {
        var at = ListenerName.Of(context) == AuthorityHost.MutualTlsListener ? addresses.MutualTls : addresses.Issuer;
        var result = await proofs.Verify(new DpopRequest(request.Dpop, context.Request.Method, new Uri(at + Metadata.TokenPath)));
        if (result is { Defect: DpopDefect.None, Jkt: { } jkt })
        {
            if (result.NextNonce is { } next)
                context.Response.Headers["DPoP-Nonce"] = next;
            return new Confirmation { Jkt = jkt };
        }
        var refusal =
            result.Defect == DpopDefect.NonceWanted
                ? new TokenRefusal(
                    "use_dpop_nonce",
                    400,
                    "proof-nonce-wanted",
                    "proof-not-accepted AUT-05: repeat the request with the nonce of the DPoP-Nonce header"
                )
                {
                    Rule = Rule,
                }
                : Refused(
                    "proof-" + Words.Kebab(result.Defect.ToString()),
                    "the DPoP proof is missing or wrong: " + Words.Kebab(result.Defect.ToString())
                );
        return refusal with { DpopNonce = result.NextNonce };
    }

    private static TokenRefusal Refused(string code, string words) =>
        new("invalid_dpop_proof", 400, code, $"proof-not-accepted {Rule}: {words}") { Rule = Rule };
}
