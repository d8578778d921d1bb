using System.Collections.Frozen;
using Agreements;
using Agreements.Loading;
using Tokens.Transport;

namespace Gateway;

/// <summary>
/// The TLS side of the gateway's listeners. Registered self-signed certificates are trusted in the handshake (RFC 8705 section 2.2), so a
/// changed registration is a new snapshot for the next handshake; it drops no connection.
/// </summary>
internal sealed class Listeners
{
    private readonly Func<Registry, TlsSnapshot> _snapshot;

    /// <summary>Reads certificates and authorities.</summary>
    /// <exception cref="InvalidDataException">A file is missing or does not hold what it should.</exception>
    public Listeners(GatewayOptions options, Registry registry, TimeProvider time)
    {
        var (server, intermediates) = (Pem.Certificate(options.ServerCertificate, options.ServerKey), Pem.Intermediates(options.ServerCertificate));
        var authorities = options.ClientAuthorities.ToDictionary(static set => set.Key, static set => Pem.Roots(set.Value), StringComparer.Ordinal);
        _snapshot = law => new TlsSnapshot(server, intermediates, new ClientTrust { Authorities = authorities, SelfSigned = SelfSigned(law) });
        var snapshot = _snapshot(registry);
        Data = new TlsListener(GatewayHost.DataListener, ClientCertificates.Required, snapshot, time);
        Diagnosis = new TlsListener(GatewayHost.DiagnoseListener, ClientCertificates.Diagnosed, snapshot, time);
        Proofs = new TlsListener(GatewayHost.DpopListener, ClientCertificates.None, new TlsSnapshot(server, intermediates, clients: null), time);
    }

    /// <summary>Mutual TLS.</summary>
    public TlsListener Data { get; }
    /// <summary>No certificate is asked for; DPoP-bound tokens only.</summary>
    public TlsListener Proofs { get; }
    /// <summary>A certificate is asked for, judged, and never a reason to hang up.</summary>
    public TlsListener Diagnosis { get; }

    /// <summary>Follows the law until the program stops.</summary>
    public void Follow(RegistryWatcher law, IHostApplicationLifetime lifetime)
    {
        void OnChanged(object? sender, RegistryChanged change)
        {
            if (change.Activated) Data.Current = Diagnosis.Current = _snapshot(law.Current);
        }

        law.Changed += OnChanged;
        lifetime.ApplicationStopped.Register(() => law.Changed -= OnChanged);
    }

    private static FrozenSet<string> SelfSigned(Registry registry) => registry.Clients.Values
        .Where(static client => client.Authentication == ClientAuthentication.SelfSignedTlsClientAuth)
        .SelectMany(static client => client.Certificates).Select(static rule => rule.X5tS256).OfType<string>().ToFrozenSet(StringComparer.Ordinal);
}
