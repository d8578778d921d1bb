using System.Buffers.Binary;
using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using Tokens.Tests.Support;
using Tokens.Transport;
using Xunit;

namespace Tokens.Tests.Transport;

/// <summary>A ClientHello may come in records of any size (RFC 8446 section 5.1), and what is none leaves no trace but a count.</summary>
public sealed class FragmentedHelloTests : IAsyncLifetime
{
    private const int HeaderBytes = 5;
    private static readonly TestPki Pki = new();
    private readonly X509Certificate2 _certificate = Pki.Leaf();
    private readonly LogLines _lines = new();
    private TlsHost _host = null!;

    public async ValueTask InitializeAsync()
    {
        var authorities = new Dictionary<string, X509Certificate2Collection>(StringComparer.Ordinal) { ["partners"] = [Pki.Root] };
        var snapshot = new TlsSnapshot(Pki.Server(), intermediates: null, new ClientTrust { Authorities = authorities });
        _host = await TlsHost.Start(snapshot, caps: new ConnectionCaps(new(), TimeProvider.System), logs: _lines);
    }

    public async ValueTask DisposeAsync() => await _host.DisposeAsync();

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    [InlineData(5)]
    [InlineData(37)]
    [InlineData(250)]
    public async Task A_client_whose_hello_comes_in_records_of_few_bytes_is_served(int bytes)
    {
        Assert.Contains("200 OK", await AnswerTo(hello => Records(hello, _ => bytes)), StringComparison.Ordinal);
        Assert.Empty(_host.Rejections);
        Assert.Empty(_lines.Bad);
    }

    [Fact]
    public async Task So_is_one_whose_first_record_alone_is_short()
    {
        for (var first = 1; first <= 8; first++)
        {
            var length = first;
            Assert.Contains("200 OK", await AnswerTo(hello => Records(hello, at => at == 0 ? length : 16_384)), StringComparison.Ordinal);
        }
        Assert.Empty(_lines.Bad);
    }

    [Theory]
    [InlineData("160301000101")]
    [InlineData("16030100020100")]
    [InlineData("16030100020100160301000101")]
    [InlineData("160301000401000000")]
    [InlineData("1603010000")]
    [InlineData("160301FFFF01")]
    [InlineData("1503010002022816030100020100")]
    [InlineData("474554202F20485454502F312E310D0A0D0A")]
    [InlineData("16030100020100170303000101")]
    [InlineData("8000010301")]
    [InlineData("16030100050100000101")]
    public async Task What_is_no_hello_is_counted_and_leaves_no_line_of_the_log(string bytes)
    {
        using var socket = new TcpClient();
        await socket.ConnectAsync(IPAddress.Loopback, _host.Port);
        var stream = socket.GetStream();
        await stream.WriteAsync(Convert.FromHexString(bytes));
        socket.Client.Shutdown(SocketShutdown.Send);
        await Drained(stream);
        await Eventually(() => !_host.Rejections.IsEmpty);
        Assert.Equal([TlsRejection.HandshakeFailed], _host.Rejections);
        Assert.Empty(_lines.Bad);
        Assert.Contains("200 OK", await AnswerTo(static hello => hello), StringComparison.Ordinal);
    }

    /// <summary>The first record of the client's own library, sent on as <paramref name="rewritten"/>; all that follows as it is.</summary>
    private async Task<string> AnswerTo(Func<byte[], byte[]> rewritten)
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        using var socket = new TcpClient();
        await socket.ConnectAsync((IPEndPoint)listener.LocalEndpoint);
        using var inner = await listener.AcceptTcpClientAsync();
        using var outer = new TcpClient { NoDelay = true };
        await outer.ConnectAsync(IPAddress.Loopback, _host.Port);
#pragma warning disable CA2025 // Both end when the connections are closed, and are awaited.
        Task[] forwarding = [Back(outer.GetStream(), inner.Client), Forward(inner.GetStream(), outer.GetStream(), rewritten)];
#pragma warning restore CA2025
        var buffer = new byte[256];
        int read;
        await using (var stream = new SslStream(socket.GetStream()))
        {
            await stream.AuthenticateAsClientAsync(
                new SslClientAuthenticationOptions
                {
                    TargetHost = "localhost",
                    ClientCertificates = [_certificate],
                    RemoteCertificateValidationCallback = static (_, _, _, _) => true,
                }
            );
            await stream.WriteAsync("GET / HTTP/1.1\r\nHost: localhost\r\n\r\n"u8.ToArray());
            read = await stream.ReadAsync(buffer);
        }
        outer.Close();
        inner.Close();
        foreach (var one in forwarding)
            await one.ContinueWith(static _ => { }, TaskScheduler.Default);
        return Encoding.ASCII.GetString(buffer.AsSpan(0, read));
    }

    private static async Task Forward(NetworkStream from, NetworkStream to, Func<byte[], byte[]> rewritten)
    {
        var header = new byte[HeaderBytes];
        await from.ReadExactlyAsync(header);
        var hello = new byte[BinaryPrimitives.ReadUInt16BigEndian(header.AsSpan(3))];
        await from.ReadExactlyAsync(hello);
        var records = rewritten([.. header, .. hello]);
        for (int at = 0, count = 0, length; at < records.Length; at += length, count++)
        {
            // The first ones apart: what comes together is read together.
            length = count < 4 ? HeaderBytes + BinaryPrimitives.ReadUInt16BigEndian(records.AsSpan(at + 3)) : records.Length - at;
            await to.WriteAsync(records.AsMemory(at, length));
            await Task.Delay(50);
        }
        await from.CopyToAsync(to);
    }

    private static async Task Back(NetworkStream from, Socket to)
    {
        try
        {
            await using var back = new NetworkStream(to);
            await from.CopyToAsync(back);
        }
        finally
        {
            to.Shutdown(SocketShutdown.Send);
        }
    }

    private static byte[] Records(byte[] record, Func<int, int> lengthAt)
    {
        var cut = new MemoryStream();
        for (var at = HeaderBytes; at < record.Length;)
        {
            var length = Math.Min(lengthAt(at - HeaderBytes), record.Length - at);
            cut.Write([record[0], record[1], record[2], (byte)(length >> 8), (byte)length]);
            cut.Write(record.AsSpan(at, length));
            at += length;
        }
        return cut.ToArray();
    }

    private static async Task Drained(NetworkStream stream)
    {
        try
        {
            var buffer = new byte[256];
            while (await stream.ReadAsync(buffer) > 0) { }
        }
        catch (IOException)
        {
            // It was closed hard: as good.
        }
    }

    private static async Task Eventually(Func<bool> holds)
    {
        for (var i = 0; i < 1000 && !holds(); i++)
            await Task.Delay(20);
    }
}
