using System.Collections.Immutable;

namespace Agreements;

/// <summary>Which operations an institution can be given at all (exchanges page, section 16.4).</summary>
public enum InstitutionClass
{
    /// <summary>The agency itself.</summary>
    Agency,

    /// <summary>A ministry or public body.</summary>
    Public,

    /// <summary>A care institution.</summary>
    Care,

    /// <summary>An international body: aggregates only.</summary>
    International,
}

/// <summary>An organisation of <c>contracts/institutions</c>: its names, systems, keys, offices, and what it provides.</summary>
public sealed class Institution
{
    /// <summary>Institution id, for example <c>menps</c>.</summary>
    public required string Id { get; init; }

    /// <summary>Names in three languages.</summary>
    public required LocalizedText Names { get; init; }

    /// <summary>Whom its partners write to about its conventions; null when it names nobody.</summary>
    public Contact? Contact { get; init; }

    /// <summary>Roles it may take in agreements: consumer, provider.</summary>
    public ImmutableArray<string> Roles { get; init; } = [];

    /// <summary>Class.</summary>
    public required InstitutionClass Class { get; init; }

    /// <summary>Sector whose tokens the institution speaks; null for the agency.</summary>
    public string? Sector { get; init; }

    /// <summary>Organisation number (ICE), 15 digits; null when none is registered.</summary>
    public string? Ice { get; init; }

    /// <summary>How the gateway reaches it as a provider; null for a pure consumer.</summary>
    public Provider? Provider { get; init; }

    /// <summary>The authorization server that it runs itself; null when its systems use ours.</summary>
    public ForeignIssuer? Issuer { get; init; }

    /// <summary>Its systems.</summary>
    public ImmutableArray<Client> Clients { get; init; } = [];

    /// <summary>Its territorial offices.</summary>
    public ImmutableArray<Office> Offices { get; init; } = [];

    /// <summary>Public keys that sign agreements, as JWK text by key id.</summary>
    public ImmutableDictionary<string, string> SigningKeys { get; init; } = ImmutableDictionary<string, string>.Empty;

    /// <summary>When single signing keys may sign, by key id; a key without an entry may while it is registered.</summary>
    public ImmutableDictionary<string, SigningTerm> SigningTerms { get; init; } = ImmutableDictionary<string, SigningTerm>.Empty;

    /// <summary>May a signing key sign on this day? What it signed before its last day stays signed.</summary>
    public bool IsInTerm(string keyId, DateOnly day) =>
        SigningTerms.GetValueOrDefault(keyId) is not { } term || (day >= term.From && day <= term.Until);
}

/// <summary>When a signing key may sign: expired, or withdrawn by a last day that lies back.</summary>
/// <param name="From">First civil day.</param>
/// <param name="Until">Last civil day.</param>
public sealed record SigningTerm(DateOnly From, DateOnly Until);

/// <summary>Whom to write to: an office of the institution, never a person.</summary>
/// <param name="Names">What the office is called, in three languages.</param>
/// <param name="Email">Its address.</param>
public sealed record Contact(LocalizedText Names, string Email);

/// <summary>A territorial office.</summary>
/// <param name="Code">Office code, for example <c>TER-06181-01</c>.</param>
/// <param name="Names">Names in three languages.</param>
/// <param name="Province">Province, for example <c>06.181.</c>.</param>
public sealed record Office(string Code, LocalizedText Names, string Province);

/// <summary>A provider's technical terms (exchanges page, section 16.4).</summary>
public sealed class Provider
{
    /// <summary>Base address, https, without trailing slash.</summary>
    public required Uri BaseAddress { get; init; }

    /// <summary>Name of the CA set that its server certificate must chain to.</summary>
    public required string Trust { get; init; }

    /// <summary>
    /// Scheme of the person's identifier that it takes: sector-token, idcs, household-id, massar-code. A grant whose consumer sends what it
    /// cannot be made of does not load (<see cref="Identifiers.IdentifierScheme"/>).
    /// </summary>
    public required string IdentifierScheme { get; init; }

    /// <summary>chunk, single or none.</summary>
    public string Bulk { get; init; } = "none";

    /// <summary>Lines in one chunk.</summary>
    public int ChunkSize { get; init; } = 500;

    /// <summary>Pace of batches, lines per second; 0 means unbounded.</summary>
    public int RatePerSecond { get; init; }

    /// <summary>When batches may run, local time; empty means always. Single calls always may.</summary>
    public ImmutableArray<DailyWindow> Windows { get; init; } = [];

    /// <summary>Name of a code adapter; null for providers that speak the contract.</summary>
    public string? Adapter { get; init; }

    /// <summary>Calls in flight at most.</summary>
    public int MaxInFlight { get; init; } = 64;

    /// <summary>Declared maintenance windows.</summary>
    public ImmutableArray<MaintenanceWindow> Maintenance { get; init; } = [];

    /// <summary>A 404 of the provider means that it does not know the person.</summary>
    public bool NotFoundIs404 { get; init; }

    /// <summary>An undeclared member makes the answer invalid instead of being dropped and counted.</summary>
    public bool RefuseUndeclared { get; init; }

    /// <summary>The provider takes <c>Exchange-Salt</c> and reconciles.</summary>
    public bool Receipts { get; init; }

    /// <summary>Sources it answers for, by code, with their seasons.</summary>
    public ImmutableArray<ProviderSource> Sources { get; init; } = [];

    /// <summary>Path overrides by operation id.</summary>
    public ImmutableDictionary<string, string> Paths { get; init; } = ImmutableDictionary<string, string>.Empty;

    /// <summary>FHIR terms; null for providers that speak none.</summary>
    public FhirProvider? Fhir { get; init; }
}

/// <summary>A source of a provider and the dates from which its negatives are reliable.</summary>
/// <param name="Code">Source code, for example <c>MENPS-MASSAR</c>.</param>
/// <param name="Seasons">School year → date from which a negative is reliable (exchanges page, section 1.11).</param>
public sealed record ProviderSource(string Code, ImmutableDictionary<string, DateOnly> Seasons);

/// <summary>A daily window in local time (Africa/Casablanca).</summary>
/// <param name="From">Start, inclusive.</param>
/// <param name="To">End, exclusive; on the next day when it is not after <paramref name="From"/>.</param>
public sealed record DailyWindow(TimeOnly From, TimeOnly To);

/// <summary>A weekly window in local time (Africa/Casablanca) in which the provider is closed.</summary>
/// <param name="Days">Days of the week.</param>
/// <param name="From">Start, inclusive.</param>
/// <param name="To">End, exclusive; on the next day when it is not after <paramref name="From"/>.</param>
public sealed record MaintenanceWindow(ImmutableArray<DayOfWeek> Days, TimeOnly From, TimeOnly To);

/// <summary>How a provider speaks FHIR (health page, section 6).</summary>
/// <param name="Base">FHIR base address.</param>
/// <param name="PersonSystem">Identifier system under which it knows the person.</param>
/// <param name="Search">identifier; a provider that needs another search is refused at load.</param>
/// <param name="SendElements">Send <c>_elements</c> as a courtesy.</param>
public sealed record FhirProvider(Uri Base, string PersonSystem, string Search, bool SendElements)
{
    /// <summary>Who pays, written by the gateway into Coverage; null for providers without it.</summary>
    public FhirIdentifier? Payor { get; init; }

    /// <summary>Resource types that the provider answers for.</summary>
    public ImmutableArray<string> Types { get; init; } = [];
}

/// <summary>A FHIR identifier.</summary>
/// <param name="System">Its system.</param>
/// <param name="Value">Its value.</param>
public sealed record FhirIdentifier(string System, string Value);

/// <summary>How a client proves who it is at the token endpoint.</summary>
public enum ClientAuthentication
{
    /// <summary>RFC 7523 assertion.</summary>
    PrivateKeyJwt,

    /// <summary>RFC 8705 section 2.1, chain to a named CA.</summary>
    TlsClientAuth,

    /// <summary>RFC 8705 section 2.2, registered certificate.</summary>
    SelfSignedTlsClientAuth,
}

/// <summary>One system of one institution: an OAuth client (authority page, section 3).</summary>
public sealed class Client
{
    /// <summary>The <c>client_id</c>.</summary>
    public required string Id { get; init; }

    /// <summary>Institution that runs it.</summary>
    public required string Institution { get; init; }

    /// <summary>Names in three languages.</summary>
    public required LocalizedText Names { get; init; }

    /// <summary>Not suspended in its file.</summary>
    public bool Active { get; init; } = true;

    /// <summary>Authentication method.</summary>
    public required ClientAuthentication Authentication { get; init; }

    /// <summary>Tokens are bound by DPoP instead of the certificate.</summary>
    public bool DPoP { get; init; }

    /// <summary>Public JWK Set as text; null for certificate authentication.</summary>
    public string? Jwks { get; init; }

    /// <summary>Declared validity of single keys; a key without one is valid while it is registered.</summary>
    public ImmutableArray<KeyValidity> KeyValidities { get; init; } = [];

    /// <summary>Rules that its certificate must match, any of them.</summary>
    public ImmutableArray<CertificateRule> Certificates { get; init; } = [];

    /// <summary>Ceiling on operations; empty means none.</summary>
    public ImmutableArray<string> Operations { get; init; } = [];

    /// <summary>Office of a territorial client.</summary>
    public string? Office { get; init; }

    /// <summary>Codes of the care institutions for which this client may speak.</summary>
    public ImmutableArray<string> Institutions { get; init; } = [];

    /// <summary>Where notices go; null for none.</summary>
    public Uri? Webhook { get; init; }

    /// <summary>Networks from which it may call, in CIDR form; empty means any.</summary>
    public ImmutableArray<string> SourceNetworks { get; init; } = [];

    /// <summary>Connections at once.</summary>
    public int Connections { get; init; } = 32;

    /// <summary>Tokens a minute.</summary>
    public int TokensPerMinute { get; init; } = 120;

    /// <summary>Requests a second at the gateway.</summary>
    public int RequestsPerSecond { get; init; } = 1000;
}

/// <summary>When a key of a client may be used (authority page, section 3).</summary>
/// <param name="KeyId">RFC 7638 thumbprint.</param>
/// <param name="From">First civil day.</param>
/// <param name="Until">Last civil day; at most 13 months after <paramref name="From"/>.</param>
public sealed record KeyValidity(string KeyId, DateOnly From, DateOnly Until);

/// <summary>
/// A rule for a client certificate: exactly one of <see cref="SpkiSha256"/>, <see cref="X5tS256"/>, or
/// <see cref="Authority"/> with one name (authority page, section 3).
/// </summary>
public sealed record CertificateRule
{
    /// <summary>Lower-case hex SHA-256 of the SubjectPublicKeyInfo.</summary>
    public string? SpkiSha256 { get; init; }

    /// <summary>base64url SHA-256 of the certificate.</summary>
    public string? X5tS256 { get; init; }

    /// <summary>Name of the CA set.</summary>
    public string? Authority { get; init; }

    /// <summary>URI among the subject's alternative names.</summary>
    public string? SanUri { get; init; }

    /// <summary>DNS name among the subject's alternative names.</summary>
    public string? SanDns { get; init; }

    /// <summary>IP address among the subject's alternative names.</summary>
    public string? SanIp { get; init; }

    /// <summary>E-mail address among the subject's alternative names.</summary>
    public string? SanEmail { get; init; }

    /// <summary>RFC 4514 subject.</summary>
    public string? SubjectDn { get; init; }
}
