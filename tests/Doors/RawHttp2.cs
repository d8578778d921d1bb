using System.Buffers.Binary;
using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Text;

namespace Doors;

/// <summary>
/// One HTTP/2 connection on which a test sends any header section, also behind a body, which no client library does. Headers are sent as
/// literals; of an answer only status, body and end are read.
/// </summary>
internal sealed class RawHttp2 : IAsyncDisposable
{
    private const byte Data = 0,
        Headers = 1,
        Reset = 3,
        Settings = 4,
        GoAway = 7,
        Continuation = 9;
    private const byte EndStream = 1,
        EndHeaders = 4,
        Acknowledges = 1;
    private const int MostOfFrame = 16_000,
        PrefixedLength = 127;
    private readonly SslStream _stream;

    private RawHttp2(SslStream stream) => _stream = stream;

    /// <summary>Connects to a port of this machine.</summary>
    public static async Task<RawHttp2> Tls(int port)
    {
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        await socket.ConnectAsync(IPAddress.Loopback, port);
        var stream = new SslStream(new NetworkStream(socket, ownsSocket: true));
        await stream.AuthenticateAsClientAsync(
            new SslClientAuthenticationOptions
            {
                TargetHost = "localhost",
                EnabledSslProtocols = SslProtocols.Tls13,
                ApplicationProtocols = [SslApplicationProtocol.Http2],
                RemoteCertificateValidationCallback = static (_, _, _, _) => true,
            }
        );
        await stream.WriteAsync("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"u8.ToArray());
        var connection = new RawHttp2(stream);
        await connection.Frame(Settings, 0, 0, []);
        return connection;
    }

    /// <summary>Sends a request with a body, and fields behind it where there are any.</summary>
    public async Task Send(
        int id,
        string path,
        string body,
        IEnumerable<(string Name, string Value)> headers,
        params (string Name, string Value)[] trailers
    )
    {
        await Section(
            id,
            [(":method", "POST"), (":scheme", "https"), (":path", path), (":authority", "localhost"), .. headers],
            isLast: false
        );
        await Frame(Data, trailers.Length == 0 ? EndStream : (byte)0, id, Encoding.UTF8.GetBytes(body));
        if (trailers.Length > 0)
            await Section(id, trailers, isLast: true);
    }

    /// <summary>Reads until the stream ends; status 0 when it is reset or the connection ends instead.</summary>
    public async Task<(int Status, string Body)> Read(int id)
    {
        var (status, body, head) = (0, new StringBuilder(), new byte[9]);
        while (true)
        {
            if (await _stream.ReadAtLeastAsync(head, head.Length, throwOnEndOfStream: false) < head.Length)
                return (0, "");
            var payload = new byte[(head[0] << 16) | (head[1] << 8) | head[2]];
            await _stream.ReadExactlyAsync(payload);
            var (kind, flags, stream) = (head[3], head[4], BinaryPrimitives.ReadInt32BigEndian(head.AsSpan(5)));
            if (kind == GoAway || (kind == Reset && stream == id))
                return (0, "");
            if (kind == Settings && (flags & Acknowledges) == 0)
                await Frame(Settings, Acknowledges, 0, []);
            if (stream != id)
                continue;
            if (kind == Headers)
                status = StatusOf(payload);
            if (kind == Data)
                body.Append(Encoding.UTF8.GetString(payload));
            if (kind is Headers or Data && (flags & EndStream) != 0)
                return (status, body.ToString());
        }
    }

    public ValueTask DisposeAsync() => _stream.DisposeAsync();

    // RFC 7541, appendix A: 8 to 14 are statuses, or :status with another text.
    private static int StatusOf(byte[] section) =>
        section[0] switch
        {
            0x88 => 200,
            0x8c => 400,
            0x8d => 404,
            0x8e => 500,
            _ => int.Parse(Encoding.ASCII.GetString(section, 2, 3), System.Globalization.CultureInfo.InvariantCulture),
        };

    private async Task Section(int id, IEnumerable<(string Name, string Value)> fields, bool isLast)
    {
        var bytes = new List<byte>();
        foreach (var (name, value) in fields)
        {
            bytes.Add(0); // a literal that nobody keeps
            Text(bytes, name);
            Text(bytes, value);
        }

        var pieces = bytes.Chunk(MostOfFrame).ToArray();
        for (var i = 0; i < pieces.Length; i++)
        {
            var flags = (i == pieces.Length - 1 ? EndHeaders : 0) | (isLast && i == 0 ? EndStream : 0);
            await Frame(i == 0 ? Headers : Continuation, (byte)flags, id, pieces[i]);
        }
    }

    private static void Text(List<byte> bytes, string text)
    {
        var length = text.Length;
        if (length < PrefixedLength)
        {
            bytes.Add((byte)length);
        }
        else
        {
            bytes.Add(PrefixedLength);
            for (length -= PrefixedLength; length >= 128; length /= 128)
                bytes.Add((byte)((length % 128) + 128));
            bytes.Add((byte)length);
        }

        bytes.AddRange(Encoding.Latin1.GetBytes(text));
    }

    private async Task Frame(byte kind, byte flags, int id, byte[] payload)
    {
        var frame = new byte[9 + payload.Length];
        (frame[0], frame[1], frame[2], frame[3], frame[4]) = (
            (byte)(payload.Length >> 16),
            (byte)(payload.Length >> 8),
            (byte)payload.Length,
            kind,
            flags
        );
        BinaryPrimitives.WriteInt32BigEndian(frame.AsSpan(5), id);
        payload.CopyTo(frame, 9);
        await _stream.WriteAsync(frame);
        await _stream.FlushAsync();
    }
}
