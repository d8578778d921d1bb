using System.Buffers.Text;
using System.Collections.Concurrent;
using System.Collections.Immutable;
using System.Numerics;
using System.Security.Cryptography;
using Org.BouncyCastle.X509;

namespace Tokens.Revocation;

/// <summary>One revocation list as read. It counts for an issuer only after <see cref="IsSignedBy"/>. Thread-safe.</summary>
/// <param name="der">Its bytes, against which signatures are verified.</param>
internal sealed class RevocationList(byte[] der)
{
    // Several certificates of one name may stand above different chains; whoever can make more of them is an authority that we trust.
    private const int MostSigners = 16;
    private readonly ConcurrentDictionary<string, bool> _signers = new(StringComparer.Ordinal);

    /// <summary>The issuer's name, its DER form in hexadecimal.</summary>
    internal required string Issuer { get; init; }

    /// <summary>The issuer's name for people.</summary>
    internal required string IssuerWords { get; init; }

    /// <summary>Counts up from list to list; null where the issuer does not count.</summary>
    internal required BigInteger? Number { get; init; }

    /// <summary>When it was made.</summary>
    internal required DateTimeOffset ThisUpdate { get; init; }

    /// <summary>When it ends: what it says about the good ones counts no longer, what it says about the revoked ones does.</summary>
    internal required DateTimeOffset NextUpdate { get; init; }

    /// <summary>Serial numbers that it revokes.</summary>
    internal required HashSet<string> Serials { get; init; }

    /// <summary>Addresses of the distribution point that it is for; empty when it is for all.</summary>
    internal required ImmutableArray<string> Points { get; init; }

    /// <summary>It is about certificates of clients and servers.</summary>
    internal required bool CoversLeaves { get; init; }

    /// <summary>It is about certificates of authorities.</summary>
    internal required bool CoversAuthorities { get; init; }

    /// <summary>Would it name this certificate if that were revoked?</summary>
    internal bool Covers(ChainLink link)
    {
        if (!(link.IsAuthority ? CoversAuthorities : CoversLeaves))
            return false;
        return Points.IsEmpty || link.Points.Any(point => Points.Contains(point, StringComparer.Ordinal));
    }

    /// <summary>Did this issuer sign it? Verified once for each key; the algorithm must be one of today's.</summary>
    internal bool IsSignedBy(IssuerCertificate issuer)
    {
        if (issuer.Name != Issuer)
            return false;
        if (_signers.TryGetValue(issuer.Key, out var known))
            return known;
        return _signers.Count < MostSigners && _signers.GetOrAdd(issuer.Key, _ => Verify(issuer));
    }

    /// <summary>base64url SHA-256 of its bytes.</summary>
    internal string Digest { get; } = Base64Url.EncodeToString(SHA256.HashData(der));

    /// <summary>Some issuer was found to have signed it.</summary>
    internal bool IsVerified => _signers.Values.Contains(value: true);

    /// <summary>May it take the place of <paramref name="held"/>? Says what is wrong when not: a list never goes back.</summary>
    internal string? WhyNotAfter(RevocationList held) =>
        WhyNotAfter((Number, ThisUpdate, Digest), (held.Number, held.ThisUpdate, held.Digest));

    /// <summary>The same by number, time and digest of both.</summary>
    internal static string? WhyNotAfter(
        (BigInteger? Number, DateTimeOffset Made, string Digest) list,
        (BigInteger? Number, DateTimeOffset Made, string Digest) held
    )
    {
        if (list.Digest == held.Digest)
            return null;
        if (list.Number < held.Number)
            return $"its number {list.Number} is below {held.Number}, which is held";
        if (list.Made < held.Made)
            return $"it was made at {list.Made:O}, before the one that is held";
        if (list.Number is { } same && same == held.Number)
            return $"its number {same} is that of the one held, its bytes are others";
        if (list.Number is null && held.Number is not null)
            return $"it has no number, and the one held has {held.Number}";
        return list.Number is null && list.Made == held.Made ? $"it is as old as the one held, {list.Made:O}, its bytes are others" : null;
    }

    private bool Verify(IssuerCertificate issuer)
    {
        try
        {
            var crl = new X509CrlParser().ReadCrl(der);
            if (!SignatureAlgorithms.Contain(crl.CertificateList.SignatureAlgorithm) || !issuer.MaySignLists)
                return false;
            crl.Verify(issuer.Read().GetPublicKey());
            return true;
        }
        catch (Exception exception) when (exception is not OutOfMemoryException)
        {
            // Whatever the library objects to, this issuer did not sign it.
            return false;
        }
    }
}
