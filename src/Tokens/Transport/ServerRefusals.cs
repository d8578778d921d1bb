using System.Diagnostics;
using System.Diagnostics.Metrics;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Connections.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;

namespace Tokens.Transport;

/// <summary>What a program says where its server refuses a request before there is one.</summary>
/// <param name="ContentType">Media type of the body.</param>
/// <param name="Body">The body.</param>
/// <param name="Language">Language of its words; null when it has none.</param>
public sealed record ServerAnswer(string ContentType, ReadOnlyMemory<byte> Body, string? Language = null);

/// <summary>
/// Gives a body to what Kestrel refuses by itself: a request line or headers that it cannot read or that are too large. Kestrel
/// answers these with a status alone, and no middleware ever sees them. It does say what it is about to refuse (event
/// <c>Microsoft.AspNetCore.Server.Kestrel.BadRequest</c>) before it writes: then the headers of the answer are set and begun, by
/// Kestrel's own writer; the body follows when Kestrel has left the connection. HTTP/2 has no answer for these, only the end of the
/// connection.
/// </summary>
public static class ServerRefusals
{
    private const string BadRequest = "Microsoft.AspNetCore.Server.Kestrel.BadRequest";
    private const int MostLeft = 256 * 1024;
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(1);
    private static readonly object Slot = new();
    private static readonly Meter Meter = new("Tokens.Wire");
    private static readonly Counter<long> Refused = Meter.CreateCounter<long>(
        "wire.refused.by.server",
        "{request}",
        "requests refused by the server before the wire gate saw them, by status"
    );

    /// <summary>Says what is refused in the host's own words.</summary>
    /// <param name="app">The program.</param>
    /// <param name="write">Makes the answer from what could be read of the request, and the status; must not block.</param>
    public static void UseServerRefusals(this WebApplication app, Func<HttpContext, int, ServerAnswer> write)
    {
        var events = app.Services.GetRequiredService<DiagnosticListener>();
        var subscription = events.Subscribe(new Observer(write), static name => name == BadRequest);
        app.Lifetime.ApplicationStopped.Register(subscription.Dispose);
    }

    /// <summary>Lets the bodies out on this listener; stands behind TLS.</summary>
    internal static void UseServerRefusals(this ListenOptions listen) =>
        listen.Use(static next =>
            async connection =>
            {
                await next(connection);
                if (connection.Items.Remove(Slot, out var held) && held is ReadOnlyMemory<byte> body)
                    await Send(connection, body);
            }
        );

    private static async Task Send(ConnectionContext connection, ReadOnlyMemory<byte> body)
    {
        try
        {
            using var patience = CancellationTokenSource.CreateLinkedTokenSource(connection.ConnectionClosed);
            patience.CancelAfter(Patience);
            await connection.Transport.Output.WriteAsync(body, patience.Token);
            // What still comes is thrown away for a moment: a connection that is closed over unread bytes is reset, and the answer lost
            // with it (RFC 9112, section 9.6).
            for (long left = MostLeft; left > 0;)
            {
                var read = await connection.Transport.Input.ReadAsync(patience.Token);
                left -= read.Buffer.Length;
                connection.Transport.Input.AdvanceTo(read.Buffer.End);
                if (read.IsCompleted)
                    return;
            }
        }
        catch (Exception gone) when (gone is IOException or OperationCanceledException or InvalidOperationException)
        {
            // The caller left, or goes on sending: the connection ends.
        }
    }

    private static void Refuse(IFeatureCollection request, Func<HttpContext, int, ServerAnswer> write)
    {
        if (
            request.Get<IHttpResponseFeature>() is not { HasStarted: false } response
            || request.Get<IHttpRequestFeature>() is not { } asked
        )
            return;
        Refused.Add(1, new KeyValuePair<string, object?>("status", response.StatusCode));
        if (asked.Protocol is { } protocol && !HttpProtocol.IsHttp11(protocol) && !HttpProtocol.IsHttp10(protocol) && protocol.Length > 0)
            return;
        if (request.Get<IConnectionItemsFeature>() is not { } connection || request.Get<IHttpResponseBodyFeature>() is not { } output)
            return;
        var answer = write(new DefaultHttpContext(request), response.StatusCode);
        var headers = response.Headers;
        (headers.ContentType, headers.ContentLength, headers.CacheControl, headers.Connection) = (
            answer.ContentType,
            answer.Body.Length,
            "no-store",
            "close"
        );
        if (answer.Language is not null)
            headers.ContentLanguage = answer.Language;
        _ = output.StartAsync();
        if (response.HasStarted && !HttpMethods.IsHead(asked.Method))
            connection.Items[Slot] = answer.Body;
    }

    private sealed class Observer(Func<HttpContext, int, ServerAnswer> write) : IObserver<KeyValuePair<string, object?>>
    {
        public void OnNext(KeyValuePair<string, object?> value)
        {
            if (value.Key == BadRequest && value.Value is IFeatureCollection request)
                Refuse(request, write);
        }

        public void OnError(Exception error)
        {
            // The source never fails.
        }

        public void OnCompleted()
        {
            // Nothing is left to say.
        }
    }
}
