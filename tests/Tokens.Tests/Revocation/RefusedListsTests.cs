using System.Diagnostics;
using System.Security.Cryptography.X509Certificates;
using Org.BouncyCastle.Asn1;
using Org.BouncyCastle.Asn1.X509;
using Org.BouncyCastle.Math;
using Org.BouncyCastle.X509;
using Tokens.Revocation;
using Tokens.Tests.Support;
using Xunit;

namespace Tokens.Tests.Revocation;

/// <summary>Lists that are not taken: what was held stays, and somebody is told why.</summary>
[Trait("Tier", "Whole")]
public sealed class RefusedListsTests : IDisposable
{
    private static readonly TestPki Pki = new();
    private static readonly X509Certificate2 Leaf = Pki.Leaf();
    private readonly string _folder = Directory.CreateTempSubdirectory("revocation-").FullName;

    private string List => Path.Combine(_folder, "partners.crl");

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    public static TheoryData<string, string> Refused { get; } =
        new()
        {
            { "signed by another authority of the same name", "not signed by" },
            { "one byte changed", "not signed by" },
            { "signed with SHA-1", "not signed by" },
            { "delta", "delta list" },
            { "indirect", "indirect list" },
            { "some reasons", "some reasons" },
            { "attribute certificates", "attribute certificates" },
            { "unknown critical extension", "critical extension" },
            { "no next update", "nextUpdate" },
            { "from the future", "still to come" },
            { "of another authority", "no longer" },
            { "lower number", "below 5" },
            { "made earlier", "was made at" },
            { "the same number, other bytes", "its bytes are others" },
            { "empty", "is empty" },
            { "no list", "not a certificate revocation list" },
            { "no PEM block", "no revocation list" },
            { "a certificate", "no revocation list" },
            { "bytes behind it", "not a certificate revocation list" },
            { "too large", "larger than" },
            { "gone", "not there" },
            { "a pipe", "no plain file" },
        };

    [Theory]
    [MemberData(nameof(Refused))]
    public async Task A_list_that_cannot_be_believed_changes_nothing_and_is_named(string kind, string words)
    {
        await File.WriteAllBytesAsync(
            List,
            SomeCrl.Of(Pki.Root, number: 5, made: DateTimeOffset.UtcNow.AddMinutes(-5), revoked: Leaf),
            TestContext.Current.CancellationToken
        );
        await using var host = await RevocationHost.Start(
            Pki,
            _folder,
            new RevocationSettings
            {
                Files = [List],
                Fail = RevocationFailure.Hard,
                MaxBytes = 50_000,
            }
        );
        Assert.Equal(RevocationStanding.Complete, host.Lists.Standing);
        Put(kind);
        // A look in the middle of the writing sees another fault: the next one sees this.
        await RevocationHost.Until(
            () =>
                Task.FromResult(
                    host.Lists.Standing == RevocationStanding.Incomplete
                        && host.Lists.Current.Authorities[0].Faults.Any(fault => fault.Contains(words, StringComparison.Ordinal))
                ),
            "it is refused in these words"
        );
        Assert.Single(host.Lists.Current.Authorities[0].Faults);
        Assert.Equal(nameof(CertificateStop.Revoked), await host.Verdict(Leaf));
        Assert.Equal(nameof(CertificateStop.None), await host.Verdict(Pki.Leaf()));
        // A sound one heals.
        File.Delete(List);
        await File.WriteAllBytesAsync(List, SomeCrl.Of(Pki.Root, number: 6), TestContext.Current.CancellationToken);
        await RevocationHost.Until(
            async () => await host.Verdict(Leaf) == nameof(CertificateStop.None) && host.Lists.Standing == RevocationStanding.Complete,
            "a sound list is taken"
        );
    }

    [Fact]
    public async Task A_list_that_was_refused_at_the_start_counts_for_nothing()
    {
        await File.WriteAllBytesAsync(List, SomeCrl.Of(new TestPki().Root, number: 1), TestContext.Current.CancellationToken);
        await using var host = await RevocationHost.Start(
            Pki,
            _folder,
            new RevocationSettings { Files = [List], Fail = RevocationFailure.Hard }
        );
        Assert.Equal(nameof(CertificateStop.Unknown), await host.Verdict(Leaf));
        Assert.Equal(RevocationStanding.Closed, host.Lists.Standing);
    }

    [Theory]
    [InlineData("only leaves", nameof(CertificateStop.None))]
    [InlineData("only authorities", nameof(CertificateStop.Unknown))]
    [InlineData("a point that the certificate does not name", nameof(CertificateStop.Unknown))]
    public async Task A_list_tells_of_what_it_is_about_and_of_nothing_else(string kind, string verdict)
    {
        var revoked = Pki.Leaf();
        var name = new DistributionPointName(
            new GeneralNames(new GeneralName(GeneralName.UniformResourceIdentifier, "http://crl.example/2"))
        );
        var scope = new IssuingDistributionPoint(
            kind.StartsWith("a point", StringComparison.Ordinal) ? name : null,
            kind == "only leaves",
            kind == "only authorities",
            onlySomeReasons: null,
            indirectCRL: false,
            onlyContainsAttributeCerts: false
        );
        await File.WriteAllBytesAsync(
            List,
            SomeCrl.Odd(
                Pki.Root,
                crl => crl.AddExtension(X509Extensions.IssuingDistributionPoint, critical: true, scope),
                revoked: revoked
            ),
            TestContext.Current.CancellationToken
        );
        await using var host = await RevocationHost.Start(
            Pki,
            _folder,
            new RevocationSettings { Files = [List], Fail = RevocationFailure.Hard }
        );
        Assert.Equal(verdict, await host.Verdict(Leaf));
        Assert.Equal(nameof(CertificateStop.Revoked), await host.Verdict(revoked)); // what it does say counts
    }

    [Fact]
    public void Settings_that_say_nothing_or_too_little_are_refused_in_words()
    {
        foreach (
            var (settings, words) in new (RevocationSettings, string)[]
            {
                (new() { Files = [List] }, "state Fail"),
                (new() { Fail = RevocationFailure.Soft }, "name Files or Urls"),
                (new() { Fail = (RevocationFailure)7, Files = [List] }, "state Fail"),
                (new() { Fail = RevocationFailure.Soft, Urls = ["ldap://crl.example/x"] }, "not an http or https address"),
                (new() { Fail = RevocationFailure.Soft, Urls = ["https://crl.example/x"] }, "needs Trust"),
                (new() { Fail = RevocationFailure.Soft, Urls = ["http://user:pass@crl.example/x"] }, "name or password"),
            }
        )
        {
            var sets = new Dictionary<string, X509Certificate2Collection>(StringComparer.Ordinal) { ["partners"] = [Pki.Root] };
            Assert.Contains(
                words,
                Assert
                    .Throws<InvalidDataException>(() =>
                        RevocationLists.Open(
                            new Dictionary<string, RevocationSettings>(StringComparer.Ordinal) { ["partners"] = settings },
                            sets,
                            TimeProvider.System
                        )
                    )
                    .Message,
                StringComparison.Ordinal
            );
            Assert.Contains(
                "no client authority",
                Assert
                    .Throws<InvalidDataException>(() =>
                        RevocationLists.Open(
                            new Dictionary<string, RevocationSettings>(StringComparer.Ordinal) { ["partner"] = settings },
                            sets,
                            TimeProvider.System
                        )
                    )
                    .Message,
                StringComparison.Ordinal
            );
        }
    }

    [Fact]
    public void Whatever_bytes_come_there_is_a_list_or_a_refusal_and_no_other_exception()
    {
        var (random, sound) = (new Random(11), SomeCrl.Odd(Pki.Root, Number, revoked: Leaf));
        var rounds = Environment.GetEnvironmentVariable("GATEWAY_LONG") == "1" ? 1_000_000 : 1_000;
        for (var round = 0; round < rounds; round++)
        {
            var bytes = sound.ToArray();
            for (var change = random.Next(1, 4); change > 0; change--)
                bytes[random.Next(bytes.Length)] = (byte)random.Next(256);
            if (random.Next(4) == 0)
                bytes = bytes[..random.Next(bytes.Length)];
            try
            {
                var issuer = new IssuerCertificate(Pki.Root);
                // What was changed and still verifies says the same as before: only what the signature does not cover may differ.
                foreach (var list in RevocationListReader.Read(bytes))
                    if (list.IsSignedBy(issuer))
                        Assert.Contains(SerialNumber.Read(Leaf.SerialNumber)!, list.Serials);
            }
            catch (RevocationRefused)
            {
                // Its own exception: the one that there may be.
            }
        }
    }

    private static void Number(X509V2CrlGenerator crl) =>
        crl.AddExtension(X509Extensions.CrlNumber, critical: false, new CrlNumber(BigInteger.Ten));

    private void Put(string kind)
    {
        File.Delete(List);
        if (kind == "gone")
            return;
        if (kind == "a pipe")
        {
            using var made = Process.Start("mkfifo", List);
            made.WaitForExit();
            return;
        }
        File.WriteAllBytes(
            List,
            kind switch
            {
                "signed by another authority of the same name" => SomeCrl.Of(new TestPki().Root, number: 6),
                "one byte changed" => Changed(SomeCrl.Of(Pki.Root, number: 6, revoked: Pki.Leaf())),
                "signed with SHA-1" => SomeCrl.Odd(Pki.Root, Number, "SHA1withECDSA"),
                "delta" => SomeCrl.Odd(Pki.Root, static crl =>
                    crl.AddExtension(X509Extensions.DeltaCrlIndicator, critical: true, new CrlNumber(BigInteger.One))
                ),
                "indirect" => Scoped(indirect: true),
                "some reasons" => Scoped(reasons: new ReasonFlags(ReasonFlags.KeyCompromise)),
                "attribute certificates" => Scoped(attributes: true),
                "unknown critical extension" => SomeCrl.Odd(Pki.Root, static crl =>
                    crl.AddExtension(new DerObjectIdentifier("1.2.3.4"), critical: true, DerNull.Instance)
                ),
                "no next update" => WithoutEnd(),
                "from the future" => SomeCrl.Of(Pki.Root, number: 6, made: DateTimeOffset.UtcNow.AddHours(1)),
                "of another authority" => SomeCrl.Of(new TestPki("CN=Another").Root, number: 6),
                "lower number" => SomeCrl.Of(Pki.Root, number: 4),
                "the same number, other bytes" => SomeCrl.Of(Pki.Root, number: 5),
                "made earlier" => SomeCrl.Of(Pki.Root, number: 6, made: DateTimeOffset.UtcNow.AddMinutes(-9)),
                "empty" => [],
                "no list" => [0x30, 0x03, 0x02, 0x01, 0x00],
                "no PEM block" => "nothing"u8.ToArray(),
                "a certificate" => System.Text.Encoding.ASCII.GetBytes(Pki.Root.ExportCertificatePem()),
                "bytes behind it" => [.. SomeCrl.Of(Pki.Root, number: 6), 0],
                _ => SomeCrl.Large(Pki.Root, 2_000, Leaf),
            }
        );
    }

    private static byte[] Scoped(bool indirect = false, ReasonFlags? reasons = null, bool attributes = false) =>
        SomeCrl.Odd(Pki.Root, crl =>
            crl.AddExtension(
                X509Extensions.IssuingDistributionPoint,
                critical: true,
                new IssuingDistributionPoint(
                    distributionPoint: null,
                    onlyContainsUserCerts: false,
                    onlyContainsCACerts: false,
                    reasons,
                    indirect,
                    attributes
                )
            )
        );

    // The generators insist on an end, so it is cut out of a sound list: two times of thirteen characters stand one behind the other.
    private static byte[] WithoutEnd()
    {
        var parts = (Asn1Sequence)Asn1Object.FromByteArray(SomeCrl.Odd(Pki.Root, Number));
        var inner = new Asn1EncodableVector();
        var times = 0;
        foreach (var part in (Asn1Sequence)parts[0])
            if (part is not (DerUtcTime or Asn1UtcTime or Asn1GeneralizedTime) || times++ == 0)
                inner.Add(part);
        return new DerSequence(new DerSequence(inner), parts[1], parts[2]).GetEncoded();
    }

    private static byte[] Changed(byte[] list)
    {
        list[^1] ^= 1;
        return list;
    }
}
