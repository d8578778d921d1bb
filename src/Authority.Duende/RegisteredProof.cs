using Duende.IdentityServer.Validation;

namespace Authority.Duende;

/// <summary>Duende asks when a request carries a DPoP proof; the authority's own room answers.</summary>
internal sealed class RegisteredProof(Possession possession, IHttpContextAccessor accessor) : IDPoPProofValidator
{
    public async Task<DPoPProofValidatonResult> ValidateAsync(DPoPProofValidatonContext context)
    {
        var call = TokenCall.Of(accessor);
        if ((await possession.Prove(accessor.HttpContext!, call.Client, call.Request)).Allows(out var proved, out var refusal))
        {
            call.Proved = proved;
            return new()
            {
                IsError = false,
                JsonWebKeyThumbprint = proved.Jkt,
                Confirmation = ExchangeGrant.Json(proved),
            };
        }
        call.Refusal = refusal;
        return new() { IsError = true, Error = refusal.Error };
    }
}
