using System.Security.Cryptography;
using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Tokens;

namespace Tokens.Jose;

/// <summary>
/// Verifies the signature of a guarded JWS with <c>JsonWebTokenHandler</c>. Issuer, audience and dates are judged by the callers over the
/// guard's values, ordinally and with the program's clock; the delegates below make sure that the handler read the same values.
/// </summary>
public static class JwsSignature
{
    private static readonly JsonWebTokenHandler Handler = new()
    {
        MaximumTokenSizeInBytes = JoseGuard.MaxLength * 2,
        MapInboundClaims = false,
    };

    /// <summary>True when one of the offered keys made the signature. Any exception of the handler is a false, never a 500.</summary>
    /// <param name="jws">The token.</param>
    /// <param name="keys">The only keys that count. Header members never select or fetch another (RFC 8725 section 3.10).</param>
    public static ValueTask<bool> IsValid(GuardedJws jws, KeySet keys)
    {
        var candidates = keys.Candidates(jws.KeyId);
        return candidates.Count == 0 ? new(false) : Verify(jws, candidates);
    }

    /// <summary>True when this very key made the signature, whatever key id the header names: for proofs that carry their key.</summary>
    public static ValueTask<bool> IsValidBy(GuardedJws jws, SecurityKey key) => Verify(jws, [key]);

    /// <summary>
    /// As <see cref="IsValid"/>, and a refusal costs the same whichever keys there are, or none: a stranger cannot tell by the clock
    /// whether a client exists, nor how many keys it has, nor of which kind.
    /// </summary>
    /// <param name="jws">The token.</param>
    /// <param name="keys">The only keys that count.</param>
    /// <param name="most">Keys of the largest set there is: so many are tried when the token names none.</param>
    public static ValueTask<bool> IsValidInConstantWork(GuardedJws jws, KeySet keys, int most)
    {
        List<SecurityKey> tried = [.. keys.Candidates(jws.KeyId).Where(key => ((JsonWebKey)key).Alg == jws.Algorithm)];
        var decoy = jws.Algorithm == AllowedAlgorithms.ES256 ? Decoys.Elliptic : Decoys.Rsa;
        var wanted = jws.KeyId is null ? most : 1;
        while (tried.Count < int.Max(1, wanted))
            tried.Add(decoy);
        return Verify(jws, tried);
    }

    /// <summary>Keys whose private halves were dropped at once.</summary>
    private static class Decoys
    {
        internal static readonly SecurityKey Elliptic = new ECDsaSecurityKey(ECDsa.Create(ECCurve.NamedCurves.nistP256));
        internal static readonly SecurityKey Rsa = new RsaSecurityKey(RSA.Create(2048));
    }

    private static async ValueTask<bool> Verify(GuardedJws jws, IReadOnlyList<SecurityKey> candidates)
    {
        try
        {
            return (await Handler.ValidateTokenAsync(jws.Compact, Parameters(jws, candidates))).IsValid;
        }
        catch (Exception)
        {
            return false; // the handler throws on some malformed input instead of answering
        }
    }

    private static TokenValidationParameters Parameters(GuardedJws jws, IReadOnlyList<SecurityKey> candidates) =>
        new()
        {
            ValidAlgorithms = [jws.Algorithm],
            TryAllIssuerSigningKeys = false,
            IssuerSigningKeyResolver = (_, _, _, _) => candidates,
            IssuerValidator = static (issuer, _, _) => issuer ?? "none",
            AudienceValidator = (audiences, _, _) =>
                jws.Text("aud") is not { } audience || audiences.SequenceEqual([audience], StringComparer.Ordinal),
            LifetimeValidator = (_, expires, _, _) => expires == jws.Expires?.UtcDateTime,
        };
}
