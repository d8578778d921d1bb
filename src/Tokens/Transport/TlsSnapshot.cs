using System.Collections.Frozen;
using System.Collections.Immutable;
using System.Net.Security;
using System.Security.Authentication;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Tokens.Transport;

/// <summary>
/// All that a handshake reads: server certificate with its chain, trusted authorities, registered self-signed certificates. Immutable;
/// a renewal or a changed authority is a new snapshot, and it applies from the next handshake (hardening page, sections 5.1 and 7).
/// </summary>
public sealed class TlsSnapshot
{
    private readonly SslStreamCertificateContext _server;
    private readonly X509ChainPolicy _clientChain;
    private readonly FrozenDictionary<string, ImmutableArray<string>> _setsByAuthority;

    /// <summary>Makes a snapshot.</summary>
    /// <param name="server">Server certificate with its private key.</param>
    /// <param name="intermediates">Certificates between it and its root, sent with it; the root is not sent.</param>
    /// <param name="clients">Whom to take as a client; null for listeners that ask for no certificate.</param>
    public TlsSnapshot(X509Certificate2 server, X509Certificate2Collection? intermediates, ClientTrust? clients)
        : this(
            server.HasPrivateKey
                ? new OwnCertificate(server, intermediates ?? [])
                : throw new CryptographicException("the server certificate has no private key"),
            clients
        )
    { }

    /// <summary>Makes a snapshot.</summary>
    /// <param name="server">Server certificate with its private key.</param>
    /// <param name="clients">Whom to take as a client; null for listeners that ask for no certificate.</param>
    public TlsSnapshot(OwnCertificate server, ClientTrust? clients)
    {
        _server = server.Context;
        Clients = clients ?? new ClientTrust { Authorities = ImmutableDictionary<string, X509Certificate2Collection>.Empty };
        _clientChain = ChainPolicy(Clients.Authorities.Values, CertificateRules.ClientAuthentication);
        _setsByAuthority = Index(Clients.Authorities);
    }

    /// <summary>Whom the listener takes as a client.</summary>
    public ClientTrust Clients { get; }

    /// <summary>
    /// The only trust there is: given roots, no system store, no download, no revocation lookup over the network, and one extended key
    /// usage. Shared by listeners and by outgoing calls.
    /// </summary>
    internal static X509ChainPolicy ChainPolicy(IEnumerable<X509Certificate2Collection> roots, string usage)
    {
        var policy = new X509ChainPolicy
        {
            TrustMode = X509ChainTrustMode.CustomRootTrust,
            DisableCertificateDownloads = true,
            UrlRetrievalTimeout = TimeSpan.FromMilliseconds(1),
            RevocationMode = X509RevocationMode.NoCheck,
        };
        policy.ApplicationPolicy.Add(new Oid(usage));
        foreach (var set in roots)
            policy.CustomTrustStore.AddRange(set);
        return policy;
    }

    /// <summary>Options of one handshake. <paramref name="judge"/> gets the platform's findings and decides.</summary>
    internal SslServerAuthenticationOptions Options(ClientCertificates demand, RemoteCertificateValidationCallback judge) =>
        new()
        {
            EnabledSslProtocols = SslProtocols.Tls13,
            AllowTlsResume = false, // a stolen session would stand in for the private key
            AllowRenegotiation = false,
            ServerCertificateContext = _server,
            ClientCertificateRequired = demand != ClientCertificates.None,
            CertificateChainPolicy = demand == ClientCertificates.None ? null : _clientChain,
            CertificateRevocationCheckMode = X509RevocationMode.NoCheck,
            RemoteCertificateValidationCallback = demand == ClientCertificates.None ? null : judge,
        };

    /// <summary>Names of the authority sets met above the leaf.</summary>
    internal ImmutableArray<string> AuthoritiesOf(X509Chain chain)
    {
        var names = ImmutableArray<string>.Empty;
        for (var i = 1; i < chain.ChainElements.Count; i++)
            if (_setsByAuthority.TryGetValue(PresentedCertificate.ThumbprintOf(chain.ChainElements[i].Certificate), out var sets))
                names = names.AddRange(sets);
        return names;
    }

    private static FrozenDictionary<string, ImmutableArray<string>> Index(
        IReadOnlyDictionary<string, X509Certificate2Collection> authorities
    ) =>
        authorities
            .SelectMany(static set => set.Value, static (set, root) => (Name: set.Key, Thumbprint: PresentedCertificate.ThumbprintOf(root)))
            .GroupBy(static entry => entry.Thumbprint, static entry => entry.Name, StringComparer.Ordinal)
            .ToFrozenDictionary(
                static group => group.Key,
                static group => group.Distinct(StringComparer.Ordinal).ToImmutableArray(),
                StringComparer.Ordinal
            );
}
