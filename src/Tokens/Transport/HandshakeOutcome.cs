using Microsoft.AspNetCore.Connections.Features;
using Microsoft.AspNetCore.Http;

namespace Tokens.Transport;

/// <summary>What was wrong with the certificate of a connection; absent when nothing was.</summary>
/// <param name="Rejection">The reason.</param>
public sealed record HandshakeOutcome(TlsRejection Rejection)
{
    internal static readonly object Slot = new();
    internal static readonly object Established = new();
    internal static readonly object Options = new();

    /// <summary>
    /// The verdict on this request's certificate; only a <see cref="ClientCertificates.Diagnosed"/> listener ever gives one.
    /// </summary>
    public static TlsRejection? Of(HttpContext context) =>
        context.Features.Get<IConnectionItemsFeature>() is { } feature ? Of(feature.Items) : null;

    internal static TlsRejection? Of(IDictionary<object, object?> items) =>
        items.TryGetValue(Slot, out var held) && held is HandshakeOutcome outcome ? outcome.Rejection : null;
}
