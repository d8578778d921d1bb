using System.Buffers.Text;
using System.Net.Security;
using System.Net.Sockets;
using System.Text;
using System.Text.Json;
using Sandbox.Institutions;

namespace Gateway.Tests.Forwarding;

/// <summary>A question as it arrived at a <see cref="RawInstitution"/>.</summary>
/// <param name="Connection">Number of its connection.</param>
/// <param name="Ordinal">The how-manieth on that connection.</param>
/// <param name="Head">Request line and headers.</param>
/// <param name="Body">Body.</param>
/// <param name="Stream">The connection, for any bytes.</param>
/// <param name="Socket">The same below TLS.</param>
/// <param name="Tell">What the institution knows: path and question to answer.</param>
internal sealed record RawCall(
    int Connection,
    int Ordinal,
    string Head,
    string Body,
    SslStream Stream,
    Socket Socket,
    Func<string, string, string> Tell
)
{
    public string ExchangeId => Header("Exchange-Id");

    /// <summary>The id of the gateway's assertion.</summary>
    public string AssertionId
    {
        get
        {
            var claims = Base64Url.DecodeFromChars(Header("Exchange-Assertion").Split('.')[1]);
            return JsonSerializer.Deserialize<JsonElement>(claims).GetProperty("jti").GetString()!;
        }
    }

    /// <summary>The true answer.</summary>
    public string Answer
    {
        get
        {
            var path = Head.Split(' ')[1];
            return Tell(path.StartsWith(StandIn.BasePath, StringComparison.Ordinal) ? path[StandIn.BasePath.Length..] : path, Body);
        }
    }

    /// <summary>Sends the true answer, or another body.</summary>
    public Task AnswerAsync(string? body = null, string status = "200 OK", string headers = "", string? named = null) =>
        SendAsync(Whole(body ?? Answer, status, headers, named));

    /// <summary>Sends any bytes.</summary>
    public async Task SendAsync(string text)
    {
        await Stream.WriteAsync(Encoding.UTF8.GetBytes(text));
        await Stream.FlushAsync();
    }

    /// <summary>An answer as bytes. It names the exchange, unless other header lines for that are given.</summary>
    public string Whole(string body, string status = "200 OK", string headers = "", string? named = null) =>
        $"HTTP/1.1 {status}\r\nContent-Type: {Header("Accept")}\r\n{headers}{named ?? $"Exchange-Id: {ExchangeId}\r\n"}"
        + $"Content-Length: {Encoding.UTF8.GetByteCount(body)}\r\n\r\n{body}";

    /// <summary>Ends the connection with a reset.</summary>
    public void Reset()
    {
        Socket.LingerState = new LingerOption(enable: true, seconds: 0);
        Socket.Close();
    }

    private string Header(string name) =>
        Head.Split("\r\n").First(line => line.StartsWith(name + ": ", StringComparison.OrdinalIgnoreCase))[(name.Length + 2)..];
}
