using System.Collections.Immutable;
using System.Net;
using System.Security.Cryptography.X509Certificates;
using Agreements.Loading.Remembered;
using Authority;
using Gateway;
using Ledger;
using Microsoft.IdentityModel.Tokens;
using Sandbox.Deployment;
using Sandbox.Institutions;
using Sandbox.Pki;
using Tokens.Stores;
using Tokens.Transport;

namespace Sandbox;

/// <summary>How the parts of a town are configured: one method for each part.</summary>
/// <param name="town">The town under construction.</param>
internal sealed class TownComposition(Town town)
{
    private static readonly string[] Officers = ["officer-1", "officer-2"];
    private readonly TownOptions _options = town.Options;
    private readonly TownPorts _ports = town.Ports;
    private readonly GatewayKeys _gatewayKeys = new(town.State);

    /// <summary>What was stopped: written by the authority, read by the gateway.</summary>
    private StoreSettings Status => new() { File = town.State.At("status.db") };

    private static Action<ILoggingBuilder> Quiet { get; } = static logging => logging.SetMinimumLevel(LogLevel.None);

    /// <summary>Starts the institutions; the ministry's register is made meanwhile.</summary>
    public async Task<StandIn[]> StartInstitutions()
    {
        // Read before the institutions start side by side: whoever reads first makes the key.
        var assertionKey = town.Keys.Public(GatewayKeys.AssertionKey);
        return await Task.WhenAll(InstitutionCatalogue.Ids.Select(id => Task.Run(() => StartInstitution(id, assertionKey))));
    }

    private Task<StandIn> StartInstitution(string id, JsonWebKey assertionKey)
    {
        var standIn = new StandInOptions
        {
            Institution = id,
            Port = _ports.Institutions[id],
            Certificate = town.Pki.Provider(id),
            GatewayAuthority = town.Pki.AuthorityFile(DevelopmentPki.Servers),
            AssertionKey = assertionKey,
            RequireAssertion = _options.RequireAssertion,
            Remember = _options.Remember,
        };
        return StandIn.StartAsync(standIn, InstitutionCatalogue.Operations(id, town.Calendar, _options.Pupils), _options.Clock);
    }

    /// <summary>Deploys contracts, keys and dossiers.</summary>
    public DeployedContracts Deploy()
    {
        var plan = new DeploymentPlan
        {
            Source = _options.Contracts ?? ContractSource.Find(),
            Providers = _ports.Institutions.ToImmutableDictionary(p => p.Key, p => $"https://localhost:{p.Value}", StringComparer.Ordinal),
            KeepsQuotas = _options.KeepsQuotas,
        };
        var deployed = DeployedContracts.Deploy(plan, town.State, _options.Clock);
        if (_options.EditContracts is { } edit)
        {
            edit(deployed.Folder);
            deployed = DeployedContracts.Deploy(plan, town.State, _options.Clock);
        }
        foreach (var officer in Officers)
            town.Pki.Officer(officer);
        _gatewayKeys.Prepare();
        DossierFile.Write(town.State.At("dossiers.ndjson"), deployed.Registry, _gatewayKeys.Dossier, _options.Pupils, town.Calendar);
        return deployed;
    }

    /// <summary>What was law before: no version comes back, and a version has one text.</summary>
    public LawBook LawBook()
    {
        var file = town.State.At(DeployedContracts.LawBook);
        return Agreements.Loading.Remembered.LawBook.Open(
            AtomicFile.Read(file),
            text => AtomicFile.Replace(file, text),
            mayRedraft: !_options.KeepsVersions
        );
    }

    /// <summary>Options of the log: small segments, which are zero-filled at the start.</summary>
    public LedgerOptions LedgerOptions(string folder, int year)
    {
        Directory.CreateDirectory(folder);
        var ledger = new LedgerOptions
        {
            Directory = folder,
            Origin = LogKeys.Origin(year),
            SegmentBytes = 16 << 20,
            SpareSegments = 1,
            Policy = town.Contracts.Registry.Digest,
        };
        _options.ConfigureLedger?.Invoke(ledger);
        return ledger;
    }

    /// <summary>The authority, not started.</summary>
    public WebApplication Authority(ILedger ledger)
    {
        var partners = new X509Certificate2Collection();
        partners.ImportFromPemFile(town.Pki.AuthorityFile(DevelopmentPki.Partners));
        var secret = Path.Combine(town.State.Folder("keys"), GatewayKeys.AuthorityPassphrase);
        StateFolder.ReadOrCreateSecret(secret, 32);
        var server = town.Pki.Server("authority");
        var authority = new AuthorityOptions
        {
            Issuer = $"https://localhost:{_ports.Issuer}",
            MutualTlsBase = $"https://localhost:{_ports.Token}",
            Public = new IPEndPoint(IPAddress.Loopback, _ports.Issuer),
            MutualTls = new IPEndPoint(IPAddress.Loopback, _ports.Token),
            Operations = new IPEndPoint(IPAddress.Loopback, _ports.AuthorityOperations),
            ServerCertificate = server.Load(),
            Files = new AuthorityFileNames(
                server.Certificate,
                server.Key,
                new Dictionary<string, string>(StringComparer.Ordinal)
                {
                    [DevelopmentPki.Partners] = town.Pki.AuthorityFile(DevelopmentPki.Partners),
                },
                secret
            ),
            Authorities = new Dictionary<string, X509Certificate2Collection>(StringComparer.Ordinal)
            {
                [DevelopmentPki.Partners] = partners,
            },
            StateDirectory = town.State.Folder("authority"),
            Status = Status,
            // The file's text, as the authority reads it when it runs apart and as gatewayctl does: one ring for all of them.
            KeyPassphrase = SecretFile.ReadText(secret).Trim(),
            Keys = { ReplacesPastKey = true },
            Resources = [new ResourceOptions($"https://localhost:{_ports.Gateway}", [])],
            // All partners of the town share one address: what bounds one address would bound them all.
            FailuresPerMinute = 100_000,
            Caps = new ConnectionCapOptions
            {
                OpenPerAddress = 4096,
                NewPerSecond = 5000,
                Burst = 5000,
                Handshakes = 1024,
            },
        };
        _options.ConfigureAuthority?.Invoke(authority);
        return AuthorityHost.Build(authority, town.Law, ledger, _options.Clock, _options.Logging ?? Quiet);
    }

    /// <summary>The gateway, not started.</summary>
    public WebApplication Gateway(ILedger ledger)
    {
        var server = town.Pki.Server("gateway");
        var client = town.Pki.GatewayAsClient();
        var gateway = new GatewayOptions
        {
            Resource = $"https://localhost:{_ports.Gateway}",
            DataPort = _ports.Gateway,
            DpopPort = _ports.GatewayDpop,
            DiagnosePort = _ports.Diagnose,
            DpopAddress = $"https://localhost:{_ports.GatewayDpop}",
            OperationsPort = _ports.Metrics,
            Contracts = town.Contracts.Folder,
            RevocationBook = town.State.At("revocation-book.json"),
            ServerCertificate = server.Certificate,
            ServerKey = server.Key,
            ClientAuthorities = { [DevelopmentPki.Partners] = town.Pki.AuthorityFile(DevelopmentPki.Partners) },
            ProviderAuthorities = { [DevelopmentPki.Providers] = town.Pki.AuthorityFile(DevelopmentPki.Providers) },
            ClientCertificate = client.Certificate,
            ClientKey = client.Key,
            AssertionKey = town.Keys.File(GatewayKeys.AssertionKey),
            ProviderNetworks = { "127.0.0.0/8" },
            Issuer = $"https://localhost:{_ports.Issuer}",
            IssuerJwks = $"https://localhost:{_ports.Issuer}/.well-known/jwks.json",
            IssuerTrust = town.Pki.AuthorityFile(DevelopmentPki.Servers),
            IssuerAuthorities = { [DevelopmentPki.Servers] = town.Pki.AuthorityFile(DevelopmentPki.Servers) },
            Status = Status,
            Replay = new() { File = Path.Combine(town.State.Folder("gateway"), "replay.db") },
            Keys = _gatewayKeys.Folder,
            Dossiers = town.State.At("dossiers.ndjson"),
            DossierStore = new() { File = Path.Combine(town.State.Folder("gateway"), "dossiers.db") },
            Ledger = town.LedgerFolder,
            LedgerOrigin = ledger.Origin,
            SubjectKeys = town.State.Folder("keys", "subjects"),
            Spool = town.State.Folder("spool"),
            CertificatesSeen = town.State.At("certificates-seen.json"),
            Development = true,
            StopGrace = TimeSpan.Zero,
            // All partners of the town share one address: a cap for each address would be a cap for all.
            ConnectionsPerAddress = 4096,
            NewConnectionsPerSecond = 5000,
        };
        if (_options.Index ?? _options.State is not null)
            gateway.Index.Folder = town.IndexFolder;
        _options.ConfigureGateway?.Invoke(gateway);
        return GatewayHost.Build(
            gateway,
            town.Law,
            ledger,
            town.SubjectKeys,
            _options.Clock,
            _options.Logging ?? Quiet,
            town.Witnesses,
            town.Ledger.Key
        );
    }

    /// <summary>Where partners read the log.</summary>
    public string LogAddress(string origin) =>
        $"https://localhost:{_ports.Gateway}{origin[origin.IndexOf('/', StringComparison.Ordinal)..]}/";

    /// <summary>What <c>sandbox.json</c> says.</summary>
    public SandboxFile Describe() =>
        new()
        {
            Issuer = $"https://localhost:{_ports.Issuer}",
            TokenEndpoint = $"https://localhost:{_ports.Token}/connect/token",
            PublicTokenEndpoint = $"https://localhost:{_ports.Issuer}/connect/token",
            Diagnose = $"https://localhost:{_ports.Diagnose}/diagnose",
            GatewayDpop = $"https://localhost:{_ports.GatewayDpop}",
            Gateway = $"https://localhost:{_ports.Gateway}",
            Metrics = $"http://localhost:{_ports.Metrics}/metrics",
            Ca = town.Pki.AuthorityFile(DevelopmentPki.Servers),
            SchoolYear = town.Calendar.Name,
            Ledger = new LedgerPlace(town.LedgerFolder, town.Ledger.Key.ToString(), town.LedgerSocket),
            Operate = _options.State is null ? null : Operators.Prepare(town.State),
            Clients = SandboxFile.ClientEntries(town.Law.Current, town.Pki, town.Keys, town.Calendar.Today),
            Providers = [.. InstitutionCatalogue.Ids.Select(id => new ProviderEntry(id, $"https://localhost:{_ports.Institutions[id]}"))],
            Persons = SandboxFile.PersonEntries(),
        };
}
