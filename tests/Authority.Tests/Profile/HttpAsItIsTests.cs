using System.Net;
using System.Text.Json.Nodes;
using Authority.Tests.Support;
using Doors;

namespace Authority.Tests.Profile;

/// <summary>The clauses of RFC 9110 and RFC 9112 that the authority decides itself, over real connections.</summary>
[Trait("Tier", "Whole")]
public sealed class HttpAsItIsTests(TheAuthority authority) : IClassFixture<TheAuthority>
{
    private const string Form = "Content-Type: application/x-www-form-urlencoded\r\n";

    [Theory]
    [InlineData("application/x-www-form-urlencoded; charset=\"utf-8\"")]
    [InlineData("application/x-www-form-urlencoded;charset=us-ascii")]
    [InlineData("Application/X-WWW-Form-Urlencoded ; Charset=\"UTF-8\"")]
    public async Task A_charset_is_read_as_the_parameter_that_it_is(string type)
    {
        using var form = new FormUrlEncodedContent(authority.Form(authority.Assertion()));
        form.Headers.Remove("Content-Type");
        form.Headers.TryAddWithoutValidation("Content-Type", type);
        var answer = await TokenAnswer.Send(
            authority.HttpOf(TheAuthority.Eligibility),
            new HttpRequestMessage(HttpMethod.Post, "/connect/token") { Content = form }
        );
        Assert.True(answer.Status == HttpStatusCode.OK, answer.Body.ToJsonString());
    }

    [Theory]
    [InlineData("Content-Type: application/json\r\nContent-Length: 99\r\n", 400)]
    [InlineData("Content-Type: application/json\r\nTransfer-Encoding: chunked\r\n", 400)]
    [InlineData(Form + "Content-Encoding: gzip\r\nContent-Length: 99\r\n", 415)]
    public async Task A_refusal_before_the_body_closes_a_connection_on_which_100_was_waited_for(string headers, int status)
    {
        await using var connection = await Connect();
        await connection.Send(
            Post("/connect/token", headers + "Expect: 100-continue\r\n") + Post("/connect/token", Form + "Content-Length: 3\r\n") + "a=b"
        );
        var answer = await connection.Read();
        Assert.Equal((status, true), (answer!.Status, answer.Closes));
        Assert.Null(await connection.Read());
    }

    [Theory]
    [InlineData("GET", "/connect/token", "POST")]
    [InlineData("HEAD", "/connect/introspect", "POST")]
    [InlineData("OPTIONS", "/connect/revocation", "POST")]
    [InlineData("PUT", "/connect/explain", "POST")]
    [InlineData("POST", "/.well-known/jwks.json", "GET, HEAD")]
    [InlineData("DELETE", "/.well-known/oauth-authorization-server", "GET, HEAD")]
    public async Task Every_405_names_the_methods_that_there_are(string method, string path, string allow)
    {
        await using var connection = await Connect();
        await connection.Send($"{method} {path} HTTP/1.1\r\nHost: {new Uri(authority.Issuer).Authority}\r\n\r\n");
        var answer = await connection.Read(withBody: method != "HEAD");
        Assert.Equal((405, allow), (answer!.Status, answer.Header("Allow")));
        if (method != "HEAD")
            Assert.Equal("invalid_request", Error(answer));
    }

    [Theory]
    [InlineData("GARBAGE\r\n\r\n", 400, "WIR-01")]
    [InlineData("POST /connect/token HTTP/1.1\r\nHost: localhost\r\nContent-Length: +3\r\n\r\na=b", 400, "WIR-01")]
    [InlineData("POST /connect/token HTTP/1.1\r\nHost: localhost\r\nContent-Length: 3\r\nContent-Length: 3\r\n\r\na=b", 400, "WIR-01")]
    public async Task What_the_server_refuses_by_itself_is_an_OAuth_error(string request, int status, string rule)
    {
        await using var connection = await Connect();
        var answer = await connection.Ask(request);
        Assert.Equal(
            (status, "application/json", "invalid_request", true),
            (answer.Status, answer.Header("Content-Type"), Error(answer), answer.Closes)
        );
        Assert.Contains(rule, answer.Body, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Too_many_headers_are_refused_in_words_whoever_notices()
    {
        foreach (var lines in new[] { 41, 300 })
        {
            await using var connection = await Connect();
            var many = string.Concat(Enumerable.Range(0, lines).Select(static i => $"X-{i}: y\r\n"));
            var answer = await connection.Ask(Post("/connect/token", Form + many + "Content-Length: 3\r\n") + "a=b");
            Assert.Equal((431, "invalid_request"), (answer.Status, Error(answer)));
            Assert.Contains("headers-too-large WIR-12", answer.Body, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task Letters_beyond_ASCII_in_a_header_and_trailers_are_refused_in_words()
    {
        await using var connection = await Connect();
        var arabic = await connection.Ask(Post("/connect/token", Form + "X-Note: \u00d9\u0085\r\nContent-Length: 3\r\n") + "a=b");
        Assert.Equal((400, "invalid_request"), (arabic.Status, Error(arabic)));
        Assert.DoesNotContain("X-Note", arabic.Body, StringComparison.Ordinal);
        await using var known = await Connect();
        var named = await known.Ask(Post("/connect/token", Form + "User-Agent: SECRET \u00c2\u00b0\r\nContent-Length: 3\r\n") + "a=b");
        Assert.Contains("WIR-01: header User-Agent: printable ASCII", named.Body, StringComparison.Ordinal);
        Assert.DoesNotContain("SECRET", named.Body, StringComparison.Ordinal);
        await using var late = await Connect();
        var trailers = await late.Ask(
            Post("/connect/token", Form + "Transfer-Encoding: chunked\r\n") + "3\r\na=b\r\n0\r\nX-Late: a\r\n\r\n"
        );
        Assert.Equal((400, "invalid_request"), (trailers.Status, Error(trailers)));
        Assert.Contains("cannot be read", trailers.Body, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_key_set_is_known_by_any_tag_of_a_list()
    {
        var http = authority.Http(certificate: null);
        using var first = await http.GetAsync(new Uri("/.well-known/jwks.json", UriKind.Relative));
        var tag = first.Headers.ETag!.ToString();
        foreach (
            var (value, status) in new[]
            {
                (tag, 304),
                ($"W/{tag}", 304),
                ($"\"other\", {tag}", 304),
                ("*", 304),
                ("\"other\"", 200),
                ("other", 200),
            }
        )
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, "/.well-known/jwks.json");
            request.Headers.TryAddWithoutValidation("If-None-Match", value);
            using var answer = await http.SendAsync(request);
            Assert.Equal((value, status), (value, (int)answer.StatusCode));
        }
    }

    private static string? Error(RawAnswer answer) => (string?)JsonNode.Parse(answer.Body)!["error"];

    private string Post(string path, string headers) =>
        $"POST {path} HTTP/1.1\r\nHost: {new Uri(authority.Issuer).Authority}\r\n{headers}\r\n";

    private Task<RawHttp> Connect() => RawHttp.Tls(new Uri(authority.Issuer).Port);
}
