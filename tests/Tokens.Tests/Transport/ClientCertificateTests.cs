using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Tokens.Tests.Support;
using Tokens.Transport;
using Xunit;

namespace Tokens.Tests.Transport;

/// <summary>
/// TH-01: a connection is admitted only with a certificate from the partner CA, valid now, for clients. Whether it was revoked is asked on
/// every request (RevocationTests).
/// </summary>
public sealed class ClientCertificateTests
{
    private static readonly TestPki Pki = new();
    private static readonly TestPki SameName = new();

    public static TheoryData<string, string> Refused { get; } =
        new()
        {
            { "absent", nameof(TlsRejection.NoCertificate) },
            { "expired", nameof(TlsRejection.Expired) },
            { "not yet valid", nameof(TlsRejection.NotYetValid) },
            { "server usage", nameof(TlsRejection.WrongUsage) },
            { "any usage", nameof(TlsRejection.WrongUsage) },
            { "no usage", nameof(TlsRejection.WrongUsage) },
            { "authority of the same name", nameof(TlsRejection.UntrustedChain) },
            { "self-signed, not registered", nameof(TlsRejection.UntrustedChain) },
            { "small key", nameof(TlsRejection.WeakKey) },
            { "chain too long", nameof(TlsRejection.ChainTooLong) },
            { "beyond the path length", nameof(TlsRejection.ChainTooLong) },
            { "issuer that is no authority", nameof(TlsRejection.NotAnAuthority) },
            { "missing intermediate", nameof(TlsRejection.UntrustedChain) },
        };

    [Theory]
    [MemberData(nameof(Refused))]
    public async Task TH_01_A_certificate_that_is_not_sound_is_refused_and_counted_with_its_reason(string kind, string reason)
    {
        await using var host = await TlsHost.Start(Snapshot());
        foreach (var version in new[] { HttpVersion.Version11, HttpVersion.Version20 })
        {
            var (certificate, intermediates) = Make(kind);
            using var client = host.Client(Pki.Root, certificate, version, intermediates);
            await Assert.ThrowsAnyAsync<HttpRequestException>(() => client.GetAsync("/"));
        }
        await Until(() => host.Rejections.Count >= 2);
        Assert.All(host.Rejections, rejection => Assert.Equal(reason, rejection.ToString()));
    }

    [Theory]
    [InlineData("1.1")]
    [InlineData("2.0")]
    public async Task A_sound_certificate_is_admitted_and_seen_by_the_request(string version)
    {
        await using var host = await TlsHost.Start(Snapshot());
        var certificate = Pki.Leaf();
        using var client = host.Client(Pki.Root, certificate, Version.Parse(version));
        for (var call = 0; call < 3; call++)
            Assert.Equal($"{PresentedCertificate.From(certificate).X5tS256} sound Data", await client.GetStringAsync("/"));
        Assert.Empty(host.Rejections);
    }

    [Fact]
    public async Task OA_31_A_sound_certificate_under_an_intermediate_is_admitted()
    {
        var intermediate = Pki.Authority("CN=Issuing CA", Pki.Root, pathLength: 0);
        await using var host = await TlsHost.Start(Snapshot());
        using var client = host.Client(Pki.Root, Pki.Leaf(issuer: intermediate), version: null, intermediate);
        Assert.Contains("sound", await client.GetStringAsync("/"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task OA_33_A_registered_self_signed_certificate_needs_no_chain_but_all_the_rest()
    {
        var (registered, serverOnly) = (TestPki.SelfSigned(), TestPki.SelfSigned([TestPki.ServerUsage]));
        var trust = Trust(selfSigned: [registered, serverOnly]);
        await using var host = await TlsHost.Start(new TlsSnapshot(Pki.Server(), intermediates: null, trust));
        using var good = host.Client(Pki.Root, registered);
        Assert.Contains("sound", await good.GetStringAsync("/"), StringComparison.Ordinal);
        using var bad = host.Client(Pki.Root, serverOnly);
        await Assert.ThrowsAnyAsync<HttpRequestException>(() => bad.GetAsync("/"));
    }

    [Fact]
    public async Task A_swapped_snapshot_holds_for_the_next_handshake_and_drops_no_connection()
    {
        var other = new TestPki("CN=Another CA");
        await using var host = await TlsHost.Start(Snapshot());
        using var old = host.Client(Pki.Root, Pki.Leaf());
        Assert.Contains("sound", await old.GetStringAsync("/"), StringComparison.Ordinal);
        host.Listener.Current = new TlsSnapshot(
            Pki.Server(),
            intermediates: null,
            new ClientTrust { Authorities = Sets(("others", other.Root)) }
        );
        Assert.Contains("sound", await old.GetStringAsync("/"), StringComparison.Ordinal);
        using var newcomer = host.Client(Pki.Root, other.Leaf());
        Assert.Contains("sound", await newcomer.GetStringAsync("/"), StringComparison.Ordinal);
        using var late = host.Client(Pki.Root, Pki.Leaf());
        await Assert.ThrowsAnyAsync<HttpRequestException>(() => late.GetAsync("/"));
    }

    [Fact]
    public async Task A_diagnosing_listener_admits_everybody_and_says_what_is_wrong()
    {
        await using var host = await TlsHost.Start(Snapshot(), ClientCertificates.Diagnosed);
        using var expired = host.Client(Pki.Root, Make("expired").Certificate);
        Assert.Contains("Expired", await expired.GetStringAsync("/"), StringComparison.Ordinal);
        using var none = host.Client(Pki.Root, certificate: null);
        Assert.Equal("none NoCertificate Data", await none.GetStringAsync("/"));
        using var sound = host.Client(Pki.Root, Pki.Leaf());
        Assert.Contains("sound", await sound.GetStringAsync("/"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_certificate_knows_the_names_of_the_authority_sets_above_it()
    {
        var trust = new ClientTrust { Authorities = Sets(("partners", Pki.Root), ("everybody", Pki.Root), ("others", SameName.Root)) };
        string? seen = null;
        await using var host = await TlsHost.Start(new TlsSnapshot(Pki.Server(), intermediates: null, trust), answer: context =>
        {
            seen = string.Join(',', PresentedCertificate.Of(context)!.Authorities.Order(StringComparer.Ordinal));
            return Task.CompletedTask;
        });
        using var client = host.Client(Pki.Root, Pki.Leaf());
        await client.GetAsync("/");
        Assert.Equal("everybody,partners", seen);
    }

    private static (X509Certificate2? Certificate, X509Certificate2[] Intermediates) Make(string kind)
    {
        var now = DateTimeOffset.UtcNow;
        switch (kind)
        {
            case "absent":
                return (null, []);
            case "expired":
                return (Pki.Leaf(notBefore: now.AddDays(-9), notAfter: now.AddMinutes(-5)), []);
            case "not yet valid":
                return (Pki.Leaf(notBefore: now.AddMinutes(5), notAfter: now.AddDays(9)), []);
            case "server usage":
                return (Pki.Leaf([TestPki.ServerUsage]), []);
            case "any usage":
                return (Pki.Leaf([TestPki.AnyUsage]), []);
            case "no usage":
                return (Pki.Leaf([]), []);
            case "authority of the same name":
                return (SameName.Leaf(), []);
            case "self-signed, not registered":
                return (TestPki.SelfSigned(), []);
            case "small key":
                return (Pki.Leaf(key: RSA.Create(2048)), []);
            case "missing intermediate":
                return (Pki.Leaf(issuer: Pki.Authority("CN=Unsent CA", Pki.Root, pathLength: null)), []);
            case "beyond the path length":
                var narrow = Pki.Authority("CN=Narrow CA", Pki.Root, pathLength: 0);
                var below = Pki.Authority("CN=Below CA", narrow, pathLength: null);
                return (Pki.Leaf(issuer: below), [narrow, below]);
            case "issuer that is no authority":
                var impostor = Pki.Authority("CN=Impostor", Pki.Root, pathLength: null, isAuthority: false);
                return (Pki.Leaf(issuer: impostor), [impostor]);
            default:
                var (first, second, third) = (
                    Pki.Authority("CN=1", Pki.Root, pathLength: null),
                    default(X509Certificate2)!,
                    default(X509Certificate2)!
                );
                second = Pki.Authority("CN=2", first, pathLength: null);
                third = Pki.Authority("CN=3", second, pathLength: null);
                return (Pki.Leaf(issuer: third), [first, second, third]);
        }
    }

    private static TlsSnapshot Snapshot() => new(Pki.Server(), intermediates: null, Trust());

    private static ClientTrust Trust(X509Certificate2[]? selfSigned = null) =>
        new()
        {
            Authorities = Sets(("partners", Pki.Root)),
            SelfSigned = System.Collections.Frozen.FrozenSet.Create(
                StringComparer.Ordinal,
                [.. (selfSigned ?? []).Select(static one => PresentedCertificate.From(one).X5tS256)]
            ),
        };

    private static Dictionary<string, X509Certificate2Collection> Sets(params (string Name, X509Certificate2 Root)[] sets) =>
        sets.ToDictionary(static set => set.Name, static set => new X509Certificate2Collection(set.Root), StringComparer.Ordinal);

    private static async Task Until(Func<bool> condition)
    {
        for (var i = 0; i < 500 && !condition(); i++)
            await Task.Delay(10);
    }
}
