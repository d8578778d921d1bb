using Doors;
using Microsoft.AspNetCore.Http;
using Tokens.Tests.Support;
using Tokens.Transport;
using Xunit;

namespace Tokens.Tests.Transport;

/// <summary>RFC 9110, section 10.1.1, and RFC 9112, section 9.3: an answer before the body leaves nothing that could be misread.</summary>
public sealed class EarlyAnswersTests
{
    private const string Next = "GET /next HTTP/1.1\r\nHost: localhost\r\n\r\n";
    private static readonly TestPki Pki = new();
    private int _asked;

    [Theory]
    [InlineData("Content-Length: 5\r\nExpect: 100-continue\r\n\r\n")]
    [InlineData("Content-Length: 5\r\nExpect: 100-Continue\r\n\r\nhello")]
    [InlineData("Transfer-Encoding: chunked\r\nExpect: 100-continue\r\n\r\n")]
    [InlineData("Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n")]
    [InlineData("Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n")]
    [InlineData("Content-Length: 100000\r\n\r\nthe beginning")]
    public async Task An_answer_before_a_body_that_may_not_come_closes_the_connection_and_the_next_request_is_nobodys(string rest)
    {
        await using var host = await Start();
        await using var connection = await RawHttp.Tls(host.Port);
        await connection.Send("POST /early HTTP/1.1\r\nHost: localhost\r\n" + rest + Next);
        var answer = await connection.Read();
        Assert.Equal((401, true), (answer!.Status, answer.Closes));
        Assert.Null(await connection.Read());
        Assert.Equal(1, _asked);
    }

    [Fact]
    public async Task A_fault_before_the_body_closes_it_too()
    {
        await using var host = await Start();
        await using var connection = await RawHttp.Tls(host.Port);
        await connection.Send("POST /fault HTTP/1.1\r\nHost: localhost\r\nContent-Length: 5\r\nExpect: 100-continue\r\n\r\n" + Next);
        var answer = await connection.Read();
        Assert.Equal((500, true), (answer!.Status, answer.Closes));
        Assert.Null(await connection.Read());
        Assert.Equal(1, _asked);
    }

    [Theory]
    [InlineData("Content-Length: 5\r\n\r\nhello")]
    [InlineData("Content-Length: 0\r\nExpect: 100-continue\r\n\r\n")]
    [InlineData("\r\n")]
    public async Task A_body_that_is_short_and_there_is_thrown_away_and_the_next_request_answered(string rest)
    {
        await using var host = await Start();
        await using var connection = await RawHttp.Tls(host.Port);
        await connection.Send("POST /early HTTP/1.1\r\nHost: localhost\r\n" + rest + Next);
        var answer = await connection.Read();
        Assert.Equal((401, false), (answer!.Status, answer.Closes));
        Assert.Equal("none", (await connection.Read())!.Body);
        Assert.Equal(2, _asked);
    }

    [Theory]
    [InlineData("Content-Length: 5\r\nExpect: 100-continue\r\n\r\n", "hello")]
    [InlineData("Transfer-Encoding: chunked\r\nExpect: 100-continue\r\n\r\n", "5\r\nhello\r\n0\r\n\r\n")]
    public async Task Who_is_told_to_go_on_keeps_the_connection(string rest, string body)
    {
        await using var host = await Start();
        await using var connection = await RawHttp.Tls(host.Port);
        Assert.Equal(100, (await connection.Ask("POST /read HTTP/1.1\r\nHost: localhost\r\n" + rest)).Status);
        var answer = await connection.Ask(body);
        Assert.Equal((200, false, "hello"), (answer.Status, answer.Closes, answer.Body));
        Assert.Equal("none", (await connection.Ask(Next)).Body);
    }

    private Task<TlsHost> Start() =>
        TlsHost.Start(
            new TlsSnapshot(Pki.Server(), intermediates: null, clients: null),
            ClientCertificates.None,
            answer: Answer,
            configure: static app => app.UseEarlyAnswers()
        );

    private async Task Answer(HttpContext context)
    {
        Interlocked.Increment(ref _asked);
        if (context.Request.Path == "/early")
        {
            context.Response.StatusCode = StatusCodes.Status401Unauthorized;
            return;
        }

        if (context.Request.Path == "/fault")
            throw new InvalidOperationException("a fault of the program");
        var body = await new StreamReader(context.Request.Body).ReadToEndAsync();
        await context.Response.WriteAsync(body.Length == 0 ? "none" : body);
    }
}
