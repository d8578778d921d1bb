using System.Collections.Concurrent;
using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using Microsoft.Extensions.Logging;
using Sandbox;
using Sandbox.Persons;
using Xunit;

namespace Gateway.Tests.Flow;

/// <summary>Whatever strangers send, no line of level Error or above is written: an alarm that anybody can ring is heard by
/// nobody.</summary>
[Collection(OneTown.Name)]
[Trait("Tier", "Whole")]
public sealed class StrangersAlarmTest : IAsyncLifetime
{
    private static readonly byte[] Gzip = [0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 3];
    private readonly ConcurrentQueue<string> _alarms = new();
    private Town _town = null!;

    public async ValueTask InitializeAsync() =>
        _town = await Town.StartAsync(new TownOptions { Pupils = 50, Logging = logging => logging.AddProvider(new Lines(_alarms)) });

    public ValueTask DisposeAsync() => _town.EndAsync();

    [Fact]
    public async Task Nothing_that_is_sent_without_authority_rings_an_alarm()
    {
        var file = _town.File;
        await _town.Enrolment(Fixtures.PlainChild);
        string[] doors = [file.Gateway, file.GatewayDpop!, file.Diagnose!, file.TokenEndpoint, file.PublicTokenEndpoint!];
        foreach (var door in doors.Select(static door => new Uri(door)))
        {
            await Bytes(door, "GET / HTTP/1.1\r\nHost: localhost\r\n\r\n"u8.ToArray());
            await Bytes(door, [0x16, 3, 1, 0xff, 0xff, 1, 0, 0, 0]);
            await Bytes(door, RandomNumberGenerator.GetBytes(4096));
            foreach (var certificate in Certificates())
            {
                foreach (var request in Requests(door))
                    await Tls(door, certificate, request);
                certificate?.Dispose();
            }
        }

        // Everything still works, and what was to be said is said.
        Assert.Equal("MATCHED", (await _town.Enrolment(Fixtures.PlainChild)).MatchStatus);
        Assert.Empty(_alarms);
    }

    private IEnumerable<X509Certificate2?> Certificates()
    {
        yield return null;
        var partner = _town.File.Clients.First(static one => one.Id == "anss-eligibility");
        yield return X509Certificate2.CreateFromPemFile(partner.Certificate, partner.CertificateKey);
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        yield return new CertificateRequest("CN=stranger", key, HashAlgorithmName.SHA256).CreateSelfSigned(
            DateTimeOffset.UtcNow.AddDays(-1),
            DateTimeOffset.UtcNow.AddDays(1)
        );
    }

    private static IEnumerable<byte[]> Requests(Uri door)
    {
        var path = door.AbsolutePath.Length > 1 ? door.AbsolutePath : Ask.Enrolments;
        var media = path == Ask.Enrolments ? "application/json" : "application/x-www-form-urlencoded";
        var head = $"POST {path} HTTP/1.1\r\nHost: {door.Authority}\r\nContent-Type: {media}\r\n";
        string[] headers =
        [
            "",
            "Authorization: Bearer x\r\n",
            "Authorization: DPoP a.b.c\r\nDPoP: a.b.c\r\n",
            "Case-Reference: \u0645\r\n",
            "traceparent: x\r\nbaggage: =;=\r\n",
        ];
        string[] texts =
        [
            "nonsense\r\n\r\n",
            "GET /\0 HTTP/1.1\r\n\r\n",
            "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + new string('x', 100),
            $"DELETE {path} HTTP/1.1\r\nHost: {door.Authority}\r\n\r\n",
            $"GET /../../etc/passwd HTTP/1.1\r\nHost: {door.Authority}\r\n\r\n",
            $"POST {path} HTTP/1.1\r\nHost: elsewhere\r\nContent-Length: 2\r\n\r\n{{}}",
            .. new[]
            {
                "",
                "{}",
                "{",
                "[]",
                "null",
                "\"\ud800\"",
                "{\"subject\":{\"scheme\":\"idcs\",\"value\":\"2666041939\"}}",
                new string('[', 20_000),
                new string('9', 70_000),
                "grant_type=client_credentials&client_id=anss-eligibility&client_assertion=a.b.c&client_assertion_type="
                    + "urn%3Aietf%3Aparams%3Aoauth%3Aclient-assertion-type%3Ajwt-bearer",
                "grant_type=client_credentials&client_id=" + new string('x', 9000),
                "%ff%fe=%00&%",
                "token=x&client_id=%e2%80%ae",
            }.Select(
                (body, i) =>
                    $"{head}{headers[i % headers.Length]}Content-Length: {Encoding.UTF8.GetByteCount(body)}\r\n"
                    + $"Connection: close\r\n\r\n{body}"
            ),
            $"POST {path} HTTP/1.1\r\nHost: {door.Authority}\r\nContent-Type: {media}\r\nTransfer-Encoding: chunked\r\n\r\nZZ\r\nx",
            $"POST {path} HTTP/1.1\r\nHost: {door.Authority}\r\nContent-Type: {media}\r\nContent-Length: 50\r\n\r\ncut",
            $"POST {path} HTTP/1.1\r\nHost: {door.Authority}\r\nCookie: {new string('c', 40_000)}\r\n\r\n",
        ];
        foreach (var text in texts)
            yield return Encoding.UTF8.GetBytes(text);
        yield return [.. Encoding.ASCII.GetBytes($"{head}Content-Length: {Gzip.Length}\r\nConnection: close\r\n\r\n"), .. Gzip];
    }

    private static async Task Bytes(Uri door, byte[] bytes)
    {
        using var socket = new TcpClient();
        await socket.ConnectAsync(IPAddress.Loopback, door.Port);
        await Said(socket.GetStream(), bytes);
    }

    private static async Task Tls(Uri door, X509Certificate2? certificate, byte[] bytes)
    {
        using var socket = new TcpClient();
        await socket.ConnectAsync(IPAddress.Loopback, door.Port);
#pragma warning disable CA5359 // a stranger does not care whom it talks to
        await using var tls = new SslStream(socket.GetStream(), leaveInnerStreamOpen: false, static (_, _, _, _) => true);
#pragma warning restore CA5359
        try
        {
            await tls.AuthenticateAsClientAsync(
                new SslClientAuthenticationOptions
                {
                    TargetHost = "localhost",
                    EnabledSslProtocols = SslProtocols.Tls13,
                    ClientCertificates = certificate is null ? null : [certificate],
                }
            );
            await Said(tls, bytes);
        }
        catch (Exception refused) when (refused is AuthenticationException or IOException)
        {
            // The door is shut: that is an answer.
        }
    }

    // Sends, listens for a moment, and leaves.
    private static async Task Said(Stream stream, byte[] bytes)
    {
        try
        {
            await stream.WriteAsync(bytes);
            using var patience = new CancellationTokenSource(TimeSpan.FromMilliseconds(300));
            var buffer = new byte[4096];
            while (await stream.ReadAsync(buffer, patience.Token) > 0) { }
        }
        catch (Exception ended) when (ended is IOException or OperationCanceledException)
        {
            // The other side has closed, or says nothing.
        }
    }
}
