using Microsoft.AspNetCore.Connections.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;

namespace Tokens.Transport;

/// <summary>Which listener a request came in by. Decided by the socket, never by a Host header or a port number.</summary>
public static class ListenerName
{
    private static readonly object Slot = new();

    /// <summary>Marks every connection of <paramref name="listen"/> with <paramref name="name"/>.</summary>
    public static ListenOptions Named(this ListenOptions listen, string name)
    {
        listen.Use(next =>
            connection =>
            {
                connection.Items[Slot] = name;
                return next(connection);
            }
        );
        return listen;
    }

    /// <summary>Name of the listener; null when it has none.</summary>
    public static string? Of(HttpContext context) =>
        context.Features.Get<IConnectionItemsFeature>()?.Items.TryGetValue(Slot, out var name) == true ? name as string : null;
}
