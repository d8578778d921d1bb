using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Tokens.Tests.Support;

/// <summary>Certificates made on the spot; every deviation from a sound client certificate is one argument.</summary>
internal sealed class TestPki
{
    public const string ClientUsage = "1.3.6.1.5.5.7.3.2";
    public const string ServerUsage = "1.3.6.1.5.5.7.3.1";
    public const string AnyUsage = "2.5.29.37.0";
    private int _serial;

    public TestPki(string name = "CN=Partner CA", DateTimeOffset? notBefore = null, DateTimeOffset? notAfter = null) =>
        Root = Authority(name, issuer: null, pathLength: null, notBefore, notAfter);

    public X509Certificate2 Root { get; }

    public X509Certificate2 Authority(
        string name,
        X509Certificate2? issuer,
        int? pathLength,
        DateTimeOffset? notBefore = null,
        DateTimeOffset? notAfter = null,
        bool isAuthority = true
    )
    {
        var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest(name, key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(
            new X509BasicConstraintsExtension(isAuthority, pathLength is not null, pathLength ?? 0, critical: true)
        );
        request.CertificateExtensions.Add(
            new X509KeyUsageExtension(X509KeyUsageFlags.KeyCertSign | X509KeyUsageFlags.CrlSign, critical: true)
        );
        request.CertificateExtensions.Add(new X509SubjectKeyIdentifierExtension(request.PublicKey, critical: false));
        var (from, to) = (notBefore ?? DateTimeOffset.UtcNow.AddDays(-40), notAfter ?? DateTimeOffset.UtcNow.AddDays(40));
        if (issuer is not null && to > new DateTimeOffset(issuer.NotAfter))
            to = new DateTimeOffset(issuer.NotAfter);
        if (issuer is not null && from < new DateTimeOffset(issuer.NotBefore))
            from = new DateTimeOffset(issuer.NotBefore);
        return issuer is null ? request.CreateSelfSigned(from, to) : request.Create(issuer, from, to, Serial()).CopyWithPrivateKey(key);
    }

    public X509Certificate2 Leaf(
        string[]? usages = null,
        X509Certificate2? issuer = null,
        string name = "CN=client",
        Action<SubjectAlternativeNameBuilder>? names = null,
        AsymmetricAlgorithm? key = null,
        DateTimeOffset? notBefore = null,
        DateTimeOffset? notAfter = null
    )
    {
        issuer ??= Root;
        key ??= ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = key is RSA rsa
            ? new CertificateRequest(name, rsa, HashAlgorithmName.SHA256, RSASignaturePadding.Pss)
            : new CertificateRequest(name, (ECDsa)key, HashAlgorithmName.SHA256);
        Fill(request, usages ?? [ClientUsage], names);
        var generator = X509SignatureGenerator.CreateForECDsa(issuer.GetECDsaPrivateKey()!);
        var certificate = request.Create(
            issuer.SubjectName,
            generator,
            notBefore ?? DateTimeOffset.UtcNow.AddDays(-10),
            notAfter ?? DateTimeOffset.UtcNow.AddDays(10),
            Serial()
        );
        return key is RSA owner ? certificate.CopyWithPrivateKey(owner) : certificate.CopyWithPrivateKey((ECDsa)key);
    }

    public static X509Certificate2 SelfSigned(string[]? usages = null, string name = "CN=alone")
    {
        var request = new CertificateRequest(name, ECDsa.Create(ECCurve.NamedCurves.nistP256), HashAlgorithmName.SHA256);
        Fill(request, usages ?? [ClientUsage], names: null);
        return request.CreateSelfSigned(DateTimeOffset.UtcNow.AddDays(-10), DateTimeOffset.UtcNow.AddDays(10));
    }

    public X509Certificate2 Server() => Leaf([ServerUsage], name: "CN=localhost", names: static names =>
        {
            names.AddDnsName("localhost");
            names.AddIpAddress(IPAddress.Loopback);
        });

    private static void Fill(CertificateRequest request, string[] usages, Action<SubjectAlternativeNameBuilder>? names)
    {
        request.CertificateExtensions.Add(
            new X509BasicConstraintsExtension(
                certificateAuthority: false,
                hasPathLengthConstraint: false,
                pathLengthConstraint: 0,
                critical: true
            )
        );
        request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.DigitalSignature, critical: true));
        if (usages.Length > 0)
            request.CertificateExtensions.Add(
                new X509EnhancedKeyUsageExtension([.. usages.Select(static usage => new Oid(usage))], critical: false)
            );
        if (names is null)
            return;
        var builder = new SubjectAlternativeNameBuilder();
        names(builder);
        request.CertificateExtensions.Add(builder.Build());
    }

    private byte[] Serial() => BitConverter.GetBytes(0x0100_0000 + Interlocked.Increment(ref _serial)).Reverse().ToArray();
}
