using Agreements;
using Gateway.Admission;
using Microsoft.AspNetCore.Connections.Features;
using Tokens.Transport;

namespace Gateway.Authentication;

/// <summary>
/// A connection and whose it is. A certificate that only one registered client may show names that client as soon as the handshake has
/// proven its key. One that fits several clients, or none, and a connection without one, are a stranger's until a call proves more; then
/// the connection is that client's.
/// </summary>
internal sealed class CallerConnection(PresentedCertificate? certificate)
{
    private static readonly object Slot = new();
    private readonly Lock _gate = new();
    private volatile Known? _known;
    private volatile ClientShare? _countedIn;
    private bool _isClosed;

    /// <summary>The certificate shown.</summary>
    public PresentedCertificate? Certificate { get; } = certificate;

    /// <summary>The connection behind a request.</summary>
    public static CallerConnection Of(HttpContext http) => (CallerConnection)http.Features.Get<IConnectionItemsFeature>()!.Items[Slot]!;

    /// <summary>Notes it for its requests.</summary>
    public void Keep(IDictionary<object, object?> connectionItems) => connectionItems[Slot] = this;

    /// <summary>Whose the certificate is; looked up once for each connection and law.</summary>
    public Client? HolderIn(Registry registry)
    {
        if (_known is { } known && ReferenceEquals(known.Registry, registry))
            return known.Client;
        var client = Certificate is null ? null : CertificateHolder.Only(Certificate, registry);
        _known = new Known(registry, client);
        return client;
    }

    /// <summary>
    /// Counts the connection as one of the client's, and no longer as another's; false when the client has as many as it may.
    /// </summary>
    public bool TryJoin(ClientShare share, int most)
    {
        if (ReferenceEquals(_countedIn, share))
            return true;
        lock (_gate)
        {
            if (_isClosed || ReferenceEquals(_countedIn, share))
                return true;
            if (!share.TryConnect(most))
                return false;
            _countedIn?.Disconnect();
            _countedIn = share;
            return true;
        }
    }

    /// <summary>It is nobody's any more, and stays open.</summary>
    public void Leave()
    {
        if (_countedIn is null)
            return;
        lock (_gate)
        {
            _countedIn?.Disconnect();
            _countedIn = null;
        }
    }

    /// <summary>It is counted no longer.</summary>
    public void Close()
    {
        lock (_gate)
        {
            _isClosed = true;
            _countedIn?.Disconnect();
            _countedIn = null;
        }
    }

    private sealed record Known(Registry Registry, Client? Client);
}
