using System.Collections.Immutable;
using System.Security.Cryptography.X509Certificates;
using Org.BouncyCastle.X509;
using Tokens.Transport;

namespace Tokens.Revocation;

/// <summary>
/// One certificate of a chain below its root, with all that lists and stops are asked about. Made once for each connection.
/// </summary>
internal sealed class ChainLink
{
    private readonly byte[] _der;

    private ChainLink(X509Certificate2 certificate, IssuerCertificate? issuer)
    {
        _der = certificate.RawData;
        Issuer = issuer;
        IssuerName = Convert.ToHexString(certificate.IssuerName.RawData);
        IssuerWords = certificate.Issuer;
        Serial = SerialNumber.Text(certificate.SerialNumberBytes.Span);
        Fingerprint = PresentedCertificate.ThumbprintOf(certificate);
        Numbered = CertificateId.Of(certificate.IssuerName, Serial);
        foreach (var extension in certificate.Extensions)
            if (extension is X509BasicConstraintsExtension { CertificateAuthority: true })
                IsAuthority = true;
    }

    /// <summary>The certificate above it; null when no chain was built.</summary>
    internal IssuerCertificate? Issuer { get; }

    /// <summary>The issuer's name, its DER form in hexadecimal.</summary>
    internal string IssuerName { get; }

    /// <summary>The issuer's name for people.</summary>
    internal string IssuerWords { get; }

    /// <summary>Serial number.</summary>
    internal string Serial { get; }

    /// <summary>base64url SHA-256: how the list of stops names it.</summary>
    internal string Fingerprint { get; }

    /// <summary>Issuer and serial number: the other way in which it may be stopped. Null when the issuer's name has no such form.</summary>
    internal string? Numbered { get; }

    /// <summary>It is an authority's.</summary>
    internal bool IsAuthority { get; }

    /// <summary>Distribution points that it names, read at the first question.</summary>
    internal ImmutableArray<string> Points => field.IsDefault ? field = PointsOf(_der) : field;

    /// <summary>The certificate and the intermediates above it; the root, which nobody can revoke but who trusts it, is left out.</summary>
    /// <param name="certificate">The certificate.</param>
    /// <param name="above">What the handshake has built above it, the root last; empty when it needs no chain.</param>
    internal static ImmutableArray<ChainLink> Of(X509Certificate2 certificate, ImmutableArray<ReadOnlyMemory<byte>> above)
    {
        var links = ImmutableArray.CreateBuilder<ChainLink>();
        var (current, owned) = (certificate, default(X509Certificate2));
        foreach (var der in above)
        {
            var next = X509CertificateLoader.LoadCertificate(der.Span);
            links.Add(new ChainLink(current, new IssuerCertificate(next)));
            owned?.Dispose();
            current = owned = next;
        }
        if (above.IsEmpty)
            links.Add(new ChainLink(certificate, issuer: null));
        owned?.Dispose();
        return links.ToImmutable();
    }

    private static ImmutableArray<string> PointsOf(byte[] der)
    {
        try
        {
            return DistributionPoints.Of(new X509CertificateParser().ReadCertificate(der));
        }
        catch (Exception exception) when (exception is not OutOfMemoryException)
        {
            return []; // no list for a point covers it then
        }
    }
}
