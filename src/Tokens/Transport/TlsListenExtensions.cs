using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Https;

namespace Tokens.Transport;

/// <summary>Puts caps, TLS and the listener's name on a Kestrel endpoint, in the only order that is safe.</summary>
public static class TlsListenExtensions
{
    /// <summary>A handshake that takes longer is cut.</summary>
    public static readonly TimeSpan HandshakeTimeout = TimeSpan.FromSeconds(5);

    /// <summary>
    /// TLS 1.3 as hardening page section 5.1 says, behind connection caps (section 5.2): a refused connection costs an abort, not a
    /// handshake. HTTP/1.1 and HTTP/2.
    /// </summary>
    /// <param name="listen">The endpoint.</param>
    /// <param name="listener">Snapshot and demands.</param>
    /// <param name="caps">Caps, shared by all listeners of the process; null only where a test measures something else.</param>
    public static ListenOptions UseTls(this ListenOptions listen, TlsListener listener, ConnectionCaps? caps)
    {
        listen.Protocols = HttpProtocols.Http1AndHttp2;
        listen.Named(listener.Name);
        listen.Use(next => connection => Guard(connection, next, listener, caps));
        listen.UseHttps(new TlsHandshakeCallbackOptions
        {
            HandshakeTimeout = HandshakeTimeout,
            OnConnection = context => ValueTask.FromResult(listener.OptionsFor(context.Connection)),
        });
        listen.Use(next => connection =>
        {
            if (connection.Items.TryGetValue(HandshakeOutcome.Established, out var held)) (held as Action)?.Invoke();
            return next(connection);
        });
        return listen;
    }

    private static async Task Guard(ConnectionContext connection, ConnectionDelegate next, TlsListener listener, ConnectionCaps? caps)
    {
        ConnectionCaps.Seat? seat = null;
        if (caps is not null && !caps.TryAdmit(connection, out seat))
        {
            connection.Abort(); // no handshake, no log line: the cheapest refusal there is
            return;
        }
        var established = false;
        connection.Items[HandshakeOutcome.Established] = () =>
        {
            established = true;
            seat?.HandshakeDone();
        };
        try
        {
            await next(connection);
        }
        finally
        {
            seat?.Dispose();
            if (!established) listener.CountRejected(connection);
        }
    }
}
