using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Ledger;

namespace Sandbox.Pki;

/// <summary>
/// A certification authority of the town: a P-256 root that signs leaves directly (path length 0). The X.509 encoding is
/// the framework's; this class only decides what the certificates say (hardening page, section 5.1).
/// </summary>
public sealed class DevelopmentAuthority : IDisposable
{
    private const string ServerAuthentication = "1.3.6.1.5.5.7.3.1";
    private const string ClientAuthentication = "1.3.6.1.5.5.7.3.2";
    private static readonly TimeSpan Backdate = TimeSpan.FromHours(1);
    private readonly TimeProvider _clock;

    private DevelopmentAuthority(X509Certificate2 certificate, TimeProvider clock)
    {
        Certificate = certificate;
        this._clock = clock;
    }

    /// <summary>The root with its private key.</summary>
    public X509Certificate2 Certificate { get; }

    /// <summary>The root without its key, PEM: what the other side is given to trust.</summary>
    public string CertificatePem => Certificate.ExportCertificatePem();

    /// <summary>Makes a new authority in memory.</summary>
    /// <param name="name">Common name of the root.</param>
    /// <param name="clock">Time.</param>
    /// <param name="life">Validity; five years unless stated.</param>
    public static DevelopmentAuthority Create(string name, TimeProvider clock, TimeSpan? life = null)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest($"CN={name}, O=synthetic development authority", key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, true, 0, true));
        request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.KeyCertSign | X509KeyUsageFlags.CrlSign, true));
        request.CertificateExtensions.Add(new X509SubjectKeyIdentifierExtension(request.PublicKey, false));
        var from = clock.GetUtcNow() - Backdate;
        return new DevelopmentAuthority(request.CreateSelfSigned(from, from + (life ?? TimeSpan.FromDays(5 * 365))), clock);
    }

    /// <summary>Reads an authority from its PEM files.</summary>
    public static DevelopmentAuthority Load(string certificatePath, string keyPath, TimeProvider clock) =>
        new(SecretFile.Certificate(certificatePath, keyPath), clock);

    /// <summary>Makes a key pair and a certificate for it.</summary>
    /// <returns>The certificate with its private key; the caller disposes it.</returns>
    public X509Certificate2 Issue(CertificateProfile profile)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest($"CN={profile.Name}, O=synthetic", key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(false, false, 0, true));
        request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.DigitalSignature, true));
        request.CertificateExtensions.Add(new X509SubjectKeyIdentifierExtension(request.PublicKey, false));
        request.CertificateExtensions.Add(X509AuthorityKeyIdentifierExtension.CreateFromCertificate(Certificate, true, false));
        if (Usage(profile.Use) is { } usage)
            request.CertificateExtensions.Add(new X509EnhancedKeyUsageExtension([new Oid(usage)], false));
        if (Names(profile) is { } names)
            request.CertificateExtensions.Add(names);

        var from = _clock.GetUtcNow() - Backdate + profile.Shift;
        var until = from + profile.Life;
        // A leaf never outlives its root, and an expired one may not start before it: the framework refuses both.
        var (first, last) = (new DateTimeOffset(Certificate.NotBefore), new DateTimeOffset(Certificate.NotAfter));
        if (from < first)
            from = first;
        if (until > last)
            until = last;
        using var issued = request.Create(Certificate, from, until, RandomNumberGenerator.GetBytes(16));
        return issued.CopyWithPrivateKey(key);
    }

    /// <inheritdoc/>
    public void Dispose() => Certificate.Dispose();

    private static string? Usage(CertificateUse use) =>
        use switch
        {
            CertificateUse.Server => ServerAuthentication,
            CertificateUse.Client => ClientAuthentication,
            _ => null,
        };

    private static X509Extension? Names(CertificateProfile profile)
    {
        if (profile.Hosts.IsEmpty && profile.Uri is null)
            return null;
        var names = new SubjectAlternativeNameBuilder();
        foreach (var host in profile.Hosts)
        {
            if (IPAddress.TryParse(host, out var address))
                names.AddIpAddress(address);
            else
                names.AddDnsName(host);
        }
        if (profile.Uri is { } uri)
            names.AddUri(new Uri(uri));
        return names.Build();
    }
}
