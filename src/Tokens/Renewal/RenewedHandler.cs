using System.Security.Cryptography.X509Certificates;
using Tokens.Transport;

namespace Tokens.Renewal;

/// <summary>
/// Sends over connections that trust one set of authorities; when the set changes, the next call goes over new ones. A call under way
/// ends on the connection
/// that it has; what rests there is closed after its few seconds.
/// </summary>
public sealed class RenewedHandler : HttpMessageHandler
{
    private readonly Renewed<X509Certificate2Collection> _trust;
    private readonly Func<X509Certificate2Collection, HttpMessageHandler> _make;
    private volatile HttpMessageInvoker _current;

    /// <summary>Follows a set.</summary>
    /// <param name="trust">The set.</param>
    /// <param name="make">Makes a handler that trusts it, as <see cref="OutgoingTls.Handler"/> does.</param>
    public RenewedHandler(Renewed<X509Certificate2Collection> trust, Func<X509Certificate2Collection, HttpMessageHandler> make)
    {
        (_trust, _make, _current) = (trust, make, new HttpMessageInvoker(make(trust.Current)));
        trust.Changed += OnChanged;
    }

    /// <inheritdoc/>
    protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken) =>
        _current.SendAsync(request, cancellationToken);

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        _trust.Changed -= OnChanged;
        if (disposing)
            _current.Dispose();
        base.Dispose(disposing);
    }

    private void OnChanged(object? sender, EventArgs change) => _current = new HttpMessageInvoker(_make(_trust.Current));
}
