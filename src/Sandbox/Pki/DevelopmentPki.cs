using System.Collections.Immutable;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Sandbox.Pki;

/// <summary>
/// The town's certificates. Three authorities, because three parties decide whom to trust: partners' systems
/// (<c>anss-partners</c>), the institutions that answer (<c>providers</c>), and our own servers (<c>servers</c>), which
/// also names the gateway as a client of the institutions and the officers. Everything is reused on the next start and
/// renewed when a month is left; a new authority renews all its leaves.
/// </summary>
public sealed class DevelopmentPki : IDisposable
{
    /// <summary>Name of the CA set of partners' systems, as institution files write it.</summary>
    public const string Partners = "anss-partners";

    /// <summary>Name of the CA set of the institutions' servers.</summary>
    public const string Providers = "providers";

    /// <summary>Name of the CA set of our own servers, the gateway as a client, and the officers.</summary>
    public const string Servers = "servers";

    /// <summary>SAN URI of the gateway's certificate towards the institutions.</summary>
    public const string GatewayUri = "urn:anss:gateway";
    private static readonly TimeSpan RenewBefore = TimeSpan.FromDays(30);
    private static readonly TimeSpan RenewAuthorityBefore = TimeSpan.FromDays(500);

    private readonly StateFolder _state;
    private readonly TimeProvider _clock;
    private readonly ImmutableArray<string> _hosts;
    private readonly Dictionary<string, DevelopmentAuthority> _authorities = [];

    /// <summary>Opens or makes the authorities.</summary>
    /// <param name="state">Folder of the town.</param>
    /// <param name="clock">Time.</param>
    /// <param name="extraHosts">Names that server certificates carry beside this machine's, for containers.</param>
    public DevelopmentPki(StateFolder state, TimeProvider clock, IEnumerable<string>? extraHosts = null)
    {
        this._state = state;
        this._clock = clock;
        _hosts = [.. CertificateProfile.Loopback, .. extraHosts ?? []];
        foreach (var name in new[] { Partners, Providers, Servers })
            _authorities.Add(name, Authority(name));
    }

    /// <summary>PEM of the CA set of that name.</summary>
    public string AuthorityFile(string name) => _state.At("pki", name + ".ca.pem");

    /// <summary>The authority of that name.</summary>
    public DevelopmentAuthority this[string name] => _authorities[name];

    /// <summary>Certificate of one of our servers: <c>authority</c>, <c>gateway</c>.</summary>
    public CertificateFiles Server(string name) =>
        Leaf(
            Servers,
            "servers",
            new CertificateProfile
            {
                Name = name,
                Use = CertificateUse.Server,
                Hosts = _hosts,
            }
        );

    /// <summary>Server certificate of an institution.</summary>
    public CertificateFiles Provider(string institution) =>
        Leaf(
            Providers,
            "providers",
            new CertificateProfile
            {
                Name = institution,
                Use = CertificateUse.Server,
                Hosts = _hosts,
            }
        );

    /// <summary>Client certificate of a partner's system, named by <c>urn:anss:client:&lt;id&gt;</c>.</summary>
    public CertificateFiles Client(string clientId) =>
        Leaf(
            Partners,
            "clients",
            new CertificateProfile
            {
                Name = clientId,
                Use = CertificateUse.Client,
                Uri = "urn:anss:client:" + clientId,
            }
        );

    /// <summary>The gateway's client certificate towards the institutions.</summary>
    public CertificateFiles GatewayAsClient() =>
        Leaf(
            Servers,
            "servers",
            new CertificateProfile
            {
                Name = "gateway-client",
                Use = CertificateUse.Client,
                Uri = GatewayUri,
            }
        );

    /// <summary>Client certificate of a security officer.</summary>
    public CertificateFiles Officer(string name) =>
        Leaf(
            Servers,
            "officers",
            new CertificateProfile
            {
                Name = name,
                Use = CertificateUse.Client,
                Uri = "urn:anss:officer:" + name,
            }
        );

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var authority in _authorities.Values)
            authority.Dispose();
    }

    private DevelopmentAuthority Authority(string name)
    {
        _state.Folder("pki");
        var files = new CertificateFiles(AuthorityFile(name), _state.At("pki", name + ".ca.key"));
        if (File.Exists(files.Certificate) && File.Exists(files.Key))
        {
            var known = DevelopmentAuthority.Load(files.Certificate, files.Key, _clock);
            if (Lasts(known.Certificate, RenewAuthorityBefore))
                return known;
            known.Dispose();
        }
        var made = DevelopmentAuthority.Create($"Sandbox {name}", _clock);
        files.Save(made.Certificate);
        return made;
    }

    private CertificateFiles Leaf(string authority, string folder, CertificateProfile profile)
    {
        var place = _state.Folder("pki", folder);
        var files = new CertificateFiles(Path.Combine(place, profile.Name + ".pem"), Path.Combine(place, profile.Name + ".key"));
        if (IsUsable(files, _authorities[authority].Certificate, profile))
            return files;
        using var issued = _authorities[authority].Issue(profile);
        files.Save(issued);
        return files;
    }

    private bool IsUsable(CertificateFiles files, X509Certificate2 issuer, CertificateProfile profile)
    {
        if (!File.Exists(files.Certificate) || !File.Exists(files.Key))
            return false;
        try
        {
            using var known = files.Load();
            return Lasts(known, RenewBefore) && IsIssuedBy(known, issuer) && Covers(known, profile);
        }
        catch (Exception fault) when (fault is CryptographicException or ArgumentException)
        {
            // Half a pair, or a file that somebody edited: made anew.
            return false;
        }
    }

    private static bool Covers(X509Certificate2 known, CertificateProfile profile)
    {
        if (profile.Hosts.IsEmpty)
            return true;
        foreach (var host in profile.Hosts)
            if (!known.MatchesHostname(host))
                return false;
        return true;
    }

    private static bool IsIssuedBy(X509Certificate2 leaf, X509Certificate2 issuer)
    {
        using var chain = new X509Chain();
        chain.ChainPolicy.TrustMode = X509ChainTrustMode.CustomRootTrust;
        chain.ChainPolicy.CustomTrustStore.Add(issuer);
        chain.ChainPolicy.RevocationMode = X509RevocationMode.NoCheck;
        chain.ChainPolicy.DisableCertificateDownloads = true;
        chain.ChainPolicy.VerificationFlags = X509VerificationFlags.IgnoreNotTimeValid;
        return chain.Build(leaf);
    }

    private bool Lasts(X509Certificate2 certificate, TimeSpan margin)
    {
        var now = _clock.GetUtcNow();
        return new DateTimeOffset(certificate.NotBefore) <= now && new DateTimeOffset(certificate.NotAfter) - margin > now;
    }
}
