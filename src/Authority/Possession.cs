namespace Authority;

/// <summary>Step 4: the key to which the token will be bound. Who shows none gets none (OA-47).</summary>
public sealed class Possession
{
    /// <summary>Binds to the certificate or to the proof key, as the client is registered.</summary>
    public ValueTask<Verdict<Confirmation>> Prove(HttpContext context, AuthenticatedClient client, TokenRequest request)
    {
        if (client.Registered.Client.DPoP) return new(new TokenRefusal("invalid_dpop_proof", 400, "proof-missing", "proof-not-accepted AUT-05: a DPoP proof is required") { Rule = "AUT-05" });
        if (client.Certificate is not { } certificate)
        {
            return new(TokenRefusal.Ruled("invalid_request", 400, "proof-not-accepted", "AUT-05",
                "tokens of this client are bound to its certificate; send this request to the token endpoint of mtls_endpoint_aliases"));
        }
        return new(new Confirmation { X5tS256 = certificate.X5tS256, Until = certificate.NotAfter });
    }
}
