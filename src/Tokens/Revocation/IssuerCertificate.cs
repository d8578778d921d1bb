using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Org.BouncyCastle.X509;

namespace Tokens.Revocation;

/// <summary>An authority that signs lists: a root of a set, or an intermediate of a chain that the handshake has built.</summary>
internal sealed class IssuerCertificate
{
    private readonly byte[] _der;

    internal IssuerCertificate(X509Certificate2 certificate)
    {
        _der = certificate.RawData;
        Name = Convert.ToHexString(certificate.SubjectName.RawData);
        Key = Convert.ToHexString(SHA256.HashData(certificate.PublicKey.ExportSubjectPublicKeyInfo()));
        Words = certificate.Subject;
        MaySignLists = true;
        foreach (var extension in certificate.Extensions)
            if (extension is X509KeyUsageExtension usage)
                MaySignLists = usage.KeyUsages.HasFlag(X509KeyUsageFlags.CrlSign);
    }

    /// <summary>Its name, the DER form in hexadecimal.</summary>
    internal string Name { get; }

    /// <summary>Its name for people.</summary>
    internal string Words { get; }

    /// <summary>Tells its key from others.</summary>
    internal string Key { get; }

    /// <summary>Its key usage allows it.</summary>
    internal bool MaySignLists { get; }

    internal Org.BouncyCastle.X509.X509Certificate Read() => new X509CertificateParser().ReadCertificate(_der);
}
