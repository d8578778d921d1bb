using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Microsoft.Extensions.Primitives;
using Microsoft.IdentityModel.Tokens;
using Tokens.Jose;
using Tokens.Replay;

namespace Tokens.Possession;

/// <summary>What a proof must be made for.</summary>
/// <param name="Headers">The <c>DPoP</c> header lines as received.</param>
/// <param name="Method">HTTP method.</param>
/// <param name="Url">The <em>configured</em> public address of the endpoint, never the Host header.</param>
public readonly record struct DpopRequest(StringValues Headers, string Method, Uri Url)
{
    /// <summary>The access token that the proof accompanies; null at the token endpoint.</summary>
    public string? AccessToken { get; init; }

    /// <summary>Thumbprint to which that token is bound; null at the token endpoint.</summary>
    public string? BoundTo { get; init; }
}

/// <summary>
/// Verifies DPoP proofs (RFC 9449 section 4.3) in the order of the authority page, section 8. Nothing is remembered of a proof but that it
/// was used.
/// </summary>
/// <param name="replay">Memory of used proofs.</param>
/// <param name="nonces">Server nonces; null where none are asked for.</param>
/// <param name="time">Clock.</param>
public sealed class DpopProofs(IReplayGuard replay, DpopNonces? nonces, TimeProvider time)
{
    private static readonly TimeSpan Window = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan Memory = TimeSpan.FromSeconds(180);
    private const int MaxIdLength = 256;
    private const int LongestRsa = 4096; // the key is the caller's choice, and every proof costs a check with it

    /// <summary>Verifies the proof of a request and spends it.</summary>
    /// <exception cref="ReplayUnavailable">Nobody can tell whether the proof was used: 503.</exception>
    public async ValueTask<DpopResult> Verify(DpopRequest request)
    {
        var next = nonces?.Current;
        DpopResult Refused(DpopDefect defect) => new(defect, Jkt: null, next);
        if (request.Headers.Count == 0)
            return Refused(DpopDefect.Missing);
        if (request.Headers.Count > 1 || request.Headers[0] is not { } header || header.Contains(',', StringComparison.Ordinal))
            return Refused(DpopDefect.Repeated);
        if (JoseGuard.Read(header, JoseProfile.DpopProof, out _) is not { } proof)
            return Refused(DpopDefect.Malformed);
        if (ReadKey(proof) is not { } key)
            return Refused(DpopDefect.Key);
        if (!await JwsSignature.IsValidBy(proof, key))
            return Refused(DpopDefect.Signature);
        var defect = Judge(proof, request);
        if (defect != DpopDefect.None)
            return Refused(defect);
        var jkt = KeySet.Thumbprint(key);
        if (request.BoundTo is { } bound && !Same(bound, jkt))
            return Refused(DpopDefect.OtherKey);
        return await replay.ReserveAsync(ReplayKey.Of(ReplayKind.Proof, jkt, proof.JwtId!), time.GetUtcNow() + Memory)
            ? new DpopResult(DpopDefect.None, jkt, next)
            : Refused(DpopDefect.Replayed);
    }

    private DpopDefect Judge(GuardedJws proof, DpopRequest request)
    {
        if (
            proof.JwtId is not { Length: > 0 and <= MaxIdLength }
            || proof.IssuedAt is not { } issuedAt
            || proof.Text("htm") is not { } method
            || proof.Text("htu") is not { } target
        )
            return DpopDefect.Claims;
        if (method != request.Method || !IsSameTarget(target, request.Url))
            return DpopDefect.Target;
        var now = time.GetUtcNow();
        var vouched = false;
        if (nonces is not null)
        {
            if (proof.Text("nonce") is not { } nonce || !nonces.IsFresh(nonce))
                return DpopDefect.NonceWanted;
            vouched = true; // partners' clocks may be wrong: with our nonce, iat only has to be there
        }
        if (!vouched && (issuedAt - now).Duration() > Window)
            return DpopDefect.Time;
        if (proof.NotBefore - now > ClockTolerance.Ahead || (proof.Expires is { } expires && ClockTolerance.IsPast(expires, now)))
            return DpopDefect.Time;
        return request.AccessToken is { } token && (proof.Text("ath") is not { } ath || !Same(ath, HashOf(token)))
            ? DpopDefect.OtherToken
            : DpopDefect.None;
    }

    /// <summary>
    /// The public key in the header; null when it is missing, private, unusable or too long. Never cached: strangers choose it.
    /// </summary>
    private static JsonWebKey? ReadKey(GuardedJws proof)
    {
        if (!proof.Header.TryGetProperty("jwk", out var jwk) || jwk.ValueKind != JsonValueKind.Object)
            return null;
        var key = KeySet.ReadKey(jwk.GetRawText(), LongestRsa);
        return key?.Alg == proof.Algorithm ? key : null;
    }

    /// <summary>
    /// Scheme and host without case, default port dropped, query and fragment ignored, path exact. An address is ASCII (RFC 3986): of some
    /// other texts <see cref="Uri.TryCreate(string, UriKind, out Uri)"/> throws.
    /// </summary>
    internal static bool IsSameTarget(string target, Uri url) =>
        Ascii.IsValid(target)
        && Uri.TryCreate(target, UriKind.Absolute, out var made)
        && made.Scheme == url.Scheme
        && made.Host == url.Host
        && made.Port == url.Port
        && made.UserInfo.Length == 0
        && made.AbsolutePath == url.AbsolutePath;

    private static string HashOf(string token) => Base64Url.EncodeToString(SHA256.HashData(Encoding.ASCII.GetBytes(token)));

    private static bool Same(string left, string right) =>
        CryptographicOperations.FixedTimeEquals(Encoding.UTF8.GetBytes(left), Encoding.UTF8.GetBytes(right));
}
