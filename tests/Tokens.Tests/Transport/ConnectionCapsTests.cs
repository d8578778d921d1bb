using System.Net;
using System.Net.Sockets;
using Tokens.Tests.Support;
using Tokens.Transport;
using Xunit;

namespace Tokens.Tests.Transport;

public sealed class ConnectionCapsTests
{
    private static readonly SourceAddress First = Source("198.51.100.1");
    private static readonly SourceAddress Second = Source("198.51.100.2");

    [Fact]
    public void One_address_holds_no_more_than_its_share_of_connections()
    {
        var caps = new ConnectionCaps(new() { OpenPerAddress = 2 }, new ManualClock());
        Assert.True(caps.TryAdmit(First, connection: null, out var one));
        Assert.True(caps.TryAdmit(First, connection: null, out var two));
        one.HandshakeDone();
        two.HandshakeDone();
        Assert.False(caps.TryAdmit(First, connection: null, out _));
        Assert.True(caps.TryAdmit(Second, connection: null, out _));
        one.Dispose();
        one.Dispose();
        Assert.True(caps.TryAdmit(First, connection: null, out var three));
        three.HandshakeDone();
        Assert.False(caps.TryAdmit(First, connection: null, out _));
    }

    [Fact]
    public async Task A_newcomer_takes_the_place_of_the_silent_first_then_of_a_long_handshake_then_of_the_longest_idle()
    {
        var clock = new ManualClock();
        var caps = new ConnectionCaps(new() { OpenPerAddress = 3 }, clock);
        Assert.True(caps.TryAdmit(First, connection: null, out var idle));
        idle.HandshakeDone();
        Assert.True(caps.TryAdmit(First, connection: null, out var handshaking));
        await handshaking.Compute(CancellationToken.None);
        Assert.True(caps.TryAdmit(First, connection: null, out var silent));
        clock.Advance(TimeSpan.FromSeconds(10));

        Assert.True(caps.TryAdmit(First, connection: null, out var fourth));
        silent.Dispose();
        Assert.Equal((3, 0), (fourth.Source.Open, fourth.Source.Leaving));
        fourth.HandshakeDone();
        Assert.True(caps.TryAdmit(First, connection: null, out var fifth)); // for the handshake
        fifth.HandshakeDone();
        handshaking.Dispose();
        Assert.Equal((3, 0), (fifth.Source.Open, fifth.Source.Leaving));
        fourth.Hear();
        fifth.Hear();
        Assert.True(caps.TryAdmit(First, connection: null, out var sixth)); // for the idle one
        sixth.HandshakeDone();
        Assert.Equal((3, 1), (sixth.Source.Open, sixth.Source.Leaving));
        Assert.False(caps.TryAdmit(First, connection: null, out _)); // all others were heard just now
        idle.Dispose();
        Assert.Equal((3, 0), (sixth.Source.Open, sixth.Source.Leaving));
    }

    [Fact]
    public async Task Where_the_listener_is_full_the_source_that_holds_most_makes_room()
    {
        var caps = new ConnectionCaps(new() { Open = 4 }, new ManualClock());
        for (var i = 0; i < 3; i++)
            Assert.True(caps.TryAdmit(First, connection: null, out _));
        Assert.True(caps.TryAdmit(Second, connection: null, out var second));
        await second.Compute(CancellationToken.None);
        Assert.True(caps.TryAdmit(Source("198.51.100.3"), connection: null, out var third));
        Assert.Equal((1, 1), (second.Source.Open, third.Source.Open));
        Assert.True(caps.TryAdmit(Source("198.51.100.4"), connection: null, out _));
        Assert.False(caps.TryAdmit(Second, connection: null, out _)); // nobody holds more than it does
    }

    [Fact]
    public void Handshakes_of_one_source_beyond_its_bucket_wait_and_none_is_refused()
    {
        var clock = new ManualClock();
        var caps = new ConnectionCaps(new() { NewPerSecond = 2, Burst = 3 }, clock);
        Assert.True(caps.TryAdmit(First, connection: null, out var seat));
        for (var i = 0; i < 3; i++)
            Assert.Equal(TimeSpan.Zero, caps.Spend(seat.Source));
        Assert.Equal(TimeSpan.FromSeconds(0.5), caps.Spend(seat.Source));
        Assert.Equal(TimeSpan.FromSeconds(1), caps.Spend(seat.Source));
        caps.Return(seat.Source); // given up
        clock.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal(TimeSpan.Zero, caps.Spend(seat.Source));
        Assert.True(caps.TryAdmit(Second, connection: null, out var other));
        Assert.Equal(TimeSpan.Zero, caps.Spend(other.Source));
    }

    [Fact]
    public async Task Turns_go_round_by_source_and_not_by_arrival()
    {
        var turns = new FairTurns(1);
        await turns.Take(First, CancellationToken.None);
        var order = new List<string>();
        async Task Ask(SourceAddress source, string name)
        {
            await turns.Take(source, CancellationToken.None);
            order.Add(name);
            turns.Give();
        }
        var all = new List<Task>();
        for (var i = 0; i < 5; i++)
            all.Add(Ask(First, "first"));
        using var given = new CancellationTokenSource();
        var up = turns.Take(Second, given.Token).AsTask();
        all.Add(Ask(Second, "second"));
        await given.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => up);
        turns.Give();
        await Task.WhenAll(all);
        Assert.Equal(["first", "second", "first", "first", "first", "first"], order);
        await turns.Take(Second, CancellationToken.None); // the seat is free again
    }

    [Fact]
    public void A_source_is_an_IPv4_address_or_a_64_bit_network()
    {
        Assert.Equal(First, Source("::ffff:198.51.100.1"));
        Assert.NotEqual(First, Second);
        Assert.Equal(Source("2001:db8:1:2::1"), Source("2001:db8:1:2:ffff:ffff:ffff:ffff"));
        Assert.NotEqual(Source("2001:db8:1:2::1"), Source("2001:db8:1:3::1"));
        Assert.NotEqual(Source("0.0.0.1"), Source("0:0:0:1::"));
    }

    [Fact]
    public void Sources_that_owe_nothing_are_forgotten()
    {
        var clock = new ManualClock();
        var caps = new ConnectionCaps(
            new()
            {
                Open = 3,
                Burst = 1,
                NewPerSecond = 1,
            },
            clock
        );
        for (var i = 0; i < 200; i++)
        {
            Assert.True(caps.TryAdmit(SourceAddress.Of(new IPAddress([10, 0, 0, (byte)i])), connection: null, out var seat));
            caps.Spend(seat.Source);
            seat.Dispose();
            clock.Advance(TimeSpan.FromSeconds(1));
        }
        Assert.InRange(caps.Remembered, 0, 5);
    }

    [Fact]
    public async Task TH_32_A_connection_over_the_cap_is_aborted_before_TLS()
    {
        var pki = new TestPki();
        var snapshot = new TlsSnapshot(pki.Server(), intermediates: null, clients: null);
        await using var host = await TlsHost.Start(
            snapshot,
            ClientCertificates.None,
            new ConnectionCaps(new() { OpenPerAddress = 1 }, TimeProvider.System)
        );
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

    private static SourceAddress Source(string address) => SourceAddress.Of(IPAddress.Parse(address));
}
