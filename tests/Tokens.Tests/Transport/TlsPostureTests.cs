using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using Tokens.Tests.Support;
using Tokens.Transport;
using Xunit;

namespace Tokens.Tests.Transport;

public sealed class TlsPostureTests
{
    private static readonly TestPki Pki = new();

    [Fact]
    public async Task OA_01_TH_05_TLS_1_2_is_refused()
    {
        await using var host = await TlsHost.Start(Snapshot(), ClientCertificates.None);
#pragma warning disable CA5397, CA5398, SYSLIB0039 // the refused versions have to be offered to be refused
        foreach (var version in new[] { SslProtocols.Tls12, SslProtocols.Tls11 })
            await Assert.ThrowsAnyAsync<Exception>(() => host.Connect(options => options.EnabledSslProtocols = version));
#pragma warning restore CA5397, CA5398, SYSLIB0039
        Assert.All(host.Rejections, static rejection => Assert.Equal(TlsRejection.HandshakeFailed, rejection));
        await using var stream = await host.Connect(static _ => { });
        Assert.Equal(SslProtocols.Tls13, stream.SslProtocol);
    }

    [Fact]
    public async Task TH_05_A_plaintext_request_gets_no_answer()
    {
        await using var host = await TlsHost.Start(Snapshot(), ClientCertificates.None);
        using var socket = new Socket(SocketType.Stream, ProtocolType.Tcp);
        await socket.ConnectAsync(IPAddress.Loopback, host.Port);
        await socket.SendAsync(Encoding.ASCII.GetBytes("GET / HTTP/1.1\r\nHost: localhost\r\n\r\n"));
        var buffer = new byte[512];
        var text = "";
        try
        {
            for (int read; (read = await socket.ReceiveAsync(buffer)) > 0;)
                text += Encoding.ASCII.GetString(buffer, 0, read);
        }
        catch (SocketException)
        {
            // reset: the same as no answer
        }
        Assert.DoesNotContain("200", text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task TH_04_A_session_is_never_resumed()
    {
        await using var host = await TlsHost.Start(Snapshot());
        var certificate = Pki.Leaf();
        var chains = 0;
        var context = SslStreamCertificateContext.Create(certificate, additionalCertificates: null, offline: true);
        for (var connection = 0; connection < 3; connection++)
        {
            await using var stream = await host.Connect(options =>
            {
                options.AllowTlsResume = true; // the client would like to
                options.ClientCertificateContext = context;
                options.RemoteCertificateValidationCallback = (_, _, _, _) => ++chains > 0;
            });
            await stream.WriteAsync(Encoding.ASCII.GetBytes("GET / HTTP/1.1\r\nHost: localhost\r\n\r\n"));
            Assert.True(await stream.ReadAsync(new byte[256]) > 0);
            Assert.DoesNotContain("resumed", stream.ToString() ?? "", StringComparison.Ordinal);
        }
        Assert.Equal(3, chains); // a resumed session would have shown no certificate
        Assert.False(ServerSideOptions().AllowTlsResume);
    }

    [Fact]
    public void Options_of_a_handshake_are_those_of_the_checklist()
    {
        var options = ServerSideOptions();
        Assert.Equal(SslProtocols.Tls13, options.EnabledSslProtocols);
        Assert.False(options.AllowRenegotiation);
        Assert.True(options.ClientCertificateRequired);
        Assert.Equal(X509ChainTrustMode.CustomRootTrust, options.CertificateChainPolicy!.TrustMode);
        Assert.True(options.CertificateChainPolicy.DisableCertificateDownloads);
        Assert.Equal(X509RevocationMode.NoCheck, options.CertificateRevocationCheckMode);
    }

    [Fact]
    public async Task TH_36_An_outgoing_call_trusts_the_listed_authority_alone()
    {
        await using var host = await TlsHost.Start(Snapshot(), ClientCertificates.None);
        using var wrong = host.Client(new TestPki("CN=Partner CA").Root, certificate: null);
        await Assert.ThrowsAnyAsync<HttpRequestException>(() => wrong.GetAsync("/"));
        using var right = host.Client(Pki.Root, certificate: null);
        Assert.StartsWith("none sound", await right.GetStringAsync("/"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task TH_36_An_outgoing_call_reaches_a_loopback_address_only_where_registration_lists_it()
    {
        await using var host = await TlsHost.Start(Snapshot(), ClientCertificates.None);
        foreach (var name in new[] { "127.0.0.1", "localhost", "[::ffff:127.0.0.1]", "[::1]" })
        {
            using var handler = new OutgoingTls { Trust = [Pki.Root] }.Handler();
            using var client = new HttpClient(handler);
            await Assert.ThrowsAsync<HttpRequestException>(() => client.GetAsync($"https://{name}:{host.Port}/"));
        }
        Assert.Empty(host.Rejections);
    }

    [Theory]
    [InlineData("169.254.169.254", false)]
    [InlineData("::ffff:169.254.169.254", false)]
    [InlineData("127.0.0.1", true)]
    [InlineData("10.1.2.3", false)]
    [InlineData("8.8.8.8", true)]
    [InlineData("fd00:ec2::254", false)]
    [InlineData("0.0.0.0", false)]
    [InlineData("224.0.0.1", false)]
    [InlineData("64:ff9b::7f00:1", false)]
    public void TH_36_Addresses_that_may_be_called(string address, bool allowed) =>
        Assert.Equal(
            allowed,
            new OutgoingTls { Trust = [], ListedNetworks = [IPNetwork.Parse("127.0.0.0/8"), IPNetwork.Parse("169.254.0.0/16")] }.IsAllowed(
                IPAddress.Parse(address)
            )
        );

    [Fact]
    public void TH_40_A_runtime_with_known_holes_does_not_start()
    {
        static bool Sound(string name) => name.EndsWith("LineFeedTerminators", StringComparison.Ordinal);
        MinimumRuntime.Check();
        MinimumRuntime.Check(MinimumRuntime.Floor, MinimumRuntime.Floor, Sound);
        Assert.Throws<PlatformNotSupportedException>(() => MinimumRuntime.Check(new Version(10, 0, 9), MinimumRuntime.Floor, Sound));
        Assert.Throws<PlatformNotSupportedException>(() => MinimumRuntime.Check(MinimumRuntime.Floor, new Version(10, 0, 9), Sound));
        Assert.Throws<PlatformNotSupportedException>(() => MinimumRuntime.Check(MinimumRuntime.Floor, server: null, Sound));
        Assert.Throws<PlatformNotSupportedException>(() =>
            MinimumRuntime.Check(MinimumRuntime.Floor, MinimumRuntime.Floor, static _ => false)
        );
        Assert.Throws<PlatformNotSupportedException>(() =>
            MinimumRuntime.Check(MinimumRuntime.Floor, MinimumRuntime.Floor, static _ => true)
        );
        Assert.Equal(Environment.Version.Major, MinimumRuntime.AspNetCore?.Major);
        Assert.Equal(new Version(10, 0, 12), MinimumRuntime.VersionOf("10.0.12+1a2b3c"));
        Assert.Null(MinimumRuntime.VersionOf("10.0.12-rc.1+1a2b3c"));
        Assert.Null(MinimumRuntime.VersionOf(null));
    }

    private static SslServerAuthenticationOptions ServerSideOptions() =>
        Snapshot().Options(ClientCertificates.Required, static (_, _, _, _) => false);

    private static TlsSnapshot Snapshot() =>
        new(
            Pki.Server(),
            intermediates: null,
            new ClientTrust
            {
                Authorities = new Dictionary<string, X509Certificate2Collection>(StringComparer.Ordinal) { ["partners"] = [Pki.Root] },
            }
        );
}
