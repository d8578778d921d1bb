using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using Tokens.Transport;

namespace Benchmarks.Issuing;

/// <summary>
/// One kept-alive connection over mutual TLS 1.3 that sends prepared bytes and waits for the answer. It reads just enough HTTP to find
/// the end of a token answer, so that the generator's core is not what is measured.
/// </summary>
public sealed class TokenConnection : IAsyncDisposable
{
    private static readonly byte[] EndOfHead = "\r\n\r\n"u8.ToArray();
    private readonly SslStream _stream;
    private readonly byte[] _buffer = new byte[16384];

    private TokenConnection(SslStream stream) => _stream = stream;

    public static async Task<TokenConnection> OpenAsync(Uri server, string ca, X509Certificate2 certificate)
    {
        var trust = new X509Certificate2Collection();
        trust.ImportFromPemFile(ca);
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        await socket.ConnectAsync(IPAddress.Loopback, server.Port);
        var stream = new SslStream(new NetworkStream(socket, ownsSocket: true));
        var options = new OutgoingTls
        {
            Trust = trust,
            Client = SslStreamCertificateContext.Create(certificate, additionalCertificates: null, offline: true),
        }.Options();
        options.TargetHost = server.Host;
        await stream.AuthenticateAsClientAsync(options);
        return new(stream);
    }

    /// <summary>Sends a request and reads its answer; anything but 200 ends the run.</summary>
    public async ValueTask<int> AskAsync(byte[] request)
    {
        await _stream.WriteAsync(request);
        var read = 0;
        int head;
        while ((head = _buffer.AsSpan(0, read).IndexOf(EndOfHead)) < 0)
            read += await ReadAsync(read);
        var length = Length(Encoding.ASCII.GetString(_buffer, 0, head));
        while (read < head + EndOfHead.Length + length)
            read += await ReadAsync(read);
        if (!_buffer.AsSpan().StartsWith("HTTP/1.1 200 "u8))
            throw new InvalidOperationException(Encoding.UTF8.GetString(_buffer, 0, read));
        return length;
    }

    public ValueTask DisposeAsync() => _stream.DisposeAsync();

    private async ValueTask<int> ReadAsync(int at)
    {
        var read = await _stream.ReadAsync(_buffer.AsMemory(at));
        return read > 0 ? read : throw new InvalidOperationException("the server closed the connection");
    }

    private static int Length(string head)
    {
        const string name = "\r\ncontent-length:";
        var at = head.IndexOf(name, StringComparison.OrdinalIgnoreCase);
        if (at < 0)
            throw new InvalidOperationException("an answer without Content-Length: " + head);
        var end = head.IndexOf('\r', at + name.Length);
        return int.Parse(
            head.AsSpan(at + name.Length, (end < 0 ? head.Length : end) - at - name.Length),
            System.Globalization.CultureInfo.InvariantCulture
        );
    }
}
