using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using Doors;
using Tokens.Tests.Support;
using Tokens.Transport;
using Xunit;

namespace Tokens.Tests.Transport;

/// <summary>The caps as shipped, but for one handshake at a time: what a stranger holds, an honest client would have to wait for.</summary>
public sealed class SilentConnectionsTests : IAsyncLifetime
{
    private static readonly TestPki Pki = new();
    private readonly X509Certificate2 _certificate = Pki.Leaf();
    private TlsHost _host = null!;
    private Strangers _strangers = null!;

    public async ValueTask InitializeAsync()
    {
        var authorities = new Dictionary<string, X509Certificate2Collection>(StringComparer.Ordinal) { ["partners"] = [Pki.Root] };
        var snapshot = new TlsSnapshot(Pki.Server(), intermediates: null, new ClientTrust { Authorities = authorities });
        _host = await TlsHost.Start(snapshot, caps: new ConnectionCaps(new() { Handshakes = 1 }, TimeProvider.System));
        _strangers = new Strangers(_host.Port);
        await CallsAnswered(1); // everything is loaded
    }

    public async ValueTask DisposeAsync()
    {
        _strangers.Dispose();
        await _host.DisposeAsync();
    }

    [Theory]
    [InlineData("silent")]
    [InlineData("dribbling")]
    [InlineData("half way")]
    public async Task Connections_of_strangers_that_stand_still_keep_nobody_from_a_handshake(string how)
    {
        // That they stood still all the while shows that nobody waited for one of them to be cut off. A busy machine gets three tries.
        var lost = int.MaxValue;
        for (var round = 0; round < 3 && lost > 0; round++)
        {
            using var strangers = new Strangers(_host.Port);
            foreach (var address in new[] { "127.0.0.2", "127.0.0.3", "127.0.0.4" })
                await strangers.Stand(how, address, 30);
            await CallsAnswered(3);
            lost = strangers.Lost;
        }

        Assert.Equal(0, lost);
    }

    [Theory]
    [InlineData("silent")]
    [InlineData("dribbling")]
    [InlineData("half way")]
    public async Task Nor_do_those_that_share_its_address(string how)
    {
        await _strangers.Stand(how, "127.0.0.1", how == "silent" ? 100 : 32);
        if (how != "silent")
            await Task.Delay(600); // a handshake that has begun keeps its place for half a second
        await CallsAnswered(3);
    }

    [Fact]
    public async Task A_client_whose_bytes_come_one_by_one_is_served()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        using var outer = new TcpClient { NoDelay = true };
#pragma warning disable CA2025 // Awaited below, before anything is disposed of.
        var forwarding = Forward(listener, outer);
#pragma warning restore CA2025
        using (var socket = new TcpClient())
        {
            await socket.ConnectAsync((IPEndPoint)listener.LocalEndpoint);
            await using var stream = new SslStream(socket.GetStream());
            await stream.AuthenticateAsClientAsync(
                new SslClientAuthenticationOptions
                {
                    TargetHost = "localhost",
                    ClientCertificates = [_certificate],
                    RemoteCertificateValidationCallback = static (_, _, _, _) => true,
                }
            );
            await stream.WriteAsync(Encoding.ASCII.GetBytes("GET / HTTP/1.1\r\nHost: localhost\r\n\r\n"));
            Assert.True(await stream.ReadAsync(new byte[64]) > 0);
        }

        await Task.WhenAny(forwarding);
    }

    [Fact]
    public async Task Idle_connections_of_an_established_client_make_room_for_its_new_ones_and_requests_under_way_do_not()
    {
        var idle = new List<Stream>();
        for (var i = 0; i < 32; i++)
        {
            var stream = await _host.Connect(options => options.ClientCertificates = [_certificate]);
            idle.Add(stream);
        }
        await Task.Delay(5500);
        await CallsAnswered(1);
        var buffer = new byte[64];
        Assert.Equal(0, await idle[0].ReadAsync(buffer)); // it was closed, properly
        await idle[31].WriteAsync(Encoding.ASCII.GetBytes("GET / HTTP/1.1\r\nHost: localhost\r\n\r\n"));
        Assert.True(await idle[31].ReadAsync(buffer) > 0);
        foreach (var stream in idle)
            await stream.DisposeAsync();
    }

    private async Task CallsAnswered(int times)
    {
        for (var i = 0; i < times; i++)
        {
            using var http = _host.Client(Pki.Root, _certificate);
            Assert.Contains("sound", await http.GetStringAsync("/"), StringComparison.Ordinal);
        }
    }

    private async Task Forward(TcpListener listener, TcpClient outer)
    {
        using var inner = await listener.AcceptTcpClientAsync();
        await outer.ConnectAsync(IPAddress.Loopback, _host.Port);
        await Task.WhenAny(outer.GetStream().CopyToAsync(inner.GetStream()), ByteByByte(inner.GetStream(), outer.GetStream()));
    }

    private static async Task ByteByByte(NetworkStream from, NetworkStream to)
    {
        var one = new byte[1];
        while (await from.ReadAsync(one) > 0)
            await to.WriteAsync(one);
    }
}
