using System.Globalization;
using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Text;
using Authority.Tests.Support;
using Doors;
using Tokens.Transport;

namespace Authority.Tests;

/// <summary>Whoever stands still at the authority's doors keeps nobody waiting, under the figures as shipped.</summary>
[Trait("Needs", "Inside")]
[Trait("Tier", "Whole")]
public sealed class StrangersTests : IAsyncLifetime
{
    private readonly TheAuthority _authority = new()
    {
        Configure = static options =>
        {
            var shipped = new AuthoritySettings().Caps;
            (options.Caps.Open, options.Caps.OpenPerAddress, options.Caps.NewPerSecond, options.Caps.Burst, options.Caps.Handshakes) = (
                shipped.Open,
                shipped.OpenPerAddress,
                shipped.NewPerSecond,
                shipped.Burst,
                shipped.Handshakes
            );
        },
    };

    public async ValueTask InitializeAsync()
    {
        await _authority.InitializeAsync();
        await TokenIssued();
    }

    public ValueTask DisposeAsync() => _authority.DisposeAsync();

    [Theory]
    [InlineData("silent")]
    [InlineData("dribbling")]
    [InlineData("half way")]
    public async Task Connections_that_stand_still_keep_nobody_from_a_token(string how)
    {
        var lost = int.MaxValue;
        for (var round = 0; round < 3 && lost > 0; round++) // a busy machine gets three tries
        {
            using var mutual = new Strangers(new Uri(_authority.Addresses.MutualTls).Port);
            using var open = new Strangers(new Uri(_authority.Issuer).Port);
            foreach (var address in new[] { "127.0.0.2", "127.0.0.3" })
            {
                await mutual.Stand(how, address, 30);
                await open.Stand(how, address, 30);
            }

            await TokenIssued();
            lost = mutual.Lost + open.Lost;
        }

        Assert.Equal(0, lost); // nobody waited for one of them to be cut off
    }

    [Fact]
    public async Task A_form_that_comes_byte_by_byte_holds_no_seat_in_the_ledger()
    {
        using var socket = new TcpClient();
        await socket.ConnectAsync(IPAddress.Loopback, new Uri(_authority.Issuer).Port);
        await using var stream = new SslStream(socket.GetStream());
        var options = new OutgoingTls { Trust = [_authority.Pki.Root] }.Options();
        options.TargetHost = "localhost";
        await stream.AuthenticateAsClientAsync(options);
        var body = new FormUrlEncodedContent(_authority.Form("a.b.c"));
        var text = await body.ReadAsStringAsync();
        var host = new Uri(_authority.Issuer).Authority;
        var head = string.Create(
            CultureInfo.InvariantCulture,
            $"POST /connect/token HTTP/1.1\r\nHost: {host}\r\n"
                + $"Content-Type: application/x-www-form-urlencoded\r\nContent-Length: {text.Length}\r\nExpect: 100-continue\r\n\r\n"
        );
        var before = _authority.Ledger.Asked;
        await stream.WriteAsync(Encoding.ASCII.GetBytes(head));
        var buffer = new byte[1024];
        var read = await stream.ReadAsync(buffer);
        Assert.StartsWith("HTTP/1.1 100", Encoding.ASCII.GetString(buffer, 0, read), StringComparison.Ordinal); // the form is waited for
        Assert.Equal(before, _authority.Ledger.Asked);
        await stream.WriteAsync(Encoding.ASCII.GetBytes(text));
        read = await stream.ReadAsync(buffer);
        Assert.StartsWith("HTTP/1.1 401", Encoding.ASCII.GetString(buffer, 0, read), StringComparison.Ordinal);
        Assert.True(_authority.Ledger.Asked > before, "the refusal of a form that came whole is sealed");
    }

    private async Task TokenIssued()
    {
        using var http = _authority.HttpOf(TheAuthority.Eligibility);
        Assert.Equal(HttpStatusCode.OK, (await _authority.Ask(_authority.Form(_authority.Assertion()), http)).Status);
    }
}
