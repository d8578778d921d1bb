using System.Collections.Frozen;
using Doors;
using Microsoft.AspNetCore.Http;
using Tokens.Tests.Support;
using Tokens.Transport;
using Xunit;

namespace Tokens.Tests.Transport;

/// <summary>The gate over HTTP/2: the same rules, as far as the server leaves the stream open for an answer.</summary>
public sealed class Http2WireTests
{
    private static readonly TestPki Pki = new();
    private static readonly (string, string)[] Json = [("content-type", "application/json")];

    [Fact]
    public async Task Fields_behind_a_body_refuse_the_request_and_the_connection_goes_on()
    {
        await using var host = await Start();
        await using var connection = await RawHttp2.Tls(host.Port);
        await connection.Send(1, "/q", "{}", Json, ("x-late", "a"));
        Assert.Equal((400, "refused BrokenBody"), await connection.Read(1));
        await connection.Send(3, "/q", "{}", [.. Json, ("content-length", "2")], ("authorization", "Bearer late"));
        Assert.Equal((400, "refused BrokenBody"), await connection.Read(3));
        await connection.Send(5, "/q", "{}", Json);
        Assert.Equal((200, "{}"), await connection.Read(5));
    }

    [Fact]
    public async Task Headers_up_to_all_that_the_server_takes_are_refused_by_the_gate_and_end_no_connection()
    {
        await using var host = await Start();
        await using var connection = await RawHttp2.Tls(host.Port);
        await connection.Send(1, "/q", "{}", [.. Json, .. Enumerable.Range(0, 900).Select(static i => ($"x-{i}", "y"))]);
        Assert.Equal((400, "refused HeadersTooLarge"), await connection.Read(1));
        await connection.Send(3, "/q", "{}", [.. Json, ("x-long", new string('y', 60_000))]);
        Assert.Equal((400, "refused HeadersTooLarge"), await connection.Read(3));
        // More lines than that the server refuses by itself: its own status, no words, and the connection goes on.
        await connection.Send(5, "/q", "{}", [.. Json, .. Enumerable.Range(0, 1100).Select(static i => ($"x-{i}", "y"))]);
        Assert.Equal((431, ""), await connection.Read(5));
        await connection.Send(7, "/q", "{}", Json);
        Assert.Equal((200, "{}"), await connection.Read(7));
    }

    [Fact]
    public async Task A_transfer_coding_is_none_here()
    {
        await using var host = await Start();
        await using var connection = await RawHttp2.Tls(host.Port);
        await connection.Send(1, "/q", "{}", [.. Json, ("transfer-encoding", "chunked")]);
        Assert.Equal((400, "refused Framing"), await connection.Read(1));
    }

    private static Task<TlsHost> Start()
    {
        var options = new WireGateOptions
        {
            Hosts = FrozenSet.Create(StringComparer.OrdinalIgnoreCase, "localhost"),
            Route = static _ => new WireRoute(
                FrozenSet.Create(StringComparer.Ordinal, "POST"),
                FrozenSet.Create(StringComparer.OrdinalIgnoreCase, "application/json")
            ),
            Refuse = static (context, defect) =>
            {
                context.Response.StatusCode = StatusCodes.Status400BadRequest;
                return context.Response.WriteAsync("refused " + defect);
            },
        };
        return TlsHost.Start(
            new TlsSnapshot(Pki.Server(), intermediates: null, clients: null),
            ClientCertificates.None,
            answer: static async context =>
                await context.Response.WriteAsync(await new StreamReader(context.Request.Body).ReadToEndAsync()),
            configure: app => app.UseWireGate(options)
        );
    }
}
