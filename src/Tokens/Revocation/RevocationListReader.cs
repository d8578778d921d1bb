using System.Collections.Immutable;
using System.Security.Cryptography;
using System.Text;
using Org.BouncyCastle.Asn1;
using Org.BouncyCastle.Asn1.X509;
using Org.BouncyCastle.X509;

namespace Tokens.Revocation;

/// <summary>
/// Reads revocation lists (RFC 5280 section 5), DER or PEM. Only whole lists of one issuer are taken: what a delta list, an indirect list
/// or a list for some reasons leaves out cannot be told from what was never revoked.
/// </summary>
internal static class RevocationListReader
{
    private const string Label = "X509 CRL";
    private const byte Sequence = 0x30;

    /// <summary>All lists of a file.</summary>
    /// <exception cref="RevocationRefused">One of them is not taken; says why.</exception>
    internal static ImmutableArray<RevocationList> Read(ReadOnlyMemory<byte> content)
    {
        if (content.IsEmpty)
            throw new RevocationRefused("empty", "it is empty");
        var lists = content.Span[0] == Sequence ? [One(content.ToArray())] : ReadPem(content.Span);
        return lists.IsEmpty ? throw new RevocationRefused("malformed", "it holds no revocation list") : lists;
    }

    private static ImmutableArray<RevocationList> ReadPem(ReadOnlySpan<byte> content)
    {
        var lists = ImmutableArray.CreateBuilder<RevocationList>();
        ReadOnlySpan<char> rest = Encoding.Latin1.GetString(content);
        while (PemEncoding.TryFind(rest, out var block))
        {
            if (rest[block.Label] is not Label)
                throw new RevocationRefused("malformed", "it holds something that is no revocation list");
            lists.Add(One(Convert.FromBase64String(rest[block.Base64Data].ToString())));
            rest = rest[block.Location.End..];
        }
        return lists.ToImmutable();
    }

    private static RevocationList One(byte[] der)
    {
        try
        {
            return Taken(der, new X509Crl(CertificateList.GetInstance(Asn1Object.FromByteArray(der))));
        }
        catch (Exception exception) when (exception is not (RevocationRefused or OutOfMemoryException))
        {
            // The library tells malformed bytes by many kinds of exception; whatever it is, there is no list.
            throw new RevocationRefused("malformed", "it is not a certificate revocation list", exception);
        }
    }

    private static RevocationList Taken(byte[] der, X509Crl crl)
    {
        if (crl.GetExtensionValue(X509Extensions.DeltaCrlIndicator) is not null)
            throw new RevocationRefused("delta", "it is a delta list: give whole lists");
        var scope = ScopeOf(crl);
        foreach (var critical in crl.GetCriticalExtensionOids() ?? new HashSet<string>(StringComparer.Ordinal))
            if (critical != X509Extensions.IssuingDistributionPoint.Id)
                throw new RevocationRefused("extension", $"it has the critical extension {critical}, which is not understood");
        if (crl.NextUpdate is not { } next)
            throw new RevocationRefused("no-next-update", "it does not say when the next one comes (nextUpdate)");
        var number = crl.GetExtensionValue(X509Extensions.CrlNumber) is { } text
            ? new System.Numerics.BigInteger(
                CrlNumber.GetInstance(Asn1Object.FromByteArray(text.GetOctets())).PositiveValue.ToByteArrayUnsigned(),
                isUnsigned: true,
                isBigEndian: true
            )
            : default(System.Numerics.BigInteger?);
        var serials = new HashSet<string>(StringComparer.Ordinal);
        foreach (var entry in crl.CertificateList.GetRevokedCertificateEnumeration())
            serials.Add(SerialNumber.Text(entry.UserCertificate.Value.ToByteArray()));
        return new RevocationList(der)
        {
            Issuer = Convert.ToHexString(crl.IssuerDN.GetDerEncoded()),
            IssuerWords = crl.IssuerDN.ToString(),
            Number = number,
            ThisUpdate = new DateTimeOffset(crl.ThisUpdate.ToUniversalTime()),
            NextUpdate = new DateTimeOffset(next.ToUniversalTime()),
            Serials = serials,
            Points = scope.Points,
            CoversLeaves = !scope.OnlyAuthorities,
            CoversAuthorities = !scope.OnlyLeaves,
        };
    }

    private static (ImmutableArray<string> Points, bool OnlyLeaves, bool OnlyAuthorities) ScopeOf(X509Crl crl)
    {
        if (crl.GetExtensionValue(X509Extensions.IssuingDistributionPoint) is not { } value)
            return ([], false, false);
        var scope = IssuingDistributionPoint.GetInstance(Asn1Object.FromByteArray(value.GetOctets()));
        if (scope.IsIndirectCrl)
            throw new RevocationRefused(
                "indirect",
                "it is an indirect list, of certificates of other issuers: give each issuer's own list"
            );
        if (scope.OnlySomeReasons is not null)
            throw new RevocationRefused("some-reasons", "it covers some reasons only: give whole lists");
        if (scope.OnlyContainsAttributeCerts)
            throw new RevocationRefused("attribute-certificates", "it is about attribute certificates only");
        return (
            scope.DistributionPoint is { } point ? DistributionPoints.Of(point) : [],
            scope.OnlyContainsUserCerts,
            scope.OnlyContainsCACerts
        );
    }
}
