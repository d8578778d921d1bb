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
/// <param name="proofs">Verifies DPoP proofs, step 10 included; null refuses every token that is bound by DPoP.</param>
public sealed class AccessTokenValidator(TrustedIssuers issuers, string audience, TimeProvider time, DpopProofs? proofs = null)
{
    private const int CacheLimit = 10_000;
    private readonly ValidatedTokens _validated = new(CacheLimit);

    /// <summary>Entries in the cache, for a gauge.</summary>
    public int Cached => _validated.Count;

    /// <summary>Judges a call's token. Completes synchronously, without allocating, for a certificate-bound token seen before.</summary>
    /// <param name="credentials">From <see cref="TokenCredentials.Read"/> (step 1).</param>
    /// <param name="certificate">Certificate of the connection; null on a listener without.</param>
    /// <param name="proof">The call's DPoP headers, method and configured address; null where DPoP is not served.</param>
    public ValueTask<TokenResult> Validate(TokenCredentials credentials, PresentedCertificate? certificate, DpopRequest? proof = null)
    {
        if (!ValidatedTokens.TryHash(credentials.Token.Span, out var key))
            return new(new TokenResult(Token: null, TokenDefect.Malformed));
        return _validated.Find(key, time.GetUtcNow()) is { } known
            ? Possessed(known, credentials, certificate, proof)
            : Verified(credentials, key, certificate, proof);
    }

    private async ValueTask<TokenResult> Verified(
        TokenCredentials credentials,
        ValidatedTokens.Key key,
        PresentedCertificate? certificate,
        DpopRequest? proof
    )
    {
        var jws = JoseGuard.Read(credentials.Token.ToString(), JoseProfile.AccessToken, out _); // 2
        if (jws is null)
            return Refused(TokenDefect.Malformed);
        if (issuers.Find(jws.Issuer) is not { } issuer)
            return Refused(TokenDefect.UnknownIssuer); // 3
        if (!issuer.Algorithms.Contains(jws.Algorithm, StringComparer.Ordinal))
            return Refused(TokenDefect.Algorithm);
        var keys = await issuer.Keys.For(jws.KeyId!);
        // Nobody is blamed for a token that could not be looked at.
        if (keys.Keys.IsEmpty || (issuer.Keys.Fault is not null && !keys.Has(jws.KeyId!)))
            return Refused(TokenDefect.KeysUnavailable);
        if (keys.AlgorithmOf(jws.KeyId!) != jws.Algorithm)
            return Refused(TokenDefect.UnknownKey);
        if (!await JwsSignature.IsValid(jws, keys))
            return Refused(TokenDefect.Signature); // 4
        var defect = JudgeClaims(jws, issuer, time.GetUtcNow()); // 4, 5
        if (defect != TokenDefect.None)
            return Refused(defect, authentic: true);
        if (AccessTokenReader.Read(jws, issuer, out defect) is not { } token)
            return Refused(defect, authentic: true); // 7, 9
        _validated.Keep(key, token);
        return await Possessed(token, credentials, certificate, proof);
    }

    private TokenDefect JudgeClaims(GuardedJws jws, TrustedIssuer issuer, DateTimeOffset now)
    {
        if (jws.Expires is not { } expires || jws.IssuedAt is not { } issuedAt)
            return TokenDefect.Claims;
        if (ClockTolerance.IsPast(expires, now))
            return TokenDefect.Expired;
        if (ClockTolerance.IsAhead(jws, now) || expires <= issuedAt || expires - issuedAt > issuer.MaxLifetime)
            return TokenDefect.Lifetime;
        return jws.IsFor(audience) ? TokenDefect.None : TokenDefect.Audience;
    }

    /// <summary>
    /// Step 7: a stolen token is worth nothing without the key that it is bound to. Both bindings must hold where both stand.
    /// </summary>
    private ValueTask<TokenResult> Possessed(
        AccessToken token,
        TokenCredentials credentials,
        PresentedCertificate? certificate,
        DpopRequest? proof
    )
    {
        if (token.X5tS256 is not null && (certificate is null || !CertificateBinding.Holds(token.CertificateHash, certificate)))
            return new(Refused(TokenDefect.OtherCertificate, authentic: true));
        if (token.Jkt is not null != (credentials.Scheme == TokenScheme.DPoP))
            return new(Refused(TokenDefect.Scheme, authentic: true));
        return token.Jkt is null ? new(new TokenResult(token, TokenDefect.None, Authentic: true)) : Proved(token, credentials, proof);
    }

    /// <summary>A proof is never cached: each call brings its own, and it is spent here (step 10).</summary>
    private async ValueTask<TokenResult> Proved(AccessToken token, TokenCredentials credentials, DpopRequest? proof)
    {
        if (proofs is null || proof is not { } request)
            return Refused(TokenDefect.Scheme, authentic: true);
        var result = await proofs.Verify(request with { AccessToken = credentials.Token.ToString(), BoundTo = token.Jkt });
        var defect = result.Defect switch
        {
            DpopDefect.None => TokenDefect.None,
            DpopDefect.NonceWanted => TokenDefect.NonceWanted,
            _ => TokenDefect.Proof,
        };
        return new TokenResult(defect == TokenDefect.None ? token : null, defect, Authentic: true) { DpopNonce = result.NextNonce };
    }

    private static TokenResult Refused(TokenDefect defect, bool authentic = false) => new(Token: null, defect, authentic);
}
