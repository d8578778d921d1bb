using Tokens.Jose;
using Tokens.Possession;
using Tokens.Transport;

namespace Tokens.Access;

/// <summary>
/// Steps 2 to 5, 7 and the parsing of 9 of the resource server's check (authority page, section 13; RFC 9068 section 4): cheap before
/// dear, and no step is skipped by the cache but 2 to 4. Steps 6, 8, 10 and the agreement's version are the gateway's, on every call,
/// for connections and tokens outlive registrations. Thread-safe.
/// </summary>
/// <param name="issuers">Whose tokens count.</param>
/// <param name="audience">This gateway's resource identifier; it must stand alone in <c>aud</c>.</param>
/// <param name="time">Clock.</param>
public sealed class AccessTokenValidator(TrustedIssuers issuers, string audience, TimeProvider time)
{
    private const int CacheLimit = 10_000;
    private readonly ValidatedTokens _validated = new(CacheLimit);

    /// <summary>Entries in the cache, for a gauge.</summary>
    public int Cached => _validated.Count;

    /// <summary>Judges a call's token. Completes synchronously, without allocating, for a token seen before.</summary>
    /// <param name="credentials">From <see cref="TokenCredentials.Read"/> (step 1).</param>
    /// <param name="certificate">Certificate of the connection; null on a listener without.</param>
    public ValueTask<TokenResult> Validate(TokenCredentials credentials, PresentedCertificate? certificate)
    {
        if (!ValidatedTokens.TryHash(credentials.Token.Span, out var key)) return new(new TokenResult(Token: null, TokenDefect.Malformed));
        return _validated.Find(key, time.GetUtcNow()) is { } known
            ? new(Possessed(known, credentials.Scheme, certificate))
            : Verified(credentials, key, certificate);
    }

    private async ValueTask<TokenResult> Verified(TokenCredentials credentials, ValidatedTokens.Key key, PresentedCertificate? certificate)
    {
        var jws = JoseGuard.Read(credentials.Token.ToString(), JoseProfile.AccessToken, out _);          // 2
        if (jws is null) return Refused(TokenDefect.Malformed);
        if (issuers.Find(jws.Issuer) is not { } issuer) return Refused(TokenDefect.UnknownIssuer);      // 3
        if (!issuer.Algorithms.Contains(jws.Algorithm, StringComparer.Ordinal)) return Refused(TokenDefect.Algorithm);
        var keys = await issuer.Keys.For(jws.KeyId!);
        if (keys.AlgorithmOf(jws.KeyId!) != jws.Algorithm) return Refused(TokenDefect.UnknownKey);
        if (!await JwsSignature.IsValid(jws, keys)) return Refused(TokenDefect.Signature);              // 4
        var defect = JudgeClaims(jws, issuer, time.GetUtcNow());                                         // 4, 5
        if (defect != TokenDefect.None) return Refused(defect, authentic: true);
        if (AccessTokenReader.Read(jws, issuer, out defect) is not { } token) return Refused(defect, authentic: true);   // 7, 9
        _validated.Keep(key, token);
        return Possessed(token, credentials.Scheme, certificate);
    }

    private TokenDefect JudgeClaims(GuardedJws jws, TrustedIssuer issuer, DateTimeOffset now)
    {
        if (jws.Expires is not { } expires || jws.IssuedAt is not { } issuedAt) return TokenDefect.Claims;
        if (ClockTolerance.IsPast(expires, now)) return TokenDefect.Expired;
        if (ClockTolerance.IsAhead(jws, now) || expires <= issuedAt || expires - issuedAt > issuer.MaxLifetime) return TokenDefect.Lifetime;
        return jws.IsFor(audience) ? TokenDefect.None : TokenDefect.Audience;
    }

    /// <summary>Step 7: a stolen token is worth nothing without the key that it is bound to. Both bindings must hold where both stand.</summary>
    private static TokenResult Possessed(AccessToken token, TokenScheme scheme, PresentedCertificate? certificate)
    {
        if (token.X5tS256 is not null && (certificate is null || !CertificateBinding.Holds(token.CertificateHash, certificate)))
            return Refused(TokenDefect.OtherCertificate, authentic: true);
        if (token.Jkt is not null || scheme == TokenScheme.DPoP) return Refused(TokenDefect.Scheme, authentic: true);
        return new(token, TokenDefect.None, Authentic: true);
    }

    private static TokenResult Refused(TokenDefect defect, bool authentic = false) => new(Token: null, defect, authentic);
}
