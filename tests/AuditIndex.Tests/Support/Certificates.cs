using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Ledger;

namespace AuditIndex.Tests.Support;

/// <summary>A CA and what it signed, as PEM files in a folder: <c>ca.pem</c>, <c>NAME.pem</c>, <c>NAME.key.pem</c>.</summary>
internal static class Certificates
{
    public static void Make(string folder, params string[] names)
    {
        Directory.CreateDirectory(folder);
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=test ca", key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, true));
        var (from, to) = (DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddDays(2));
        using var ca = request.CreateSelfSigned(from, to);
        File.WriteAllText(Path.Combine(folder, "ca.pem"), ca.ExportCertificatePem());
        foreach (var name in names)
        {
            using var own = ECDsa.Create(ECCurve.NamedCurves.nistP256);
            var leaf = new CertificateRequest("CN=" + name, own, HashAlgorithmName.SHA256);
            var alternative = new SubjectAlternativeNameBuilder();
            alternative.AddIpAddress(IPAddress.Loopback);
            leaf.CertificateExtensions.Add(alternative.Build());
            using var signed = leaf.Create(ca, from, to, RandomNumberGenerator.GetBytes(8));
            File.WriteAllText(Path.Combine(folder, name + ".pem"), signed.ExportCertificatePem());
            using var secret = new StreamWriter(SecretFile.Create(Path.Combine(folder, name + ".key.pem")));
            secret.Write(own.ExportPkcs8PrivateKeyPem());
        }
    }
}
