using System.Net;
using Authority.Keys;
using Ledger;
using Tokens.Operations;
using Tokens.Revocation;
using Tokens.Stores;
using Tokens.Transport;

namespace Authority;

/// <summary>Section <c>Authority</c> of the configuration: files and addresses. Secrets are named by file, never written here.</summary>
public sealed class AuthoritySettings
{
    /// <summary>As <see cref="AuthorityOptions.Issuer"/>.</summary>
    public string? Issuer { get; set; }

    /// <summary>As <see cref="AuthorityOptions.MutualTlsBase"/>.</summary>
    public string? MutualTlsBase { get; set; }

    /// <summary>Public listener, address and port.</summary>
    public string Public { get; set; } = "127.0.0.1:7443";

    /// <summary>Mutual-TLS listener, address and port.</summary>
    public string MutualTls { get; set; } = "127.0.0.1:7444";

    /// <summary>Operations listener, address and port.</summary>
    public string Operations { get; set; } = "127.0.0.1:7080";

    /// <summary>Folder of the contracts.</summary>
    public string Contracts { get; set; } = "contracts";

    /// <summary>File of the operators of whom two must approve a set of contracts before it is law; empty for no such rule.</summary>
    public string Operators { get; set; } = "";

    /// <summary>Folder of the key ring.</summary>
    public string State { get; set; } = "state";

    /// <summary>As <see cref="AuthorityOptions.Replay"/>.</summary>
    public StoreSettings? Replay { get; set; }

    /// <summary>As <see cref="AuthorityOptions.Status"/>.</summary>
    public StoreSettings? Status { get; set; }

    /// <summary>PEM file: server certificate, then its intermediates.</summary>
    public string ServerCertificate { get; set; } = "";

    /// <summary>PEM file: its private key.</summary>
    public string ServerKey { get; set; } = "";

    /// <summary>Partner roots: name of the set → PEM file.</summary>
    public Dictionary<string, string> Authorities { get; } = new(StringComparer.Ordinal);

    /// <summary>As <see cref="AuthorityOptions.Revocation"/>.</summary>
    public Dictionary<string, RevocationSettings> Revocation { get; } = new(StringComparer.Ordinal);

    /// <summary>File with the passphrase of the key ring (a deployment secret).</summary>
    public string KeyPassphraseFile { get; set; } = "";

    /// <summary>Audiences.</summary>
    public List<ResourceSettings> Resources { get; set; } = [];

    /// <summary>Times of the key ring.</summary>
    public KeyRingOptions Keys { get; set; } = new();

    /// <summary>As <see cref="AuthorityOptions.FailuresPerMinute"/>.</summary>
    public int FailuresPerMinute { get; set; } = 20;

    /// <summary>Caps on connections.</summary>
    public ConnectionCapOptions Caps { get; set; } = new();

    /// <summary>As <see cref="AuthorityOptions.ProblemPages"/>.</summary>
    public string? ProblemPages { get; set; }

    /// <summary>As <see cref="AuthorityOptions.StopGrace"/>; five seconds unless stated.</summary>
    public TimeSpan StopGrace { get; set; } = Leaving.Usual;

    /// <summary>Where this process seals its records.</summary>
    public LedgerSettings Ledger { get; set; } = new();

    /// <summary>Looks at what is set, before anything is opened.</summary>
    /// <exception cref="StartRefused">Names every setting that is missing, or that names what is not there.</exception>
    internal void Check()
    {
        var check = new SettingsCheck("Authority")
            .NeedsFolder(nameof(Contracts), Contracts)
            .MayName(nameof(Operators), Operators)
            .Outside(nameof(Operators), Operators, Contracts)
            .Needs(nameof(State), State)
            .Outside(nameof(State), State, Contracts)
            .MayWriteIn(nameof(State), State)
            .MayKeepIn(nameof(State), KeyRing.FolderIn(State), RingFile.KeyPattern, SecretFile.WhyNot)
            .MayKeep(nameof(State), Path.Combine(KeyRing.FolderIn(State), RingFile.SecretName), SecretFile.WhyNot)
            .MayKeep("Ledger:Key", Ledger.Key, SecretFile.WhyNot)
            .MayKeep("Ledger:Key", LogKey.SecondFile(Ledger.Key), SecretFile.WhyNot)
            .MayKeep("Replay:PasswordFile", Replay?.PasswordFile, SecretFile.WhyNot)
            .MayKeep("Status:PasswordFile", Status?.PasswordFile, SecretFile.WhyNot)
            .Store(nameof(Replay), Replay?.Or(Path.Combine(State, "replay.db")))
            .Store(nameof(Status), Status?.Or(Path.Combine(State, "status.db")))
            .NeedsFile(nameof(ServerCertificate), ServerCertificate)
            .NeedsSecret(nameof(ServerKey), ServerKey, SecretFile.WhyNot)
            .NeedsSecret(nameof(KeyPassphraseFile), KeyPassphraseFile, SecretFile.WhyNot)
            .Holds(nameof(Authorities), Authorities.Count > 0, "names no partner root")
            .Holds(nameof(Resources), Resources.Count > 0, "names no resource")
            .Holds(nameof(Resources), Resources.TrueForAll(static one => one.Id.Length > 0), "holds one without Id")
            .MayBeHttps(nameof(Issuer), Issuer)
            .MayBeHttps(nameof(MutualTlsBase), MutualTlsBase)
            .MayBeHttps(nameof(ProblemPages), ProblemPages)
            .AboveZero(nameof(FailuresPerMinute), FailuresPerMinute)
            .Grace(nameof(StopGrace), StopGrace)
            .AboveZero("Caps:Open", Caps.Open)
            .AboveZero("Caps:OpenPerAddress", Caps.OpenPerAddress)
            .AboveZero("Caps:NewPerSecond", Caps.NewPerSecond)
            .AboveZero("Caps:Burst", Caps.Burst)
            .AboveZero("Caps:Handshakes", Caps.Handshakes);
        foreach (var (set, file) in Authorities)
            check.NeedsFile($"{nameof(Authorities)}:{set}", file);
        (string, string)[] listeners = [(nameof(Public), Public), (nameof(MutualTls), MutualTls), (nameof(Operations), Operations)];
        foreach (var (name, address) in listeners)
            check.Holds(name, IPEndPoint.TryParse(address, out _), $"is '{address}', which is no address and port (127.0.0.1:7443)");
        check.Throw();
    }

    /// <summary>Reads the files.</summary>
    /// <exception cref="InvalidOperationException">A setting is missing; says which.</exception>
    public AuthorityOptions ToOptions()
    {
        var server = CertificateFiles.Own(
            Required(ServerCertificate, nameof(ServerCertificate)),
            Required(ServerKey, nameof(ServerKey)),
            SecretFile.ReadText
        );
        if (Authorities.Count == 0)
            throw new InvalidOperationException("Authority:Authorities names no partner root");
        if (Resources.Count == 0)
            throw new InvalidOperationException("Authority:Resources names no resource");
        return new AuthorityOptions
        {
            Issuer = Issuer,
            MutualTlsBase = MutualTlsBase,
            Public = IPEndPoint.Parse(Public),
            MutualTls = IPEndPoint.Parse(MutualTls),
            Operations = IPEndPoint.Parse(Operations),
            ServerCertificate = server.Leaf,
            ServerIntermediates = server.Intermediates,
            Authorities = Authorities.ToDictionary(
                static set => set.Key,
                static set => CertificateFiles.Roots(set.Value),
                StringComparer.Ordinal
            ),
            Files = new AuthorityFileNames(ServerCertificate, ServerKey, Authorities, KeyPassphraseFile),
            Revocation = Revocation,
            StateDirectory = State,
            Replay = Replay,
            Status = Status,
            KeyPassphrase = AuthorityFiles.ReadPassphrase(Required(KeyPassphraseFile, nameof(KeyPassphraseFile))),
            Keys = Keys,
            Resources = [.. Resources.Select(static resource => new ResourceOptions(resource.Id, resource.IntrospectedBy))],
            FailuresPerMinute = FailuresPerMinute,
            Caps = Caps,
            ProblemPages = ProblemPages,
            StopGrace = StopGrace,
        };
    }

    private static string Required(string value, string name) =>
        value.Length > 0 ? value : throw new InvalidOperationException($"Authority:{name} is not set");
}

/// <summary>A resource server, as configured.</summary>
public sealed class ResourceSettings
{
    /// <summary>Its identifier.</summary>
    public string Id { get; set; } = "";

    /// <summary>Clients that may introspect.</summary>
    public List<string> IntrospectedBy { get; set; } = [];
}

/// <summary>Where this process seals: through the socket of the gateway on the same node, or in a log of its own. One of the two.</summary>
public sealed class LedgerSettings
{
    /// <summary>The gateway's <c>ledger.sock</c>; empty for a log of its own.</summary>
    public string Socket { get; set; } = "";

    /// <summary>Verifier key of the gateway's log (<c>name+id+base64</c>): every answer must carry a checkpoint that it signed.</summary>
    public string Log { get; set; } = "";

    /// <summary>Folder of this process's own log; empty with a socket.</summary>
    public string Directory { get; set; } = "";

    /// <summary>Its origin line.</summary>
    public string Origin { get; set; } = "";

    /// <summary>File of its Ed25519 key; made at the first start.</summary>
    public string Key { get; set; } = "";
}
