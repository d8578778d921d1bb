using System.Net;
using System.Net.Security;
using System.Net.Sockets;

namespace Doors;

/// <summary>Connections that never become anything, from loopback addresses of the test's choice.</summary>
internal sealed class Strangers(int port) : IDisposable
{
    private readonly List<Socket> _sockets = [];

    /// <summary>How many the server has hung up on.</summary>
    public int Lost => _sockets.Count(static socket => socket.Poll(0, SelectMode.SelectRead) && IsOver(socket));

    /// <summary>
    /// Connects <paramref name="count"/> times from an address and stands still: <c>silent</c>, after one byte of a handshake
    /// (<c>dribbling</c>), or after a whole ClientHello (<c>half way</c>).
    /// </summary>
    public async Task Stand(string how, string from, int count)
    {
        var hello = await CaptureHello();
        var says = how switch
        {
            "silent" => hello.AsMemory(0, 0),
            "dribbling" => hello.AsMemory(0, 1),
            "half way" => hello,
            _ => throw new ArgumentException("not a way to stand still", nameof(how)),
        };
        for (var i = 0; i < count; i++)
        {
            var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
            _sockets.Add(socket);
            socket.Bind(new IPEndPoint(IPAddress.Parse(from), 0));
            try
            {
                await socket.ConnectAsync(IPAddress.Loopback, port);
                if (!says.IsEmpty)
                    await socket.SendAsync(says);
            }
            catch (SocketException)
            {
                // hung up on at once: it counts among the lost
            }
        }
    }

    public void Dispose()
    {
        foreach (var socket in _sockets)
            socket.Dispose();
    }

    /// <summary>The first record of a handshake, as a client of this platform sends it.</summary>
    private static async Task<byte[]> CaptureHello()
    {
        using var server = new TcpListener(IPAddress.Loopback, 0);
        server.Start();
        using var client = new TcpClient();
        await client.ConnectAsync((IPEndPoint)server.LocalEndpoint);
        await using var tls = new SslStream(client.GetStream());
        var handshake = tls.AuthenticateAsClientAsync("localhost");
        var hello = new byte[16 * 1024];
        using (var peer = await server.AcceptSocketAsync())
            hello = hello[..await peer.ReceiveAsync(hello)];
        await handshake.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        return hello;
    }

    private static bool IsOver(Socket socket)
    {
        try
        {
            return socket.Receive(new byte[1], SocketFlags.Peek) == 0;
        }
        catch (SocketException)
        {
            return true;
        }
    }
}
