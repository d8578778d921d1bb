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
    private readonly GatewayFiles _files;
    private readonly Lock _gate = new();

    /// <summary>Makes the listeners, with what the files hold now.</summary>
    public Listeners(GatewayFiles files, Registry registry, TimeProvider time)
    {
        _files = files;
        var snapshot = Snapshot(registry);
        Data = new TlsListener(GatewayHost.DataListener, ClientCertificates.Required, snapshot, time);
        Diagnosis = new TlsListener(GatewayHost.DiagnoseListener, ClientCertificates.Diagnosed, snapshot, time);
        Proofs = new TlsListener(GatewayHost.DpopListener, ClientCertificates.None, Open(), time);
    }

    /// <summary>Mutual TLS.</summary>
    public TlsListener Data { get; }

    /// <summary>No certificate is asked for; DPoP-bound tokens only.</summary>
    public TlsListener Proofs { get; }

    /// <summary>A certificate is asked for, judged, and never a reason to hang up.</summary>
    public TlsListener Diagnosis { get; }

    /// <summary>Follows the law and the files until the program stops.</summary>
    public void Follow(RegistryWatcher law, IHostApplicationLifetime lifetime)
    {
        void OnChanged(object? sender, RegistryChanged change)
        {
            if (change.Activated)
                Renew(law);
        }

        law.Changed += OnChanged;
        _files.Server.Changed += (_, _) => Renew(law);
        _files.Clients.Changed += (_, _) => Renew(law);
        lifetime.ApplicationStopped.Register(() => law.Changed -= OnChanged);
    }

    // One at a time: of two that come together, the later has seen what both changed.
    private void Renew(RegistryWatcher law)
    {
        lock (_gate)
        {
            Data.Current = Diagnosis.Current = Snapshot(law.Current);
            Proofs.Current = Open();
        }
    }

    private TlsSnapshot Snapshot(Registry law) =>
        new(_files.Server.Current, new ClientTrust { Authorities = _files.Clients.Current, SelfSigned = SelfSigned(law) });

    private TlsSnapshot Open() => new(_files.Server.Current, clients: null);

    private static FrozenSet<string> SelfSigned(Registry registry) =>
        registry
            .Clients.Values.Where(static client => client.Authentication == ClientAuthentication.SelfSignedTlsClientAuth)
            .SelectMany(static client => client.Certificates)
            .Select(static rule => rule.X5tS256)
            .OfType<string>()
            .ToFrozenSet(StringComparer.Ordinal);
}
