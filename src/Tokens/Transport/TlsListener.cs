using System.Diagnostics.Metrics;
using System.Net.Security;
using System.Security.Cryptography.X509Certificates;
using Microsoft.AspNetCore.Connections;

namespace Tokens.Transport;

/// <summary>What a listener wants of its clients.</summary>
public enum ClientCertificates
{
    /// <summary>No certificate is requested.</summary>
    None,

    /// <summary>No connection without an acceptable certificate: every listener that carries data.</summary>
    Required,

    /// <summary>Requested, judged, and never a reason to hang up: the listener behind <c>/diagnose</c>, which carries no data.</summary>
    Diagnosed,
}

/// <summary>
/// One TLS listener: the snapshot in force (one volatile write swaps it), its demands, and the count of what it refused.
/// Thread-safe.
/// </summary>
public sealed class TlsListener
{
    private static readonly Meter Meter = new("Tokens.Transport");
    private static readonly Counter<long> Rejected = Meter.CreateCounter<long>(
        "tls.rejected",
        "{handshake}",
        "TLS connections refused, by listener and reason"
    );
    private volatile TlsSnapshot _current;

    /// <summary>Makes a listener.</summary>
    /// <param name="name">Name in counts and in <see cref="ListenerName"/>, for example <c>MutualTls</c>.</param>
    /// <param name="clients">Demand for a client certificate.</param>
    /// <param name="snapshot">First snapshot.</param>
    /// <param name="time">Clock for dates of certificates.</param>
    public TlsListener(string name, ClientCertificates clients, TlsSnapshot snapshot, TimeProvider time) =>
        (Name, Clients, _current, Time) = (name, clients, snapshot, time);

    /// <summary>Name.</summary>
    public string Name { get; }

    /// <summary>Demand for a client certificate.</summary>
    public ClientCertificates Clients { get; }

    /// <summary>The snapshot that the next handshake uses. Setting it drops no connection.</summary>
    public TlsSnapshot Current
    {
        get => _current;
        set => _current = value;
    }

    /// <summary>Called once per refused handshake, so that the host can have it sealed. Must not throw and must not block.</summary>
    public Action<TlsRejection>? OnRejected { get; init; }
    private TimeProvider Time { get; }

    internal SslServerAuthenticationOptions OptionsFor(BaseConnectionContext connection)
    {
        var snapshot = _current;
        return snapshot.Options(Clients, (_, certificate, chain, errors) =>
            Judge(snapshot, connection, certificate as X509Certificate2, chain, errors)
        );
    }

    private bool Judge(
        TlsSnapshot snapshot,
        BaseConnectionContext connection,
        X509Certificate2? leaf,
        X509Chain? chain,
        SslPolicyErrors errors
    )
    {
        var rejection = CertificateRules.Judge(leaf, chain, errors, snapshot.Clients, Time.GetUtcNow());
        if (rejection is { } reason)
        {
            connection.Items[HandshakeOutcome.Slot] = new HandshakeOutcome(reason);
            if (Clients != ClientCertificates.Diagnosed)
                return false;
        }
        if (leaf is not null && chain is not null)
            (
                errors == SslPolicyErrors.None
                    ? PresentedCertificate.From(leaf, snapshot.AuthoritiesOf(chain), chain)
                    : PresentedCertificate.From(leaf)
            ).Keep(connection.Items);
        return true;
    }

    /// <summary>Counts the end of a handshake that never became a connection.</summary>
    internal void CountRejected(ConnectionContext connection)
    {
        var reason = HandshakeOutcome.Of(connection.Items) ?? TlsRejection.HandshakeFailed;
        Rejected.Add(1, new("listener", Name), new("reason", reason.ToString()));
        OnRejected?.Invoke(reason);
    }
}
