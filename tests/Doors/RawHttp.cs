using System.Globalization;
using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
using System.Text;

namespace Doors;

/// <summary>One HTTP/1.1 connection on which a test sends any bytes and reads one answer after the other.</summary>
internal sealed class RawHttp : IAsyncDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30); // a loaded machine is no reason to fail
    private readonly Stream _stream;
    private readonly List<byte> _read = [];

    private RawHttp(Stream stream) => _stream = stream;

    /// <summary>Connects to a port of this machine, with TLS.</summary>
    public static async Task<RawHttp> Tls(int port, X509Certificate2? certificate = null)
    {
        var stream = new SslStream(await Open(port));
        await stream.AuthenticateAsClientAsync(
            new SslClientAuthenticationOptions
            {
                TargetHost = "localhost",
                EnabledSslProtocols = SslProtocols.Tls13,
                ApplicationProtocols = [SslApplicationProtocol.Http11],
                RemoteCertificateValidationCallback = static (_, _, _, _) => true,
                ClientCertificateContext = certificate is null
                    ? null
                    : SslStreamCertificateContext.Create(certificate, additionalCertificates: null, offline: true),
            }
        );
        return new RawHttp(stream);
    }

    /// <summary>Connects to a port of this machine, without TLS.</summary>
    public static async Task<RawHttp> Plain(int port) => new(await Open(port));

    /// <summary>Sends bytes, one for each character.</summary>
    public async Task Send(string bytes)
    {
        await _stream.WriteAsync(Encoding.Latin1.GetBytes(bytes));
        await _stream.FlushAsync();
    }

    /// <summary>Reads the next answer; null when the other side has ended the connection instead.</summary>
    /// <param name="withBody">False for the answer to a HEAD.</param>
    public async Task<RawAnswer?> Read(bool withBody = true)
    {
        int end;
        while ((end = Find("\r\n\r\n", 0)) < 0)
            if (!await More())
                return _read.Count == 0 ? null : throw new IOException("the connection ended in an answer: " + Text(0, _read.Count));
        var answer = new RawAnswer(Text(0, end), "");
        Drop(end + 4);
        if (answer.Status < 200 || !withBody)
            return answer;
        return answer with
        {
            Body =
                answer.Header("Transfer-Encoding") == "chunked"
                    ? await Chunks()
                    : await Take(int.Parse(answer.Header("Content-Length") ?? "0", CultureInfo.InvariantCulture)),
        };
    }

    /// <summary>Sends a request and reads its answer.</summary>
    public async Task<RawAnswer> Ask(string bytes)
    {
        await Send(bytes);
        return await Read() ?? throw new IOException("the connection ended without an answer");
    }

    public ValueTask DisposeAsync() => _stream.DisposeAsync();

    private static async Task<Stream> Open(int port)
    {
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        await socket.ConnectAsync(IPAddress.Loopback, port);
        return new NetworkStream(socket, ownsSocket: true);
    }

    private async Task<string> Chunks()
    {
        var body = new StringBuilder();
        while (true)
        {
            int end;
            while ((end = Find("\r\n", 0)) < 0)
                await Need();
            var length = int.Parse(Text(0, end), NumberStyles.HexNumber, CultureInfo.InvariantCulture);
            Drop(end + 2);
            body.Append(await Take(length));
            await Take(2);
            if (length == 0)
                return body.ToString();
        }
    }

    private async Task<string> Take(int length)
    {
        while (_read.Count < length)
            await Need();
        var text = Encoding.UTF8.GetString([.. _read.Take(length)]);
        Drop(length);
        return text;
    }

    private async Task Need()
    {
        if (!await More())
            throw new IOException("the connection ended in an answer");
    }

    private async Task<bool> More()
    {
        using var patience = new CancellationTokenSource(Patience);
        var buffer = new byte[16 * 1024];
        try
        {
            var read = await _stream.ReadAsync(buffer, patience.Token);
            _read.AddRange(buffer.AsSpan(0, read));
            return read > 0;
        }
        catch (IOException)
        {
            return false; // reset
        }
    }

    private int Find(string text, int from)
    {
        var all = Text(from, _read.Count - from);
        return all.IndexOf(text, StringComparison.Ordinal);
    }

    private string Text(int from, int length) => Encoding.Latin1.GetString([.. _read.Skip(from).Take(length)]);

    private void Drop(int length) => _read.RemoveRange(0, length);
}

/// <summary>An answer as it came.</summary>
/// <param name="Head">Status line and headers.</param>
/// <param name="Body">Body, its framing taken off.</param>
internal sealed record RawAnswer(string Head, string Body)
{
    public int Status => int.Parse(Head.Split(' ')[1], CultureInfo.InvariantCulture);

    /// <summary>It says that the connection ends with it.</summary>
    public bool Closes => Header("Connection") == "close";

    public string? Header(string name) =>
        Head.Split("\r\n")
            .Where(line => line.StartsWith(name + ":", StringComparison.OrdinalIgnoreCase))
            .Select(line => line[(name.Length + 1)..].Trim())
            .FirstOrDefault();
}
