using System.Security.Cryptography.X509Certificates;
using Ledger;

namespace Sandbox.Pki;

/// <summary>A certificate and its private key as PEM files of the state folder.</summary>
/// <param name="Certificate">Absolute path of the certificate.</param>
/// <param name="Key">Absolute path of the PKCS#8 key, mode 0600.</param>
public sealed record CertificateFiles(string Certificate, string Key)
{
    /// <summary>Reads certificate and key; the caller disposes the result.</summary>
    public X509Certificate2 Load() => SecretFile.Certificate(Certificate, Key);

    /// <summary>Writes both files; the key first, so that a certificate on disk always has its key.</summary>
    public void Save(X509Certificate2 certificate)
    {
        using var key = certificate.GetECDsaPrivateKey() ?? throw new InvalidOperationException("The town's keys are P-256.");
        StateFolder.WriteSecret(Key, key.ExportPkcs8PrivateKeyPem());
        StateFolder.WritePublic(Certificate, certificate.ExportCertificatePem() + "\n");
    }
}
