using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Tokens;

namespace Tokens.Jose;

/// <summary>
/// Verifies the signature of a guarded JWS with <c>JsonWebTokenHandler</c>. Issuer, audience and dates are judged by the callers over the
/// guard's values, ordinally and with the program's clock; the delegates below make sure that the handler read the same values.
/// </summary>
public static class JwsSignature
{
    private static readonly JsonWebTokenHandler Handler = new() { MaximumTokenSizeInBytes = JoseGuard.MaxLength * 2, MapInboundClaims = false };

    /// <summary>True when one of the offered keys made the signature. Any exception of the handler is a false, never a 500.</summary>
    /// <param name="jws">The token.</param>
    /// <param name="keys">The only keys that count. Header members never select or fetch another (RFC 8725 section 3.10).</param>
    public static async ValueTask<bool> IsValid(GuardedJws jws, KeySet keys)
    {
        var candidates = keys.Candidates(jws.KeyId);
        if (!candidates.Any()) return false;
        try
        {
            var result = await Handler.ValidateTokenAsync(jws.Compact, Parameters(jws, candidates));
            return result.IsValid;
        }
        catch (Exception)
        {
            return false;
        }
    }

    private static TokenValidationParameters Parameters(GuardedJws jws, IEnumerable<SecurityKey> candidates) => new()
    {
        ValidAlgorithms = [jws.Algorithm],
        TryAllIssuerSigningKeys = false,
        IssuerSigningKeyResolver = (_, _, _, _) => candidates,
        IssuerValidator = static (issuer, _, _) => issuer,
        AudienceValidator = (audiences, _, _) => jws.Text("aud") is not { } audience || audiences.SequenceEqual([audience], StringComparer.Ordinal),
        LifetimeValidator = (_, expires, _, _) => expires == jws.Expires?.UtcDateTime,
    };
}
