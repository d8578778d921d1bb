using System.Globalization;
using System.Text;
using Doors;
using Microsoft.AspNetCore.Http;
using Tokens.Tests.Support;
using Tokens.Transport;
using Xunit;

namespace Tokens.Tests.Transport;

/// <summary>What Kestrel refuses by itself is answered in the program's words, and the connection ends.</summary>
public sealed class ServerRefusalsTests
{
    private static readonly TestPki Pki = new();

    public static TheoryData<string, int> Unreadable { get; } =
        new()
        {
            { "GARBAGE\r\n\r\n", 400 },
            { "GET / HTTP/1.1\r\nHost: localhost\r\nX : y\r\n\r\n", 400 },
            { "GET / HTTP/1.1\r\nHost: localhost\r\nno colon\r\n\r\n", 400 },
            { "GET / HTTP/1.1\r\nHost: localhost\r\nX-\u00e9: y\r\n\r\n", 400 },
            { "GET / HTTP/1.1\r\nHost: localhost\r\nX: a\0b\r\n\r\n", 400 },
            { "GET / HTTP/1.1\r\nHost: localhost\r\nX: a\r\n folded\r\n\r\n", 400 },
            { "GET / HTTP/1.1\nHost: localhost\n\n", 400 },
            { "GET / HTTP/1.1\r\n\r\n", 400 },
            { "GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n", 400 },
            { "POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1\r\nContent-Length: 1\r\n\r\na", 400 },
            { "POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1, 1\r\n\r\na", 400 },
            { "POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: +1\r\n\r\na", 400 },
            { "POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: -0\r\n\r\n", 400 },
            { "POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: -1\r\n\r\n", 400 },
            { "POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1 1\r\n\r\na", 400 },
            { "POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 0x1\r\n\r\na", 400 },
            { "POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length:\r\n\r\n", 400 },
            { "POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 99999999999999999999\r\n\r\na", 400 },
            { "GET / HTTP/1.1\r\nHost: localhost\r\nConnection: close, X-Secret\r\n\r\n", 400 },
            { "GET / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nConnection: X-Secret\r\n\r\n", 400 },
            { "GET / HTTP/1.1\r\nHost: localhost\r\nConnection: keep-alive,X-Secret\r\n\r\n", 400 },
            { "GET / HTTP/9.9\r\nHost: localhost\r\n\r\n", 505 },
            { "GET /" + new string('a', 4200) + " HTTP/1.1\r\nHost: localhost\r\n\r\n", 414 },
            { "GET /" + new string('a', 9000) + " HTTP/1.1\r\nHost: localhost\r\n\r\n", 414 },
            { "GET / HTTP/1.1\r\nHost: localhost\r\nCookie: " + new string('a', 70_000) + "\r\n\r\n", 431 },
            {
                "GET / HTTP/1.1\r\nHost: localhost\r\n"
                    + string.Concat(Enumerable.Range(0, 1100).Select(static i => $"X-{i}: y\r\n"))
                    + "\r\n",
                431
            },
        };

    [Theory]
    [MemberData(nameof(Unreadable))]
    public async Task A_request_that_the_server_cannot_read_is_refused_in_words(string request, int status)
    {
        await using var host = await Start();
        await using var connection = await RawHttp.Tls(host.Port);
        // A connection that was good so far.
        Assert.Equal("passed", (await connection.Ask("GET / HTTP/1.1\r\nHost: localhost\r\n\r\n")).Body);
        var answer = await connection.Ask(request);
        Assert.Equal(
            (status, "application/problem+json", "no-store", true),
            (answer.Status, answer.Header("Content-Type"), answer.Header("Cache-Control"), answer.Closes)
        );
        Assert.Equal(string.Create(CultureInfo.InvariantCulture, $"refused {status}"), answer.Body);
        Assert.Null(await connection.Read());
    }

    [Fact]
    public async Task The_first_request_of_a_connection_is_refused_alike_and_a_HEAD_without_a_body()
    {
        await using var host = await Start();
        await using (var connection = await RawHttp.Tls(host.Port))
            Assert.Equal("refused 400", (await connection.Ask("GARBAGE\r\n\r\n")).Body);
        await using var head = await RawHttp.Tls(host.Port);
        await head.Send("HEAD / HTTP/1.1\r\nHost: localhost\r\nX : y\r\n\r\n");
        Assert.Equal(400, (await head.Read(withBody: false))!.Status);
        Assert.Null(await head.Read());
    }

    [Fact]
    public async Task A_fault_of_the_caller_that_the_program_lets_through_has_a_body_too()
    {
        await using var host = await Start(static _ => throw new BadHttpRequestException("somebody's", StatusCodes.Status400BadRequest));
        await using var connection = await RawHttp.Tls(host.Port);
        Assert.Equal("refused 400", (await connection.Ask("GET / HTTP/1.1\r\nHost: localhost\r\n\r\n")).Body);
    }

    private static Task<TlsHost> Start(RequestDelegate? answer = null) =>
        TlsHost.Start(
            new TlsSnapshot(Pki.Server(), intermediates: null, clients: null),
            ClientCertificates.None,
            answer: answer ?? (static context => context.Response.WriteAsync("passed")),
            configure: static app =>
                app.UseServerRefusals(
                    static (_, status) =>
                        new ServerAnswer(
                            "application/problem+json",
                            Encoding.UTF8.GetBytes(string.Create(CultureInfo.InvariantCulture, $"refused {status}"))
                        )
                )
        );
}
