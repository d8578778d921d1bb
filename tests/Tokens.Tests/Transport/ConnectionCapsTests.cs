using System.Net;
using System.Net.Sockets;
using Tokens.Tests.Support;
using Tokens.Transport;
using Xunit;

namespace Tokens.Tests.Transport;

public sealed class ConnectionCapsTests
{
    private static readonly IPAddress First = IPAddress.Parse("198.51.100.1");
    private static readonly IPAddress Second = IPAddress.Parse("198.51.100.2");

    [Fact]
    public void One_address_holds_no_more_than_its_share_of_connections()
    {
        var caps = new ConnectionCaps(new() { OpenPerAddress = 2, Handshakes = 100 }, new ManualClock());
        Assert.True(caps.TryAdmit(First, out var one));
        Assert.True(caps.TryAdmit(First, out _));
        Assert.False(caps.TryAdmit(First, out _));
        Assert.True(caps.TryAdmit(Second, out _));
        one.Dispose();
        one.Dispose();
        Assert.True(caps.TryAdmit(First, out _));
        Assert.False(caps.TryAdmit(First, out _));
    }

    [Fact]
    public void One_address_opens_no_more_a_second_than_its_bucket_gives()
    {
        var clock = new ManualClock();
        var caps = new ConnectionCaps(new() { NewPerSecond = 2, Burst = 3, Handshakes = 100 }, clock);
        for (var i = 0; i < 3; i++) Assert.True(caps.TryAdmit(First, out _));
        Assert.False(caps.TryAdmit(First, out _));
        clock.Advance(TimeSpan.FromSeconds(1));
        Assert.True(caps.TryAdmit(IPAddress.Parse("::ffff:198.51.100.1"), out _));
        Assert.True(caps.TryAdmit(First, out _));
        Assert.False(caps.TryAdmit(First, out _));
    }

    [Fact]
    public void Handshakes_under_way_are_bounded_and_given_back_when_they_end()
    {
        var caps = new ConnectionCaps(new() { Handshakes = 1 }, new ManualClock());
        Assert.True(caps.TryAdmit(First, out var seat));
        Assert.False(caps.TryAdmit(Second, out _));
        seat.HandshakeDone();
        seat.HandshakeDone();
        Assert.True(caps.TryAdmit(Second, out _));
        Assert.False(caps.TryAdmit(Second, out _));
    }

    [Fact]
    public void The_process_holds_no_more_connections_than_its_cap_and_forgets_addresses_that_owe_nothing()
    {
        var clock = new ManualClock();
        var caps = new ConnectionCaps(new() { Open = 3, Handshakes = 100, Burst = 1, NewPerSecond = 1 }, clock);
        for (var i = 0; i < 200; i++)
        {
            Assert.True(caps.TryAdmit(new IPAddress([10, 0, 0, (byte)i]), out var seat));
            seat.Dispose();
            clock.Advance(TimeSpan.FromSeconds(1));
        }
        Assert.InRange(caps.Remembered, 0, 5);
        for (var i = 0; i < 3; i++) Assert.True(caps.TryAdmit(new IPAddress([10, 0, 1, (byte)i]), out _));
        Assert.False(caps.TryAdmit(First, out _));
    }

    [Fact]
    public async Task TH_32_A_connection_over_the_cap_is_aborted_before_TLS()
    {
        var pki = new TestPki();
        var snapshot = new TlsSnapshot(pki.Server(), intermediates: null, clients: null);
        await using var host = await TlsHost.Start(snapshot, ClientCertificates.None, new ConnectionCaps(new() { OpenPerAddress = 1 }, TimeProvider.System));
        await using var first = await host.Connect(static _ => { });
        using var second = new Socket(SocketType.Stream, ProtocolType.Tcp);
        var read = 0;
        try
        {
            await second.ConnectAsync(IPAddress.Loopback, host.Port);
            read = await second.ReceiveAsync(new byte[16]);
        }
        catch (SocketException)
        {
            // aborted with a reset
        }
        Assert.Equal(0, read);
        Assert.Empty(host.Rejections);
    }
}
