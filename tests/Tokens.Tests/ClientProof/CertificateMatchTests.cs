using System.Formats.Asn1;
using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Tokens.ClientProof;
using Tokens.Tests.Support;
using Tokens.Transport;
using Xunit;

namespace Tokens.Tests.ClientProof;

/// <summary>OA-31 to OA-34: a rule is compared as what it is, never as display text.</summary>
public sealed class CertificateMatchTests
{
    private static readonly TestPki Pki = new();
    private static readonly X509Certificate2 Leaf = Pki.Leaf(name: "CN=system, O=ANSS, C=MA", names: static names =>
    {
        names.AddUri(new Uri("urn:anss:client:one"));
        names.AddDnsName("one.anss.test");
        names.AddIpAddress(IPAddress.Parse("198.51.100.7"));
        names.AddEmailAddress("ops@anss.test");
    });

    private static bool Matches(CertificatePatternKind kind, string value, string? authority = "partners") =>
        CertificateMatch.Matches(PresentedCertificate.From(Leaf, "partners"), new CertificatePattern(kind, value, authority));

    [Theory]
    [InlineData(CertificatePatternKind.SanUri, "urn:anss:client:one", true)]
    [InlineData(CertificatePatternKind.SanUri, "urn:anss:client:One", false)]
    [InlineData(CertificatePatternKind.SanUri, "urn:anss:client:on", false)]
    [InlineData(CertificatePatternKind.SanUri, "one.anss.test", false)]
    [InlineData(CertificatePatternKind.SanDns, "ONE.anss.test", true)]
    [InlineData(CertificatePatternKind.SanDns, "anss.test", false)]
    [InlineData(CertificatePatternKind.SanIp, "198.51.100.7", true)]
    [InlineData(CertificatePatternKind.SanIp, "198.51.100.8", false)]
    [InlineData(CertificatePatternKind.SanIp, "nonsense", false)]
    [InlineData(CertificatePatternKind.SanEmail, "ops@anss.test", true)]
    [InlineData(CertificatePatternKind.SanEmail, "Ops@anss.test", false)]
    [InlineData(CertificatePatternKind.SubjectDn, "CN=system,O=ANSS,C=MA", true)]
    [InlineData(CertificatePatternKind.SubjectDn, "CN=system, O=ANSS, C=MA", true)]
    [InlineData(CertificatePatternKind.SubjectDn, "C=MA,O=ANSS,CN=system", false)]
    [InlineData(CertificatePatternKind.SubjectDn, "CN=system,O=ANSS", false)]
    [InlineData(CertificatePatternKind.SubjectDn, "CN=System,O=ANSS,C=MA", false)]
    [InlineData(CertificatePatternKind.SubjectDn, "CN=sys\\74em,O=ANSS,C=MA", false)]
    [InlineData(CertificatePatternKind.SubjectDn, "nonsense", false)]
    public void OA_32_Names(CertificatePatternKind kind, string value, bool expected) => Assert.Equal(expected, Matches(kind, value));

    [Fact]
    public void OA_32_A_multi_valued_name_never_matches()
    {
        var writer = new AsnWriter(AsnEncodingRules.DER);
        using (writer.PushSequence())
        using (writer.PushSetOf())
        {
            Attribute(writer, "2.5.4.3", "system");
            Attribute(writer, "2.5.4.11", "a");
        }
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest(new X500DistinguishedName(writer.Encode()), key, HashAlgorithmName.SHA256);
        using var made = request.CreateSelfSigned(DateTimeOffset.UtcNow, DateTimeOffset.UtcNow.AddDays(1));
        Assert.True(made.SubjectName.EnumerateRelativeDistinguishedNames().Single().HasMultipleElements);
        foreach (var dn in new[] { "OU=a+CN=system", "CN=system", "CN=system+OU=a", "OU=a", "CN=system,OU=a" })
            Assert.False(
                CertificateMatch.Matches(
                    PresentedCertificate.From(made, "partners"),
                    new CertificatePattern(CertificatePatternKind.SubjectDn, dn, "partners")
                )
            );
    }

    private static void Attribute(AsnWriter writer, string type, string value)
    {
        using var scope = writer.PushSequence();
        writer.WriteObjectIdentifier(type);
        writer.WriteCharacterString(UniversalTagNumber.UTF8String, value);
    }

    [Fact]
    public void OA_34_A_name_counts_only_under_its_authority()
    {
        Assert.False(Matches(CertificatePatternKind.SanUri, "urn:anss:client:one", "others"));
        Assert.False(Matches(CertificatePatternKind.SanUri, "urn:anss:client:one", authority: null));
    }

    [Fact]
    public void OA_33_Hashes_need_no_name()
    {
        var spki = Convert.ToHexStringLower(SHA256.HashData(Leaf.PublicKey.ExportSubjectPublicKeyInfo()));
        Assert.True(Matches(CertificatePatternKind.SpkiSha256, spki, authority: null));
        Assert.False(Matches(CertificatePatternKind.SpkiSha256, spki.ToUpperInvariant(), authority: null));
        Assert.True(Matches(CertificatePatternKind.X5tS256, PresentedCertificate.From(Leaf).X5tS256, authority: null));
        Assert.False(Matches(CertificatePatternKind.X5tS256, PresentedCertificate.From(Pki.Leaf()).X5tS256, authority: null));
    }
}
