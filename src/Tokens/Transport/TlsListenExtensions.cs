using System.Net;
using System.Net.Security;
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
    /// handshake, and one that is silent costs nobody a handshake. HTTP/1.1 and HTTP/2.
    /// </summary>
    /// <param name="listen">The endpoint.</param>
    /// <param name="listener">Snapshot and demands.</param>
    /// <param name="caps">Caps of this listener; null only where a test measures something else.</param>
    public static ListenOptions UseTls(this ListenOptions listen, TlsListener listener, ConnectionCaps? caps)
    {
        listen.Protocols = HttpProtocols.Http1AndHttp2;
        listen.Named(listener.Name);
        listen.Use(next => connection => Guard(connection, next, listener, caps));
        listen.UseHttps(
            new TlsHandshakeCallbackOptions
            {
                HandshakeTimeout = HandshakeTimeout,
                OnConnection = context => ValueTask.FromResult(Options(context.Connection, listener)),
            }
        );
        listen.Use(next =>
            connection =>
            {
                connection.Items.Remove(HandshakeOutcome.Options); // a connection may last for long
                if (connection.Items.TryGetValue(HandshakeOutcome.Established, out var held))
                    (held as Action)?.Invoke();
                return next(connection);
            }
        );
        listen.UseServerRefusals();
        return listen;
    }

    /// <summary>
    /// The same caps for a listener without TLS: a newcomer of a source that holds all it may takes the place of its oldest connection.
    /// </summary>
    /// <param name="listen">The endpoint.</param>
    /// <param name="caps">Its caps.</param>
    public static ListenOptions UseCaps(this ListenOptions listen, ConnectionCaps caps)
    {
        listen.Use(next =>
            async connection =>
            {
                using var seat = Admit(connection, caps);
                if (seat is not null)
                    await next(connection);
            }
        );
        listen.UseServerRefusals();
        return listen;
    }

    /// <summary>
    /// Made once for each connection. A ClientHello may come in many records (RFC 8446 section 5.1), and the platform asks again at each
    /// that looks like the beginning of one; other options then would be a conflict.
    /// </summary>
    private static SslServerAuthenticationOptions Options(BaseConnectionContext connection, TlsListener listener)
    {
        if (connection.Items.TryGetValue(HandshakeOutcome.Options, out var held))
            return (SslServerAuthenticationOptions)held!;
        var options = listener.OptionsFor(connection);
        connection.Items[HandshakeOutcome.Options] = options;
        return options;
    }

    private static async Task Guard(ConnectionContext connection, ConnectionDelegate next, TlsListener listener, ConnectionCaps? caps)
    {
        using var seat = caps is null ? null : Admit(connection, caps);
        if (caps is not null && seat is null)
            return;
        var (established, transport) = (false, connection.Transport);
        connection.Items[HandshakeOutcome.Established] = () =>
        {
            established = true;
            seat?.HandshakeDone();
        };
        if (seat is not null)
            connection.Transport = new WatchedTransport(transport, seat);
        try
        {
            await next(connection);
        }
        catch (Exception exception) when (!established && exception is not OutOfMemoryException)
        {
            // What a stranger sends before anything was agreed is counted below, and is no fault of this program.
        }
        finally
        {
            connection.Transport = transport;
            if (!established)
                listener.CountRejected(connection);
        }
    }

    private static ConnectionSeat? Admit(ConnectionContext connection, ConnectionCaps caps)
    {
        if (caps.TryAdmit(SourceAddress.Of((connection.RemoteEndPoint as IPEndPoint)?.Address), connection, out var seat))
            return seat;
        connection.Abort(); // no handshake, no log line: the cheapest refusal there is
        return null;
    }
}
