using System.Diagnostics.CodeAnalysis;
using System.Net;
using Gateway.Audit;
using Gateway.Followers;
using Tokens.Operations;
using Tokens.Revocation;
using Tokens.Stores;

namespace Gateway;

/// <summary>
/// Configuration of the gateway, section <c>Gateway</c> of <c>appsettings.json</c> or the environment (<c>Gateway__DataPort</c>).
/// Everything that is law stands in the contracts folder instead. Paths are absolute, or relative to the working directory.
/// </summary>
public sealed class GatewayOptions
{
    /// <summary>
    /// Public address of the gateway: audience of its tokens and issuer of its assertions; https, without trailing slash.
    /// </summary>
    public string Resource { get; set; } = "https://localhost:8443";

    /// <summary>Address that the listeners bind to; <c>localhost</c>, an IP address, or <c>*</c>.</summary>
    public string Bind { get; set; } = "localhost";

    /// <summary>Port of the data listener (mutual TLS 1.3); 0 takes a free one.</summary>
    public int DataPort { get; set; } = 8443;

    /// <summary>
    /// Port of the listener that asks for no certificate and takes DPoP-bound tokens only; 0 takes a free one. It opens when a registered
    /// client has <c>binding: dpop</c> at the start, or when <see cref="ServeDpop"/> says so.
    /// </summary>
    public int DpopPort { get; set; } = 8445;

    /// <summary>Public address of that listener: proofs are made for it; https, without trailing slash.</summary>
    public string DpopAddress { get; set; } = "https://localhost:8445";

    /// <summary>Opens that listener although no client is registered for it yet.</summary>
    public bool ServeDpop { get; set; }

    /// <summary>Port of the listener that tells what is wrong with a certificate; 0 takes a free one, null opens none.</summary>
    public int? DiagnosePort { get; set; } = 8446;

    /// <summary>
    /// Port of health and metrics (plain HTTP, loopback unless <see cref="OperationsBind"/> says otherwise); 0 takes a free one.
    /// </summary>
    public int OperationsPort { get; set; } = 8080;

    /// <summary>Address of the operations listener.</summary>
    public string OperationsBind { get; set; } = "localhost";

    /// <summary>Host names that the data listener answers for, without port.</summary>
    [SuppressMessage("Usage", "CA2227", Justification = "bound by configuration")]
    public List<string> Hosts { get; set; } = ["localhost", "127.0.0.1"];

    /// <summary>Folder of contracts, agreements and institutions; watched, and reloaded whole or not at all.</summary>
    public string Contracts { get; set; } = "contracts";

    /// <summary>File of the operators of whom two must approve a set of contracts before it is law; empty for no such rule.</summary>
    public string Operators { get; set; } = "";

    /// <summary>
    /// File that remembers which versions of agreements and which approvals were law here, so that what was replaced does not come back.
    /// Never in the contracts folder. Empty relies on the log alone, which is then read whole at every start.
    /// </summary>
    public string LawBook { get; set; } = "law-book.json";

    /// <summary>PEM of the server certificate (with its chain) and its key.</summary>
    public string ServerCertificate { get; set; } = "";

    /// <summary>PEM of the server certificate's private key.</summary>
    public string ServerKey { get; set; } = "";

    /// <summary>CA sets of partners' client certificates: name → PEM file.</summary>
    public Dictionary<string, string> ClientAuthorities { get; set; } = [];

    /// <summary>
    /// Revocation lists of these sets, by the same names; a set that is not named here has none, and its certificates are stopped by the
    /// status list alone.
    /// </summary>
    public Dictionary<string, RevocationSettings> ClientRevocation { get; set; } = [];

    /// <summary>CA sets of providers' server certificates: name → PEM file.</summary>
    public Dictionary<string, string> ProviderAuthorities { get; set; } = [];

    /// <summary>Revocation lists of these sets, by the same names, as <see cref="ClientRevocation"/>.</summary>
    public Dictionary<string, RevocationSettings> ProviderRevocation { get; set; } = [];

    /// <summary>
    /// File that remembers the newest revocation list of each source, so that an older one does not count after a restart; made when
    /// there is a list. Never in the contracts folder. Empty remembers nothing.
    /// </summary>
    public string RevocationBook { get; set; } = "revocation-book.json";

    /// <summary>PEM of the certificate that the gateway shows to providers.</summary>
    public string ClientCertificate { get; set; } = "";

    /// <summary>PEM of that certificate's private key.</summary>
    public string ClientKey { get; set; } = "";

    /// <summary>PEM of the ES256 key that signs <c>Exchange-Assertion</c>.</summary>
    public string AssertionKey { get; set; } = "";

    /// <summary>Networks in which providers may stand although they are private or loopback (CIDR).</summary>
    [SuppressMessage("Usage", "CA2227", Justification = "bound by configuration")]
    public List<string> ProviderNetworks { get; set; } = [];

    /// <summary>Issuer of access tokens.</summary>
    public string Issuer { get; set; } = "";

    /// <summary>Address of the issuer's key set.</summary>
    public string IssuerJwks { get; set; } = "";

    /// <summary>PEM of the CA that the issuer's server certificate chains to.</summary>
    public string IssuerTrust { get; set; } = "";

    /// <summary>CA sets of the authorization servers that institutions run themselves: name → PEM file.</summary>
    public Dictionary<string, string> IssuerAuthorities { get; set; } = [];

    /// <summary>
    /// Status list, shared with the authority: what was revoked or suspended at once. A file is made when it does not exist.
    /// </summary>
    public StoreSettings Status { get; set; } = StoreSettings.Usually("status.db");

    /// <summary>Memory of used DPoP proofs, this gateway's own or shared by its nodes. A file is made when it does not exist.</summary>
    public StoreSettings Replay { get; set; } = StoreSettings.Usually("replay.db");

    /// <summary>Quotas of several nodes: PostgreSQL. Without a server this node counts alone, from its own log (no file is used).</summary>
    public StoreSettings Quotas { get; set; } = new();

    /// <summary>
    /// Folder with <c>sector.&lt;name&gt;.key</c>, <c>dossier.key</c> and <c>dpop-nonce.key</c>, which all nodes share: 32 bytes as 64
    /// hexadecimal digits each.
    /// </summary>
    public string Keys { get; set; } = "";

    /// <summary>Log of declared dossiers, this gateway's own or shared by its nodes. A file is made when it does not exist.</summary>
    public StoreSettings DossierStore { get; set; } = StoreSettings.Usually("dossiers.db");

    /// <summary>Dossiers that stand before that log, read anew at every start (NDJSON); empty for none.</summary>
    public string Dossiers { get; set; } = "";

    /// <summary>Folder of the log that this process hosts.</summary>
    public string Ledger { get; set; } = "ledger";

    /// <summary>Origin line of the log: agency domain, <c>audit</c>, year, node.</summary>
    public string LedgerOrigin { get; set; } = "anss.example/audit/2026/n1";

    /// <summary>PEM of the log's Ed25519 key; its P-256 key stands beside it with <c>.p256</c> behind the name.</summary>
    public string LedgerKey { get; set; } = "";

    /// <summary>Copy of the newest checkpoint, on another volume; a restored backup contradicts it. Empty for none.</summary>
    public string LedgerAnchor { get; set; } = "";

    /// <summary>
    /// Final checkpoint of last year's log, as <c>gatewayctl ledger shard close</c> kept it: the first record of a new log names it, so
    /// that the years are one chain. Empty for the first log.
    /// </summary>
    public string LedgerPrevious { get; set; } = "";

    /// <summary>C2SP verifier key of last year's log, which must have signed <see cref="LedgerPrevious"/>.</summary>
    public string LedgerPreviousKey { get; set; } = "";

    /// <summary>
    /// C2SP tlog-policy file: this log, its witnesses with their addresses, the quorum. Partners are given it. Empty for none.
    /// </summary>
    public string LedgerPolicy { get; set; } = "";

    /// <summary>
    /// At least one witness must answer before the log is opened, and the log must continue what it holds: a restored backup does not sign
    /// (ledger page, section 10, N4). Off only where no witness is run.
    /// </summary>
    public bool LedgerRequireWitnessAtStart { get; set; } = true;

    /// <summary>Clients that may read whole bundles and every record: systems of officers, auditors and mirrors.</summary>
    [SuppressMessage("Usage", "CA2227", Justification = "bound by configuration")]
    public List<string> LedgerReaders { get; set; } = [];

    /// <summary>
    /// Identical refusals of one second that get a record each; more of them share one record (ledger page, section 3.3).
    /// </summary>
    public int RefusalsSealedEach { get; set; } = 5;

    /// <summary>Bytes of a journal segment.</summary>
    public int LedgerSegmentBytes { get; set; } = 64 << 20;

    /// <summary>
    /// Unix socket through which the other programs of this node seal in the log, in a folder that only they can enter; empty for none.
    /// </summary>
    public string LedgerSocket { get; set; } = "";

    /// <summary>Who may seal what through it.</summary>
    public LedgerPeerOptions LedgerPeers { get; set; } = new();

    /// <summary>
    /// Search index that this gateway fills from the published log, beside the path of requests. Nothing set: another program does, or
    /// none.
    /// </summary>
    public IndexSettings Index { get; set; } = new();

    /// <summary>Collectors that are given every record.</summary>
    [SuppressMessage("Usage", "CA2227", Justification = "bound by configuration")]
    public List<FeedSettings> Feeds { get; set; } = [];

    /// <summary>Folder of the quarterly keys of the records' pseudonyms, never on the log's volume.</summary>
    public string SubjectKeys { get; set; } = "";

    /// <summary>Folder for batch results, encrypted under keys that live in memory alone.</summary>
    public string Spool { get; set; } = "spool";

    /// <summary>
    /// File that remembers when the certificates end that partners have shown, from one start to the next; empty keeps them in memory
    /// alone.
    /// </summary>
    public string CertificatesSeen { get; set; } = "";

    /// <summary>Accepts the sandbox's published keys. A production start that finds one of them refuses to run.</summary>
    public bool Development { get; set; }

    /// <summary>Sources answer within this time.</summary>
    public TimeSpan SourceTimeout { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>Connections of one source (an IPv4 address, a /64 network) at a listener; a silent one makes room for a newcomer.</summary>
    public int ConnectionsPerAddress { get; set; } = 32;

    /// <summary>Handshakes of one source (an IPv4 address, a /64 network) in a second; more of them wait.</summary>
    public double NewConnectionsPerSecond { get; set; } = 20;

    /// <summary>TLS handshakes that compute at once; more of them wait for the turn of their source.</summary>
    public int HandshakesAtOnce { get; set; } = 4 * Environment.ProcessorCount;

    /// <summary>
    /// When the program is asked to stop, readiness turns red and calls are served on for this time, so that a balancer sends them
    /// elsewhere
    /// before the listeners close. Zero where there is no load balancer.
    /// </summary>
    public TimeSpan StopGrace { get; set; } = Leaving.Usual;

    /// <summary><see cref="ProviderNetworks"/>, parsed.</summary>
    internal IReadOnlyList<IPNetwork> Networks() => [.. ProviderNetworks.Select(static network => IPNetwork.Parse(network))];
}
