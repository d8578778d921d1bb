using System.Collections.Immutable;
using System.Text.Json;
using Agreements;
using Sandbox.Persons;
using Sandbox.Pki;

namespace Sandbox.Deployment;

/// <summary>
/// <c>sandbox.json</c>: everything that a partner's program or a tool needs to drive the sandbox. Written last, so its
/// presence means that all is ready. Later versions add members and change none.
/// </summary>
public sealed record SandboxFile
{
    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web)
    {
        WriteIndented = true,
        // Keys hold a plus sign, and shells read them from here.
        Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    /// <summary>Issuer of access tokens; also the audience of client assertions.</summary>
    public required string Issuer { get; init; }

    /// <summary>Token endpoint behind mutual TLS.</summary>
    public required string TokenEndpoint { get; init; }

    /// <summary>The same without a certificate, for systems whose tokens are bound to a proof key.</summary>
    public string? PublicTokenEndpoint { get; init; }

    /// <summary>Base address of the gateway.</summary>
    public required string Gateway { get; init; }

    /// <summary>The same without a certificate, for systems whose tokens are bound to a proof key.</summary>
    public string? GatewayDpop { get; init; }

    /// <summary>Page that tells what is wrong with a certificate.</summary>
    public string? Diagnose { get; init; }

    /// <summary>Metrics page.</summary>
    public required string Metrics { get; init; }

    /// <summary>Officers' console; null while there is none.</summary>
    public string? Console { get; init; }

    /// <summary>PEM of the CA of the town's servers.</summary>
    public required string Ca { get; init; }

    /// <summary>Current school year.</summary>
    public required string SchoolYear { get; init; }

    /// <summary>Where the log lies and what verifies it.</summary>
    public required LedgerPlace Ledger { get; init; }

    /// <summary>What operators and officers need.</summary>
    public OperatorPlace? Operate { get; init; }

    /// <summary>Systems that may ask, one entry for each agreement and purpose.</summary>
    public required ImmutableArray<ClientEntry> Clients { get; init; }

    /// <summary>Stand-ins; their control pages lie under <c>/control</c>.</summary>
    public required ImmutableArray<ProviderEntry> Providers { get; init; }

    /// <summary>Persons to ask about, by what is known of them.</summary>
    public required ImmutableDictionary<string, PersonEntry> Persons { get; init; }

    /// <summary>Writes the file whole.</summary>
    public void Write(string path) => StateFolder.WritePublic(path, JsonSerializer.Serialize(this, Json) + "\n");

    /// <summary>Entries for every right that can be used today, schooling first.</summary>
    /// <param name="registry">Deployed contracts.</param>
    /// <param name="pki">Certificates.</param>
    /// <param name="keys">Signing keys.</param>
    /// <param name="today">Civil day.</param>
    public static ImmutableArray<ClientEntry> ClientEntries(Registry registry, DevelopmentPki pki, SigningKeys keys, DateOnly today)
    {
        var rights =
            from client in registry.Clients.Values
            from agreement in registry.Agreements.Values
            where AgreementStatus.Of(registry, agreement, today) == AgreementState.InForce
            from grant in agreement.Grants
            where
                grant.Consumer == client.Institution
                && (grant.Clients.IsEmpty || grant.Clients.Contains(client.Id))
                && !AgreementStatus.PriorAuthorizationMissing(registry, agreement, grant.Purpose, today)
            let scopes = grant
                .Operations.Select(o => o.Id)
                .Where(o => client.Operations.IsEmpty || client.Operations.Contains(o))
                .ToImmutableArray()
            where !scopes.IsEmpty && IsOurs(client, keys)
            orderby Rank(grant.Purpose), Rank(client.Id), client.Id, grant.Sources.Length descending, agreement.Id
            select Entry(client, scopes, agreement.Id, grant.Purpose, pki, keys);
        return [.. rights];
    }

    // A system that a partner registered with its own key or certificate is that partner's: the sandbox cannot speak for it.
    private static bool IsOurs(Client client, SigningKeys keys) =>
        client.Authentication switch
        {
            ClientAuthentication.PrivateKeyJwt => keys.Has(client.Id)
                && client.Jwks?.Contains(keys.Public(client.Id).X, StringComparison.Ordinal) == true,
            _ => client.Certificates.Any(rule =>
                rule.Authority == DevelopmentPki.Partners && rule.SanUri == "urn:anss:client:" + client.Id
            ),
        };

    /// <summary>The persons of the exchanges page, section 14, under names that say what they are for.</summary>
    public static ImmutableDictionary<string, PersonEntry> PersonEntries() =>
        new Dictionary<string, string>(StringComparer.Ordinal)
        {
            ["enrolled"] = Fixtures.PlainChild,
            ["notEnrolled"] = Fixtures.NotEnrolled,
            ["droppedOut"] = Fixtures.DroppedOut,
            ["pending"] = Fixtures.LateRoll,
            ["notFound"] = Fixtures.UnknownChild,
            ["ambiguous"] = Fixtures.TwoRecords,
            ["completed"] = Fixtures.Completed,
            ["apprentice"] = Fixtures.Apprentice,
            ["student"] = Fixtures.Student,
            ["partialOutage"] = Fixtures.PartialOutage,
            ["slow"] = Fixtures.Slow,
            ["down"] = Fixtures.Down,
            ["generous"] = Fixtures.Generous,
            ["wrongTypes"] = Fixtures.WrongTypes,
            ["brokenBody"] = Fixtures.BrokenBody,
            ["wrongPerson"] = Fixtures.WrongPerson,
            ["oldData"] = Fixtures.OldData,
            ["noDossier"] = Fixtures.NoDossier,
            ["otherProvince"] = Fixtures.OtherProvince,
            ["infant"] = Fixtures.Infant,
            ["jobSeeker"] = Fixtures.JobSeeker,
            ["wageEarner"] = Fixtures.WageEarner,
            ["pregnantWoman"] = Fixtures.PregnantWoman,
        }.ToImmutableDictionary(p => p.Key, p => new PersonEntry("idcs", p.Value), StringComparer.Ordinal);

    private static int Rank(string name) =>
        name switch
        {
            "ASD_SCHOOLING" or "anss-eligibility" => 0,
            "ASD_BACK_TO_SCHOOL" or "anss-batch" => 1,
            _ => 2,
        };

    private static ClientEntry Entry(
        Client client,
        ImmutableArray<string> scopes,
        string agreement,
        string purpose,
        DevelopmentPki pki,
        SigningKeys keys
    )
    {
        var certificate = pki.Client(client.Id);
        var signs = client.Authentication == ClientAuthentication.PrivateKeyJwt;
        return new ClientEntry
        {
            Id = client.Id,
            Institution = client.Institution,
            Auth = signs ? "private_key_jwt" : "tls_client_auth",
            Dpop = client.DPoP,
            Key = signs ? keys.File(client.Id) : null,
            Kid = signs ? keys.Public(client.Id).Kid : null,
            ProofKey = client.DPoP ? keys.File(client.Id + "-dpop") : null,
            Certificate = certificate.Certificate,
            CertificateKey = certificate.Key,
            Scopes = scopes,
            Agreement = agreement,
            Purpose = purpose,
        };
    }
}

/// <summary>Where the log lies.</summary>
/// <param name="Directory">Folder that holds <c>checkpoint</c> and <c>tile/</c>.</param>
/// <param name="Vkey">C2SP verifier key.</param>
/// <param name="Socket">Where other programs of this machine seal in it, such as <c>gatewayctl</c>; null for nowhere.</param>
public sealed record LedgerPlace(string Directory, string Vkey, string? Socket = null);

/// <summary>One right of one system.</summary>
public sealed record ClientEntry
{
    /// <summary>The <c>client_id</c>.</summary>
    public required string Id { get; init; }

    /// <summary>Institution that runs it.</summary>
    public required string Institution { get; init; }

    /// <summary>private_key_jwt or tls_client_auth.</summary>
    public required string Auth { get; init; }

    /// <summary>Tokens are bound by DPoP.</summary>
    public required bool Dpop { get; init; }

    /// <summary>PEM file of the assertion key; null for tls_client_auth.</summary>
    public string? Key { get; init; }

    /// <summary>Key id of the assertion key.</summary>
    public string? Kid { get; init; }

    /// <summary>PEM file of the key that makes DPoP proofs; null unless <see cref="Dpop"/>.</summary>
    public string? ProofKey { get; init; }

    /// <summary>PEM file of the client certificate; a system with <see cref="Dpop"/> shows none.</summary>
    public required string Certificate { get; init; }

    /// <summary>PEM file of its key.</summary>
    public required string CertificateKey { get; init; }

    /// <summary>Operations that may be asked for.</summary>
    public required ImmutableArray<string> Scopes { get; init; }

    /// <summary>Agreement id.</summary>
    public required string Agreement { get; init; }

    /// <summary>Purpose code.</summary>
    public required string Purpose { get; init; }
}

/// <summary>A stand-in.</summary>
/// <param name="Id">Institution id.</param>
/// <param name="Url">Address; the control page lies under <c>/control</c>.</param>
public sealed record ProviderEntry(string Id, string Url);

/// <summary>A synthetic person.</summary>
/// <param name="Scheme">Identifier scheme.</param>
/// <param name="Value">Identifier.</param>
public sealed record PersonEntry(string Scheme, string Value);
