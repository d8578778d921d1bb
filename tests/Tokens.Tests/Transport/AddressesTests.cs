using System.Net;
using System.Net.Sockets;
using Tokens.Tests.Support;
using Tokens.Transport;
using Xunit;

namespace Tokens.Tests.Transport;

/// <summary>A server with several addresses is reached as long as one of them answers.</summary>
public sealed class AddressesTests
{
    private static readonly TestPki Pki = new();
    private static readonly IPAddress Here = IPAddress.Loopback,
        There = IPAddress.Parse("127.0.0.9");
    private static readonly IPAddress Elsewhere = IPAddress.Parse("127.0.0.10");

    [Fact]
    public async Task An_address_that_refuses_is_passed_over()
    {
        await using var host = await Host();
        using var client = Client(host.Port, There, Elsewhere, Here);
        Assert.StartsWith("none sound", await client.GetStringAsync("/"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_address_that_swallows_connections_is_passed_over()
    {
        await using var host = await Host();
        using var deaf = new Deaf(There, host.Port);
        using var client = Client(host.Port, There, Here);
        Assert.StartsWith("none sound", await client.GetStringAsync("/"), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task An_address_that_takes_connections_and_finishes_no_handshake_is_passed_over_and_then_comes_last(bool closes)
    {
        await using var host = await Host();
        using var half = new Half(There, host.Port, closes);
        using var client = Client(host.Port, There, Here);
        for (var i = 0; i < 3; i++)
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, "/");
            request.Headers.ConnectionClose = true;
            using var response = await client.SendAsync(request);
            Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        }

        Assert.Equal(1, half.Taken);
    }

    [Fact]
    public async Task An_address_that_registration_does_not_list_is_not_tried_even_beside_one_that_it_lists()
    {
        await using var host = await Host();
        using var half = new Half(There, host.Port, closes: true);
        using var client = Client(host.Port, ["127.0.0.1/32"], There, Here);
        Assert.StartsWith("none sound", await client.GetStringAsync("/"), StringComparison.Ordinal);
        Assert.Equal(0, half.Taken);
        using var none = Client(host.Port, ["127.0.0.1/32"], There, Elsewhere);
        await Assert.ThrowsAsync<HttpRequestException>(() => none.GetAsync("/"));
        Assert.Equal(0, half.Taken);
    }

    [Fact]
    public async Task When_all_addresses_refuse_that_is_what_is_told()
    {
        using var client = Client(port: 1, There, Elsewhere);
        var fault = await Assert.ThrowsAsync<HttpRequestException>(() => client.GetAsync("/"));
        Assert.Equal(SocketError.ConnectionRefused, Assert.IsType<SocketException>(fault.InnerException).SocketErrorCode);
        Assert.False(LocalFault.IsIn(fault));
    }

    [Fact]
    public async Task Both_families_take_turns_beginning_with_the_resolvers_first()
    {
        IPAddress six1 = IPAddress.Parse("2001:db8::1"),
            six2 = IPAddress.Parse("2001:db8::2"),
            six3 = IPAddress.Parse("2001:db8::3");
        Assert.Equal([six1, Here, six2, There, six3], AddressRace.InTurn([six1, six2, six3, Here, There]));
        Assert.Equal([Here, six1], AddressRace.InTurn([Here, six1]));
        Assert.Empty(AddressRace.InTurn([]));
        using var listener = new Deaf(Here, port: 0, fills: false);
        var test = TestContext.Current.CancellationToken;
        using var socket = await AddressRace.Connect([There, Here], listener.Port, TimeSpan.FromSeconds(10), test);
        Assert.Equal(Here, ((IPEndPoint)socket.RemoteEndPoint!).Address);
    }

    [Theory]
    [InlineData(SocketError.TooManyOpenSockets, true)]
    [InlineData(SocketError.AddressNotAvailable, true)]
    [InlineData(SocketError.NoBufferSpaceAvailable, true)]
    [InlineData(SocketError.NetworkUnreachable, true)]
    [InlineData(SocketError.TryAgain, true)]
    [InlineData(SocketError.ConnectionRefused, false)]
    [InlineData(SocketError.ConnectionReset, false)]
    [InlineData(SocketError.TimedOut, false)]
    [InlineData(SocketError.HostNotFound, false)]
    public void What_this_machine_lacks_is_not_the_servers_fault(SocketError code, bool local) =>
        Assert.Equal(local, LocalFault.IsIn(new HttpRequestException("no connection", new SocketException((int)code))));

    private static Task<TlsHost> Host() =>
        TlsHost.Start(new TlsSnapshot(Pki.Server(), intermediates: null, clients: null), ClientCertificates.None);

    private static HttpClient Client(int port, params IPAddress[] addresses) => Client(port, ["127.0.0.0/8"], addresses);

    private static HttpClient Client(int port, string[] listed, params IPAddress[] addresses)
    {
        var tls = new OutgoingTls
        {
            Trust = [Pki.Root],
            ListedNetworks = [.. listed.Select(static network => IPNetwork.Parse(network))],
            Names = (_, _) => Task.FromResult(addresses),
            ConnectTimeout = TimeSpan.FromSeconds(4),
        };
        return new HttpClient(tls.Handler()) { BaseAddress = new Uri($"https://localhost:{port}") };
    }

    /// <summary>An address whose queue of connections is full: further ones are neither taken nor refused.</summary>
    private sealed class Deaf : IDisposable
    {
        private readonly Socket _listener = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        private readonly List<Socket> _filling = [];

        public Deaf(IPAddress address, int port, bool fills = true)
        {
            _listener.Bind(new IPEndPoint(address, port));
            _listener.Listen(fills ? 0 : 8);
            for (var i = 0; fills && i < 4; i++)
            {
                var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
                _filling.Add(socket);
                _ = Fill(socket, new IPEndPoint(address, Port));
            }
        }

        public int Port => ((IPEndPoint)_listener.LocalEndPoint!).Port;

        public void Dispose()
        {
            _listener.Dispose();
            foreach (var socket in _filling)
                socket.Dispose();
        }

        private static async Task Fill(Socket socket, IPEndPoint place)
        {
            try
            {
                await socket.ConnectAsync(place);
            }
            catch (Exception fault) when (fault is SocketException or ObjectDisposedException or OperationCanceledException)
            {
                // The queue is full, and the test is over.
            }
        }
    }

    /// <summary>An address that takes connections and never says a word of TLS.</summary>
    private sealed class Half : IDisposable
    {
        private readonly TcpListener _listener;
        private readonly List<Socket> _taken = [];

        public Half(IPAddress address, int port, bool closes)
        {
            _listener = new TcpListener(address, port);
            _listener.Start();
            _ = AcceptAsync(closes);
        }

        public int Taken { get; private set; }

        public void Dispose()
        {
            _listener.Dispose();
            foreach (var socket in _taken)
                socket.Dispose();
        }

        private async Task AcceptAsync(bool closes)
        {
            try
            {
                while (true)
                {
                    var socket = await _listener.AcceptSocketAsync();
                    Taken++;
                    if (closes)
                        socket.Dispose();
                    else
                        _taken.Add(socket);
                }
            }
            catch (Exception fault) when (fault is SocketException or ObjectDisposedException)
            {
                // The test is over.
            }
        }
    }
}
