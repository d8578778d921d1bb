using Authority.Keys;
using Tokens.Jose;

namespace Authority;

/// <summary>Recognises access tokens that this authority signed, expired ones included.</summary>
/// <param name="addresses">Our issuer identifier.</param>
/// <param name="ring">Our keys.</param>
public sealed class IssuedTokens(AuthorityAddresses addresses, KeyRing ring)
{
    /// <summary>The token; null when it is malformed, foreign, altered, or signed by a key that is gone.</summary>
    public async ValueTask<GuardedJws?> Recognise(string token)
    {
        if (JoseGuard.Read(token, JoseProfile.AccessToken, out _) is not { JwtId: not null, Expires: not null, Subject: not null } jws)
            return null;
        return jws.Issuer == addresses.Issuer && await JwsSignature.IsValid(jws, ring.PublicKeys) ? jws : null;
    }
}
