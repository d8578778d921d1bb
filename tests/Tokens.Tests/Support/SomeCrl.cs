using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Org.BouncyCastle.Asn1.X509;
using Org.BouncyCastle.Crypto.Operators;
using Org.BouncyCastle.Math;
using Org.BouncyCastle.Security;
using Org.BouncyCastle.X509;

namespace Tokens.Tests.Support;

/// <summary>Revocation lists made on the spot: sound ones by the framework, odd ones by the other library.</summary>
internal static class SomeCrl
{
    /// <summary>A whole list of an issuer.</summary>
    public static byte[] Of(
        X509Certificate2 issuer,
        int number,
        DateTimeOffset? until = null,
        DateTimeOffset? made = null,
        params X509Certificate2[] revoked
    )
    {
        var list = new CertificateRevocationListBuilder();
        foreach (var one in revoked)
            list.AddEntry(one);
        return Of(issuer, list, number, until, made);
    }

    /// <summary>A list with many entries beside one that is looked for.</summary>
    public static byte[] Large(X509Certificate2 issuer, int entries, X509Certificate2 revoked)
    {
        var (list, serial) = (new CertificateRevocationListBuilder(), new byte[16]);
        for (var i = 0; i < entries; i++)
        {
            RandomNumberGenerator.Fill(serial);
            serial[0] = (byte)(serial[0] & 0x3f | 0x40);
            list.AddEntry(serial);
        }
        list.AddEntry(revoked);
        return Of(issuer, list, number: 1, until: null, made: null);
    }

    /// <summary>A list with extensions, dates or an algorithm of the test's own.</summary>
    public static byte[] Odd(
        X509Certificate2 issuer,
        Action<X509V2CrlGenerator> change,
        string algorithm = "SHA256withECDSA",
        params X509Certificate2[] revoked
    )
    {
        var generator = new X509V2CrlGenerator();
        generator.SetIssuerDN(new X509CertificateParser().ReadCertificate(issuer.RawData).SubjectDN);
        generator.SetThisUpdate(DateTime.UtcNow.AddMinutes(-1));
        generator.SetNextUpdate(DateTime.UtcNow.AddDays(1));
        foreach (var one in revoked)
            generator.AddCrlEntry(new BigInteger(one.SerialNumber, 16), DateTime.UtcNow, CrlReason.KeyCompromise);
        change(generator);
        var key = PrivateKeyFactory.CreateKey(issuer.GetECDsaPrivateKey()!.ExportPkcs8PrivateKey());
        return generator.Generate(new Asn1SignatureFactory(algorithm, key)).GetEncoded();
    }

    /// <summary>The same in PEM form.</summary>
    public static string Pem(byte[] list) => PemEncoding.WriteString("X509 CRL", list) + "\n";

    private static byte[] Of(
        X509Certificate2 issuer,
        CertificateRevocationListBuilder list,
        int number,
        DateTimeOffset? until,
        DateTimeOffset? made
    )
    {
        var from = made ?? DateTimeOffset.UtcNow.AddMinutes(-1);
        return list.Build(
            issuer,
            number,
            until ?? DateTimeOffset.UtcNow.AddDays(7),
            HashAlgorithmName.SHA256,
            rsaSignaturePadding: null,
            from
        );
    }
}
