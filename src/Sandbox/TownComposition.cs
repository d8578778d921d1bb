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
    private readonly TownOptions options = town.Options;
    private readonly TownPorts ports = town.Ports;
    private readonly GatewayKeys gatewayKeys = new(town.State);

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
            Port = ports.Institutions[id],
            Certificate = town.Pki.Provider(id),
            GatewayAuthority = town.Pki.AuthorityFile(DevelopmentPki.Servers),
            AssertionKey = assertionKey,
            RequireAssertion = options.RequireAssertion,
            Remember = options.Remember,
        };
        return StandIn.StartAsync(standIn, InstitutionCatalogue.Operations(id, town.Calendar, options.Pupils), options.Clock);
    }

    /// <summary>Deploys contracts, keys and dossiers.</summary>
    public DeployedContracts Deploy()
    {
        var plan = new DeploymentPlan
        {
            Source = options.Contracts ?? ContractSource.Find(),
            Providers = ports.Institutions.ToImmutableDictionary(p => p.Key, p => $"https://localhost:{p.Value}", StringComparer.Ordinal),
            KeepsQuotas = options.KeepsQuotas,
        };
        var deployed = DeployedContracts.Deploy(plan, town.State, options.Clock);
        if (options.EditContracts is { } edit)
        {
            edit(deployed.Folder);
            deployed = DeployedContracts.Deploy(plan, town.State, options.Clock);
        }
        foreach (var officer in Officers) town.Pki.Officer(officer);
        gatewayKeys.Prepare();
        DossierFile.Write(town.State.At("dossiers.ndjson"), deployed.Registry, gatewayKeys.Dossier, options.Pupils, town.Calendar);
        return deployed;
    }

    /// <summary>What was law before: no version comes back, and a version has one text.</summary>
    public LawBook LawBook()
    {
        var file = town.State.At(DeployedContracts.LawBook);
        return Agreements.Loading.Remembered.LawBook.Open(AtomicFile.Read(file), text => AtomicFile.Replace(file, text), mayRedraft: !options.KeepsVersions);
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
        options.ConfigureLedger?.Invoke(ledger);
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
            Issuer = $"https://localhost:{ports.Issuer}",
            MutualTlsBase = $"https://localhost:{ports.Token}",
            Public = new IPEndPoint(IPAddress.Loopback, ports.Issuer),
            MutualTls = new IPEndPoint(IPAddress.Loopback, ports.Token),
            Operations = new IPEndPoint(IPAddress.Loopback, ports.AuthorityOperations),
            ServerCertificate = server.Load(),
            Files = new AuthorityFileNames(
                server.Certificate, server.Key, new Dictionary<string,
                    string>(StringComparer.Ordinal) { [DevelopmentPki.Partners] = town.Pki.AuthorityFile(DevelopmentPki.Partners) },
                    secret),
            Authorities = new Dictionary<string, X509Certificate2Collection>(StringComparer.Ordinal) { [DevelopmentPki.Partners] = partners },
            StateDirectory = town.State.Folder("authority"),
            Status = Status,
            // The file's text, as the authority reads it when it runs apart and as gatewayctl does: one ring for all of them.
            KeyPassphrase = SecretFile.ReadText(secret).Trim(),
            Keys = { ReplacesPastKey = true },
            Resources = [new ResourceOptions($"https://localhost:{ports.Gateway}", [])],
            // All partners of the town share one address: what bounds one address would bound them all.
            FailuresPerMinute = 100_000,
            Caps = new ConnectionCapOptions { OpenPerAddress = 4096, NewPerSecond = 5000, Burst = 5000, Handshakes = 1024 },
        };
        options.ConfigureAuthority?.Invoke(authority);
        return AuthorityHost.Build(authority, town.Law, ledger, options.Clock, options.Logging ?? Quiet);
    }

    /// <summary>The gateway, not started.</summary>
    public WebApplication Gateway(ILedger ledger)
    {
        var server = town.Pki.Server("gateway");
        var client = town.Pki.GatewayAsClient();
        var gateway = new GatewayOptions
        {
            Resource = $"https://localhost:{ports.Gateway}",
            DataPort = ports.Gateway,
            DpopPort = ports.GatewayDpop,
            DiagnosePort = ports.Diagnose,
            DpopAddress = $"https://localhost:{ports.GatewayDpop}",
            OperationsPort = ports.Metrics,
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
            Issuer = $"https://localhost:{ports.Issuer}",
            IssuerJwks = $"https://localhost:{ports.Issuer}/.well-known/jwks.json",
            IssuerTrust = town.Pki.AuthorityFile(DevelopmentPki.Servers),
            IssuerAuthorities = { [DevelopmentPki.Servers] = town.Pki.AuthorityFile(DevelopmentPki.Servers) },
            Status = Status,
            Replay = new() { File = Path.Combine(town.State.Folder("gateway"), "replay.db") },
            Keys = gatewayKeys.Folder,
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
        if (options.Index ?? options.State is not null) gateway.Index.Folder = town.IndexFolder;
        options.ConfigureGateway?.Invoke(gateway);
        return GatewayHost.Build(gateway, town.Law, ledger, town.SubjectKeys, options.Clock, options.Logging ?? Quiet, town.Witnesses, town.Ledger.Key);
    }

    /// <summary>Where partners read the log.</summary>
    public string LogAddress(string origin) => $"https://localhost:{ports.Gateway}{origin[origin.IndexOf('/', StringComparison.Ordinal)..]}/";

    /// <summary>What <c>sandbox.json</c> says.</summary>
    public SandboxFile Describe() => new()
    {
        Issuer = $"https://localhost:{ports.Issuer}",
        TokenEndpoint = $"https://localhost:{ports.Token}/connect/token",
        PublicTokenEndpoint = $"https://localhost:{ports.Issuer}/connect/token",
        Diagnose = $"https://localhost:{ports.Diagnose}/diagnose",
        GatewayDpop = $"https://localhost:{ports.GatewayDpop}",
        Gateway = $"https://localhost:{ports.Gateway}",
        Metrics = $"http://localhost:{ports.Metrics}/metrics",
        Ca = town.Pki.AuthorityFile(DevelopmentPki.Servers),
        SchoolYear = town.Calendar.Name,
        Ledger = new LedgerPlace(town.LedgerFolder, town.Ledger.Key.ToString(), town.LedgerSocket),
        Operate = options.State is null ? null : Operators.Prepare(town.State),
        Clients = SandboxFile.ClientEntries(town.Law.Current, town.Pki, town.Keys, town.Calendar.Today),
        Providers = [.. InstitutionCatalogue.Ids.Select(id => new ProviderEntry(id, $"https://localhost:{ports.Institutions[id]}"))],
        Persons = SandboxFile.PersonEntries(),
    };
}
