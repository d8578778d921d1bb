using System.Globalization;
using System.Text.Json;
using Sandbox.Institutions;
using Sandbox.Persons;
using Sandbox.Pki;

namespace Sandbox.Deployment;

/// <summary>Host names of programs that run apart; <c>localhost</c> for those on this machine.</summary>
/// <param name="Authority">Host of the authority.</param>
/// <param name="Gateway">Host of the gateway.</param>
/// <param name="Provider">Host of the institutions.</param>
public sealed record ApartHosts(string Authority, string Gateway, string Provider);

/// <summary>
/// Configuration files of the authority and the gateway for a prepared state folder, and the <c>sandbox.json</c> that tells
/// partners where they are. The files name secrets and hold none.
/// </summary>
/// <param name="state">Prepared folder, under the path at which the programs see it.</param>
/// <param name="hosts">Where they run.</param>
/// <param name="ports">Where they listen.</param>
/// <param name="year">Year of the logs.</param>
public sealed class ApartConfiguration(StateFolder state, ApartHosts hosts, TownPorts ports, int year)
{
    private static readonly JsonSerializerOptions Json = new() { WriteIndented = true };

    private static TimeSpan StopGrace => TimeSpan.Zero;
    private string Issuer => $"https://{hosts.Authority}:{ports.Issuer}";
    private string MutualTls => $"https://{hosts.Authority}:{ports.Token}";
    private string Resource => $"https://{hosts.Gateway}:{ports.Gateway}";
    private string Dpop => $"https://{hosts.Gateway}:{ports.GatewayDpop}";
    private string LedgerFolder => state.At("ledger", year.ToString(CultureInfo.InvariantCulture));

    private string LedgerSocket => LedgerSocketPlace.Must(state);

    /// <summary>Writes <c>authority.json</c> and <c>gateway.json</c>.</summary>
    public void Write()
    {
        StateFolder.WritePublic(
            state.At("authority.json"),
            JsonSerializer.Serialize(new { Authority = Authority(), Serilog = Log("authority") }, Json)
        );
        StateFolder.WritePublic(
            state.At("gateway.json"),
            JsonSerializer.Serialize(new { Gateway = Gateway(), Serilog = Log("gateway") }, Json)
        );
    }

    /// <summary>What partners are told.</summary>
    public SandboxFile Describe(DeployedContracts contracts, DevelopmentPki pki, SigningKeys keys, SchoolCalendar calendar)
    {
        return new SandboxFile
        {
            Issuer = Issuer,
            TokenEndpoint = MutualTls + "/connect/token",
            PublicTokenEndpoint = Issuer + "/connect/token",
            GatewayDpop = Dpop,
            Diagnose = $"https://{hosts.Gateway}:{ports.Diagnose}/diagnose",
            Gateway = Resource,
            Metrics = $"http://{hosts.Gateway}:{ports.Metrics}/metrics",
            Ca = pki.AuthorityFile(DevelopmentPki.Servers),
            SchoolYear = calendar.Name,
            Ledger = new LedgerPlace(LedgerFolder, LogVerifier(), LedgerSocket),
            Operate = Operators.Prepare(state),
            Clients = SandboxFile.ClientEntries(contracts.Registry, pki, keys, calendar.Today),
            Providers =
            [
                .. InstitutionCatalogue.Ids.Select(id => new ProviderEntry(id, $"https://{hosts.Provider}:{ports.Institutions[id]}")),
            ],
            Persons = SandboxFile.PersonEntries(),
        };
    }

    private string LogVerifier()
    {
        using var log = Ledger.LogKey.Load(LogKeys.Path(state, year));
        return log.Verifier(LogKeys.Origin(year)).ToString();
    }

    private object Authority() =>
        new
        {
            Issuer,
            MutualTlsBase = MutualTls,
            Public = Listener(hosts.Authority, ports.Issuer),
            MutualTls = Listener(hosts.Authority, ports.Token),
            Operations = Listener(hosts.Authority, ports.AuthorityOperations),
            Contracts = state.At("contracts"),
            State = state.Folder("authority"),
            Status = new { File = state.At("status.db") },
            ServerCertificate = state.At("pki", "servers", "authority.pem"),
            ServerKey = state.At("pki", "servers", "authority.key"),
            Authorities = new Dictionary<string, string>(StringComparer.Ordinal)
            {
                [DevelopmentPki.Partners] = state.At("pki", DevelopmentPki.Partners + ".ca.pem"),
            },
            KeyPassphraseFile = state.At("keys", GatewayKeys.AuthorityPassphrase),
            Resources = new[] { new { Id = Resource } },
            StopGrace,
            Ledger = new { Socket = LedgerSocket, Log = LogVerifier() }, // in the gateway's log: one tree for tokens and exchanges
        };

    private object Gateway() =>
        new
        {
            Resource,
            Bind = Bind(hosts.Gateway),
            DataPort = ports.Gateway,
            DpopPort = ports.GatewayDpop,
            DiagnosePort = ports.Diagnose,
            DpopAddress = Dpop,
            OperationsBind = Bind(hosts.Gateway),
            OperationsPort = ports.Metrics,
            Hosts = new[] { hosts.Gateway, "localhost", "127.0.0.1" }.Distinct(StringComparer.Ordinal),
            Contracts = state.At("contracts"),
            LawBook = Path.Combine(state.Folder("gateway"), "law-book.json"),
            RevocationBook = Path.Combine(state.Folder("gateway"), "revocation-book.json"),
            ServerCertificate = state.At("pki", "servers", "gateway.pem"),
            ServerKey = state.At("pki", "servers", "gateway.key"),
            ClientAuthorities = new Dictionary<string, string>(StringComparer.Ordinal)
            {
                [DevelopmentPki.Partners] = state.At("pki", DevelopmentPki.Partners + ".ca.pem"),
            },
            ProviderAuthorities = new Dictionary<string, string>(StringComparer.Ordinal)
            {
                [DevelopmentPki.Providers] = state.At("pki", DevelopmentPki.Providers + ".ca.pem"),
            },
            ClientCertificate = state.At("pki", "servers", "gateway-client.pem"),
            ClientKey = state.At("pki", "servers", "gateway-client.key"),
            AssertionKey = state.At("keys", GatewayKeys.AssertionKey + ".key"),
            // Loopback, and the private networks in which container engines put their bridges.
            ProviderNetworks = new[] { "127.0.0.0/8", "10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16" },
            Issuer,
            IssuerJwks = Issuer + "/.well-known/jwks.json",
            IssuerTrust = state.At("pki", DevelopmentPki.Servers + ".ca.pem"),
            IssuerAuthorities = new Dictionary<string, string>(StringComparer.Ordinal)
            {
                [DevelopmentPki.Servers] = state.At("pki", DevelopmentPki.Servers + ".ca.pem"),
            },
            Status = new { File = state.At("status.db") },
            Replay = new { File = Path.Combine(state.Folder("gateway"), "replay.db") },
            Keys = state.At("keys", "gateway"),
            Dossiers = state.At("dossiers.ndjson"),
            DossierStore = new { File = Path.Combine(state.Folder("gateway"), "dossiers.db") },
            Ledger = LedgerFolder,
            LedgerOrigin = LogKeys.Origin(year),
            LedgerKey = LogKeys.Path(state, year),
            LedgerSocket,
            // Programs that run apart in the sandbox have no witnesses; the town in one process has three.
            LedgerRequireWitnessAtStart = false,
            Index = new { Folder = state.At("index") },
            SubjectKeys = state.Folder("keys", "subjects"),
            Spool = state.Folder("spool"),
            CertificatesSeen = state.At("certificates-seen.json"),
            Development = true,
            StopGrace, // nobody balances a sandbox
        };

    /// <summary>The second of the two sinks that a program's own settings name: its file goes to the state folder.</summary>
    private Dictionary<string, object> Log(string program) =>
        new(StringComparer.Ordinal)
        {
            ["WriteTo"] = new Dictionary<string, object>(StringComparer.Ordinal)
            {
                ["1"] = new { Args = new { path = Path.Combine(state.Folder("logs"), program + "-.json") } },
            },
        };

    private static string Bind(string host) => host == "localhost" ? host : "*";

    private static string Listener(string host, int port) => host == "localhost" ? $"127.0.0.1:{port}" : $"0.0.0.0:{port}";
}
