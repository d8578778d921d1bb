using System.Collections.Immutable;
using Agreements;
using Tokens.Jose;

namespace Admin.Registration;

/// <summary>A registration as scripts get it, with what it may do today and what ends soon.</summary>
/// <param name="Id">The <c>client_id</c>.</param>
/// <param name="Institution">Institution id.</param>
/// <param name="Status">active or suspended, as the file says.</param>
/// <param name="Auth">Method of authentication.</param>
/// <param name="Binding">What tokens are bound to.</param>
/// <param name="Keys">Its keys.</param>
/// <param name="Certificates">Its certificate rules.</param>
/// <param name="Rights">What it may ask for today.</param>
/// <param name="Warnings">What ends within 60, 30 or 7 days, or has ended.</param>
internal sealed record ClientSheet(
    string Id,
    string Institution,
    string Status,
    string Auth,
    string Binding,
    ImmutableArray<string> Keys,
    ImmutableArray<string> Certificates,
    ImmutableArray<string> Rights,
    ImmutableArray<Ending> Warnings
)
{
    private static readonly int[] WarnAt = [7, 30, 60];

    internal static ClientSheet Of(Registry registry, Client client, DateOnly today)
    {
        var keys = client.Jwks is null ? [] : KeySet.Parse(client.Jwks).Keys;
        return new(
            client.Id,
            client.Institution,
            client.Active ? "active" : "suspended",
            client.Authentication switch
            {
                ClientAuthentication.TlsClientAuth => "tls_client_auth",
                ClientAuthentication.SelfSignedTlsClientAuth => "self_signed_tls_client_auth",
                _ => "private_key_jwt",
            },
            client.DPoP ? "dpop" : "mtls",
            [.. keys.Select(key => $"{key.Kid} {key.Alg}{Validity(client, key.Kid)}")],
            [.. client.Certificates.Select(Rule)],
            [
                .. RightsOf(registry, client, today)
                    .Select(static right => $"{right.Agreement.Reference} {right.Purpose}: {string.Join(' ', right.Operations)}"),
            ],
            [
                .. EndingKeys(client, today).Select(key => Soon("key", key.KeyId, key.Until, today)!),
                .. EndingAgreements(registry, client, today).Select(one => Soon("agreement", one.Reference, one.Until, today)!),
            ]
        );
    }

    private static string Validity(Client client, string kid) =>
        client.KeyValidities.FirstOrDefault(validity => validity.KeyId == kid) is { } validity
            ? $" {validity.From:yyyy-MM-dd}..{validity.Until:yyyy-MM-dd}"
            : "";

    private static string Rule(CertificateRule rule) =>
        rule switch
        {
            { SpkiSha256: { } hash } => $"spkiSha256 {hash}",
            { X5tS256: { } hash } => $"x5tS256 {hash}",
            _ => $"{rule.Authority}: {rule.SanUri ?? rule.SanDns ?? rule.SanIp ?? rule.SanEmail ?? rule.SubjectDn}",
        };

    /// <summary>What the client may ask for today.</summary>
    internal static IEnumerable<(Agreement Agreement, string Purpose, string[] Operations)> RightsOf(
        Registry registry,
        Client client,
        DateOnly today
    ) =>
        from agreement in registry.Agreements.Values
        where AgreementStatus.Of(registry, agreement, today) == AgreementState.InForce
        from grant in agreement.Grants
        where grant.Consumer == client.Institution && (grant.Clients.IsEmpty || grant.Clients.Contains(client.Id))
        let operations = grant
            .Operations.Select(static operation => operation.Id)
            .Where(id => client.Operations.IsEmpty || client.Operations.Contains(id))
            .ToArray()
        where operations.Length > 0
        orderby agreement.Reference, grant.Purpose
        select (agreement, grant.Purpose, operations);

    /// <summary>Keys that end within the first term of warning, or have ended.</summary>
    internal static IEnumerable<KeyValidity> EndingKeys(Client client, DateOnly today) =>
        client.KeyValidities.Where(validity => Soon("key", validity.KeyId, validity.Until, today) is not null);

    /// <summary>Agreements under which the client asks, and that end so.</summary>
    internal static IEnumerable<Agreement> EndingAgreements(Registry registry, Client client, DateOnly today) =>
        registry
            .Agreements.Values.OrderBy(static agreement => agreement.Id, StringComparer.Ordinal)
            .Where(agreement =>
                agreement.Grants.Any(grant =>
                    grant.Consumer == client.Institution && (grant.Clients.IsEmpty || grant.Clients.Contains(client.Id))
                ) && Soon("agreement", agreement.Reference, agreement.Until, today) is not null
            );

    private static Ending? Soon(string kind, string id, DateOnly until, DateOnly today)
    {
        var days = until.DayNumber - today.DayNumber;
        var line = Array.FindIndex(WarnAt, at => days <= at);
        return line < 0 ? null : new(kind, id, until, days, days < 0 ? null : WarnAt[line]);
    }
}

/// <summary>What ends soon, for scripts.</summary>
/// <param name="Kind">key or agreement.</param>
/// <param name="Id">Which.</param>
/// <param name="Until">Its last day.</param>
/// <param name="Days">Days until then; negative when it has ended.</param>
/// <param name="Within">The term of warning that it is in: 7, 30 or 60 days; null when it has ended.</param>
internal sealed record Ending(string Kind, string Id, DateOnly Until, int Days, int? Within);
