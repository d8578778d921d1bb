using System.Collections.Frozen;
using System.Net.Security;
using System.Text;
using Doors;
using FsCheck;
using FsCheck.Fluent;
using Microsoft.AspNetCore.Http;
using Tokens.Tests.Support;
using Tokens.Transport;
using Xunit;

namespace Tokens.Tests.Transport;

/// <summary>TH-09, TH-11: only requests that are understood entirely get past the gate; all over real sockets.</summary>
public sealed class WireGateTests
{
    private static readonly TestPki Pki = new();
    private const string Json = "Content-Type: application/json\r\nContent-Length: 2\r\n\r\n{}";

    public static TheoryData<string, string> Refused { get; } =
        new()
        {
            {
                "POST /q HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
                "Framing"
            },
            { "POST /q HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: 2, 2\r\n\r\n{}", "Framing" },
            {
                "POST /q HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nTransfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n",
                "Framing"
            },
            { "POST /q HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer a\r\nAuthorization: Bearer b\r\n" + Json, "RepeatedField" },
            { "POST /q HTTP/1.1\r\nHost: localhost\r\nDPoP: a, b\r\n" + Json, "RepeatedField" },
            { "POST /q HTTP/1.1\r\nHost: localhost\r\nAgent: a\r\nAgent: b\r\n" + Json, "RepeatedField" },
            { "POST /q HTTP/1.1\r\nHost: localhost\r\nX_Client_Id: a\r\n" + Json, "FieldName" },
            { "POST /q HTTP/1.1\r\nHost: localhost\r\nX-Note: a\u0001b\r\n" + Json, "FieldValue" },
            { "POST /q HTTP/1.1\r\nHost: localhost\r\nX-Note: a\tb\r\n" + Json, "FieldValue" },
            { "POST /q HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n" + Json, "Connection" },
            { "POST /q HTTP/1.1\r\nHost: localhost\r\nConnection: X-Secret\r\n" + Json, "Connection" },
            { "POST /q HTTP/1.1\r\nHost: localhost\r\nConnection: close, X-Secret\r\n" + Json, "Connection" },
            { "POST /q HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nConnection: X-Secret\r\n" + Json, "Connection" },
            { "POST /q HTTP/1.1\r\nHost: localhost\r\nConnection: keep-alive,X-Secret\r\n" + Json, "Connection" },
            { "POST /q HTTP/1.1\r\nHost: localhost\r\nTrailer: X-Late\r\n" + Json, "HopByHop" },
            { "POST /q HTTP/1.1\r\nHost: localhost\r\nCase-Reference: \u00d9\u0085\u00d9\u0084\u00d9\u0081\r\n" + Json, "FieldValue" },
            { "POST /q HTTP/1.1\r\nHost: localhost\r\nCookie: " + new string('a', 17_000) + "\r\n" + Json, "HeadersTooLarge" },
            {
                "POST /q HTTP/1.1\r\nHost: localhost\r\n"
                    + string.Concat(Enumerable.Range(0, 41).Select(static i => $"X-{i}: y\r\n"))
                    + Json,
                "HeadersTooLarge"
            },
            { "POST /q HTTP/1.1\r\nHost: elsewhere.example\r\n" + Json, "Authority" },
            { "POST /q%2fr HTTP/1.1\r\nHost: localhost\r\n" + Json, "Target" },
            { "POST //q HTTP/1.1\r\nHost: localhost\r\n" + Json, "Target" },
            { "POST /a/../q HTTP/1.1\r\nHost: localhost\r\n" + Json, "Target" },
            { "POST /%2e%2e/q HTTP/1.1\r\nHost: localhost\r\n" + Json, "Target" },
            { "POST /q;v=1 HTTP/1.1\r\nHost: localhost\r\n" + Json, "Target" },
            { "POST https://localhost/q HTTP/1.1\r\nHost: localhost\r\n" + Json, "Target" },
            { "POST /q?a=1 HTTP/1.1\r\nHost: localhost\r\n" + Json, "Query" },
            { "GET /f?_format=json&_format=json HTTP/1.1\r\nHost: localhost\r\n\r\n", "Query" },
            { "GET /f?_format=json&_pretty=true HTTP/1.1\r\nHost: localhost\r\n\r\n", "Query" },
            { "POST /q HTTP/1.1\r\nHost: localhost\r\nContent-Encoding: gzip\r\n" + Json, "ContentEncoding" },
            { "POST /q HTTP/1.1\r\nHost: localhost\r\nContent-Encoding: identity, gzip\r\n" + Json, "ContentEncoding" },
            { "POST /q HTTP/1.1\r\nHost: localhost\r\nContent-Encoding: \"identity\"\r\n" + Json, "ContentEncoding" },
            { "TRACE /q HTTP/1.1\r\nHost: localhost\r\n\r\n", "MethodNotAllowed" },
            { "POST /q HTTP/1.1\r\nHost: localhost\r\nContent-Type: text/plain\r\nContent-Length: 2\r\n\r\n{}", "MediaType" },
            {
                "POST /q HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json; charset=utf-16\r\nContent-Length: 2\r\n\r\n{}",
                "MediaType"
            },
            {
                "POST /q HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json; charset=\"utf-16\"\r\nContent-Length: 2\r\n\r\n{}",
                "MediaType"
            },
            { Of("application/json; charset=utf-8; charset=utf-16"), "MediaType" },
            { Of("application/json; charset=\"utf-8;\""), "MediaType" },
            { Of("application/json; charset=\"utf-8\\\";"), "MediaType" },
            { Of("; application/json"), "MediaType" },
            {
                "POST /q HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json; profile=x\r\nContent-Length: 2\r\n\r\n{}",
                "MediaType"
            },
            {
                "POST /q HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/jsonp; charset=utf-8\r\nContent-Length: 2\r\n\r\n{}",
                "MediaType"
            },
            { "POST /q HTTP/1.1\r\nHost: localhost\r\nContent-Length: 0\r\n\r\n", "MediaType" },
            { "GET /g HTTP/1.1\r\nHost: localhost\r\nContent-Length: 2\r\n\r\n{}", "UnexpectedBody" },
        };

    [Theory]
    [MemberData(nameof(Refused))]
    public async Task TH_09_A_request_that_two_readers_could_understand_differently_is_refused(string request, string defect)
    {
        await using var host = await Start();
        var answer = await Send(host, Encoding.Latin1.GetBytes(request));
        // Some of the framing, and what Connection names, the server refuses by itself, in words of the program
        // (ServerRefusalsTests); all else the gate names.
        Assert.True(
            answer.Contains("refused " + defect, StringComparison.Ordinal)
                || (defect is "Framing" or "Connection" && answer.StartsWith("HTTP/1.1 400", StringComparison.Ordinal)),
            answer
        );
        Assert.DoesNotContain("passed", answer, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("GET / HTTP/1.1\nHost: localhost\n\n")] // bare line feeds
    [InlineData("GET / HTTP/1.1\r\nHost: localhost\r\nX-Note: caf\u00e9\r\n\r\n")] // a byte above 0x7E
    [InlineData("GET / HTTP/1.1\r\n\r\n")] // no authority
    public async Task TH_09_What_the_server_itself_must_refuse_stays_refused(string request)
    {
        await using var host = await Start();
        Assert.StartsWith("HTTP/1.1 400", await Send(host, Encoding.Latin1.GetBytes(request)), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("POST /q HTTP/1.1\r\nHost: localhost\r\n" + Json)]
    [InlineData("POST /q HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json;charset=UTF-8\r\nContent-Length: 2\r\n\r\n{}")]
    [InlineData(
        "POST /q HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\n\r\n"
    )]
    [InlineData("POST /q HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json; charset=\"utf-8\"\r\nContent-Length: 2\r\n\r\n{}")]
    [InlineData("POST /q HTTP/1.1\r\nHost: localhost\r\nContent-Type: Application/JSON; Charset=\"US-ascii\"\r\nContent-Length: 0\r\n\r\n")]
    [InlineData("POST /q HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json;charset=us-ascii\r\nContent-Length: 2\r\n\r\n{}")]
    [InlineData("POST /q HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json;\r\nContent-Length: 2\r\n\r\n{}")]
    [InlineData("POST /q HTTP/1.1\r\nHost: localhost\r\nContent-Encoding: identity\r\n" + Json)]
    [InlineData("POST /q HTTP/1.1\r\nHost: localhost\r\nContent-Encoding: Identity, ,identity\r\n" + Json)]
    [InlineData("POST /q HTTP/1.1\r\nHost: localhost\r\nConnection: Keep-Alive, close\r\n" + Json)]
    [InlineData("POST /q HTTP/1.1\r\nHost: localhost\r\nContent-Length: 002\r\nContent-Type: application/json\r\n\r\n{}")]
    [InlineData("POST /q HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json;; charset=utf-8 ; ;\r\nContent-Length: 2\r\n\r\n{}")]
    [InlineData("POST /q HTTP/1.1\r\nHost: localhost\r\nContent-Length: 0\r\nContent-Type: application/json;charset=\"utf\\-8\"\r\n\r\n")]
    [InlineData(
        "POST /q HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: Chunked\r\nContent-Type: application/json\r\n\r\n"
            + "2\r\n{}\r\n0\r\n\r\n"
    )]
    [InlineData("GET /f?_format=json HTTP/1.1\r\nHost: localhost\r\n\r\n")]
    [InlineData("GET /g?page=2%20a HTTP/1.1\r\nHost: localhost:8443\r\nConnection: keep-alive\r\n\r\n")]
    public async Task A_sound_request_passes(string request)
    {
        await using var host = await Start();
        Assert.Contains("passed", await Send(host, Encoding.Latin1.GetBytes(request)), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("GET /q", "POST")]
    [InlineData("OPTIONS /q", "POST")]
    [InlineData("HEAD /q", "POST")]
    [InlineData("BREW /g", "GET")]
    [InlineData("GET /none", "")]
    public async Task A_405_says_in_Allow_which_methods_there_are(string request, string allow)
    {
        await using var host = await Start(StatusCodes.Status405MethodNotAllowed);
        await using var connection = await RawHttp.Tls(host.Port);
        await connection.Send(request + " HTTP/1.1\r\nHost: localhost\r\n\r\n");
        var answer = await connection.Read(withBody: !request.StartsWith("HEAD", StringComparison.Ordinal));
        Assert.Equal((405, allow), (answer!.Status, answer.Header("Allow")));
    }

    [Theory]
    [InlineData("2\r\n{}\r\n0\r\nX-Late: a\r\n\r\n", "refused BrokenBody")]
    [InlineData("0\r\nX-Late: a\r\n\r\n", "refused BrokenBody")]
    [InlineData("2\r\n{}\r\nZZ\r\n", "refused BrokenBody")]
    [InlineData("2\r\n{}\r\n0\r\nConnection: X-Secret\r\n\r\n", "refused BrokenBody")]
    [InlineData("2\r\n{}\r\n0\r\nContent-Length: +1\r\n\r\n", "refused BrokenBody")]
    [InlineData("ffffffffffffffff\r\n{}", "refused BrokenBody")]
    [InlineData("2\r\n{}\r\n0\r\n\r\n", "{}")]
    [InlineData("1;ext=1\r\n{\r\n1\r\n}\r\n0\r\n\r\n", "{}")]
    public async Task A_chunked_body_with_trailers_or_broken_framing_is_none(string body, string said)
    {
        foreach (var asStream in new[] { true, false })
        {
            await using var host = await Start(answer: async context =>
            {
                var reader = asStream ? new StreamReader(context.Request.Body) : new StreamReader(context.Request.BodyReader.AsStream());
                await context.Response.WriteAsync(await reader.ReadToEndAsync());
            });
            await using var connection = await RawHttp.Tls(host.Port);
            const string head = "POST /q HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n";
            Assert.Equal(said, (await connection.Ask(head + "Transfer-Encoding: chunked\r\n\r\n" + body)).Body);
        }
    }

    [Fact]
    public void A_semicolon_between_quotes_separates_nothing() =>
        Assert.Equal("\"1;;2\"", WireMediaType.Read("a/b;; x=\"1;;2\"")!.Parameters[0].Value.ToString());

    [Fact]
    public void TH_11_A_target_that_passes_means_the_same_to_every_reader()
    {
        var pieces = Gen.Elements(
            "/",
            "a",
            "b-1",
            ".",
            "..",
            "%",
            "%2f",
            "%41",
            "%00",
            "%25",
            "%5C",
            "%e9",
            "%C3%A9",
            "%0a",
            "%3",
            "\\",
            ";",
            "//",
            "?",
            "=",
            "&",
            " ",
            "é",
            "#",
            "_x"
        );
        var targets = pieces.ListOf().Select(static parts => "/" + string.Concat(parts));
        Check.One(Config.QuickThrowOnFailure.WithMaxTest(5000), Prop.ForAll(targets.ToArbitrary(), static target =>
            {
                if (!WireTarget.IsSound(target))
                    return true;
                var path = target.Split('?')[0];
                var decoded = Uri.UnescapeDataString(path);
                return decoded.Count(static c => c == '/') == path.Count(static c => c == '/')
                    && !decoded.Split('/').Any(static segment => segment is "." or "..")
                    && decoded.IndexOfAny(['\\', '\0', '\n', '%', '#']) < 0
                    && new Uri("https://host" + target).Segments.Length == path.Split('/').Length - (path.EndsWith('/') ? 1 : 0);
            }));
    }

    private static string Of(string type) =>
        $"POST /q HTTP/1.1\r\nHost: localhost\r\nContent-Type: {type}\r\nContent-Length: 2\r\n\r\n{{}}";

    private static Task<TlsHost> Start(int refusedWith = StatusCodes.Status400BadRequest, RequestDelegate? answer = null)
    {
        var options = new WireGateOptions
        {
            Hosts = FrozenSet.Create(StringComparer.OrdinalIgnoreCase, "localhost"),
            Route = static context =>
                context.Request.Path.Value switch
                {
                    "/q" => new WireRoute(
                        FrozenSet.Create(StringComparer.Ordinal, "POST"),
                        FrozenSet.Create(StringComparer.OrdinalIgnoreCase, "application/json")
                    ),
                    "/f" => new WireRoute(FrozenSet.Create(StringComparer.Ordinal, "GET"), [])
                    {
                        Parameters = FrozenSet.Create(StringComparer.Ordinal, "_format"),
                    },
                    "/none" => new WireRoute([], []),
                    "/g" => new WireRoute(FrozenSet.Create(StringComparer.Ordinal, "GET"), [], AllowsQuery: true),
                    _ => null,
                },
            Refuse = (context, defect) =>
            {
                context.Response.Clear();
                context.Response.StatusCode = refusedWith;
                return context.Response.WriteAsync("refused " + defect);
            },
        };
        var snapshot = new TlsSnapshot(Pki.Server(), intermediates: null, clients: null);
        return TlsHost.Start(
            snapshot,
            ClientCertificates.None,
            answer: answer ?? (static context => context.Response.WriteAsync("passed")),
            configure: app => app.UseWireGate(options)
        );
    }

    private static async Task<string> Send(TlsHost host, byte[] request)
    {
        await using var stream = await host.Connect(static options => options.ApplicationProtocols = [SslApplicationProtocol.Http11]);
        await stream.WriteAsync(request);
        using var timeout = new CancellationTokenSource(TimeSpan.FromSeconds(10));
        var text = new StringBuilder();
        var buffer = new byte[4096];
        try
        {
            for (int read; (read = await stream.ReadAsync(buffer, timeout.Token)) > 0;)
            {
                text.Append(Encoding.Latin1.GetString(buffer, 0, read));
                if (
                    text.ToString().Contains("\r\n0\r\n\r\n", StringComparison.Ordinal)
                    || text.ToString().Contains("Content-Length: 0", StringComparison.Ordinal)
                )
                    break;
            }
        }
        catch (IOException)
        {
            // the server closed after its answer
        }
        return text.ToString();
    }
}
