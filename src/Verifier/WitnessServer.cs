using System.Net;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using Ledger;
using Ledger.Witnesses;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.Logging;

namespace Verifier;

/// <summary>
/// A witness over HTTP (C2SP tlog-witness v1.0.0): <c>POST add-checkpoint</c>, and <c>GET &lt;hash of the origin&gt;/checkpoint</c> for
/// whoever wants to see what it cosigned last. There is no sign-in: only what a known log has signed is looked at.
/// </summary>
public static class WitnessServer
{
    private const int LargestBody = 64 << 10;

    /// <summary>Builds the server; the caller starts it, and disposes of the witness after it.</summary>
    /// <param name="witness">Who cosigns.</param>
    /// <param name="listen">Where; port 0 takes a free one.</param>
    /// <param name="certificate">With its key, for https; null behind a server that ends TLS, and on loopback.</param>
    public static WebApplication Build(Witness witness, IPEndPoint listen, X509Certificate2? certificate = null)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseKestrelHttpsConfiguration();
        builder.WebHost.ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            kestrel.Limits.MaxRequestBodySize = LargestBody;
            kestrel.Limits.MaxConcurrentConnections = 256;
            kestrel.Listen(listen, endpoint =>
            {
                if (certificate is not null)
                {
                    endpoint.UseHttps(certificate);
                }
            });
        });
        var app = builder.Build();
        app.Run(http => AnswerAsync(http, witness));
        return app;
    }

    private static Task AnswerAsync(HttpContext http, Witness witness)
    {
        var words = (http.Request.Path.Value ?? "").Split('/');
        return (http.Request.Method, words) switch
        {
            ("POST", ["", "add-checkpoint"]) => AddAsync(http, witness),
            ("GET", ["", var name, "checkpoint"]) => WriteAsync(
                http,
                witness.Latest(name) is { } note ? new WitnessAnswer(200, note) : new WitnessAnswer(404)
            ),
            (_, ["", "add-checkpoint"]) => NotAllowedAsync(http, "POST"),
            (_, ["", _, "checkpoint"]) => NotAllowedAsync(http, "GET"),
            _ => WriteAsync(http, new WitnessAnswer(404)),
        };
    }

    private static async Task AddAsync(HttpContext http, Witness witness)
    {
        using var reader = new StreamReader(
            http.Request.Body,
            new UTF8Encoding(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true)
        );
        WitnessAnswer answer;
        try
        {
            answer = witness.Add(await reader.ReadToEndAsync(http.RequestAborted));
        }
        catch (DecoderFallbackException)
        {
            answer = new WitnessAnswer(400);
        }
        catch (Exception e) when (e is LedgerDamaged or DurabilityLost)
        {
            // Its own memory is in doubt: it cosigns nothing rather than roll back.
            answer = new WitnessAnswer(500);
        }

        await WriteAsync(http, answer);
    }

    private static Task NotAllowedAsync(HttpContext http, string allow)
    {
        http.Response.Headers.Allow = allow;
        return WriteAsync(http, new WitnessAnswer(405));
    }

    private static async Task WriteAsync(HttpContext http, WitnessAnswer answer)
    {
        // A body that nobody asked for may never come, or be taken for the next request (RFC 9110, section 10.1.1).
        var isAskedFor = http.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: true };
        if (http.Request.Headers.Expect.Count > 0 && !isAskedFor)
            http.Response.Headers.Connection = "close";
        http.Response.StatusCode = answer.Status;
        http.Response.ContentType = answer.ContentType;
        await http.Response.WriteAsync(answer.Body, http.RequestAborted);
    }
}
