using System.Collections.Frozen;
using System.Collections.Immutable;
using Tokens.Jose;

namespace Tokens.Access;

/// <summary>An authorization server whose tokens count here (authority page, section 13.1).</summary>
public sealed class TrustedIssuer
{
    /// <summary>Issuer identifier, compared ordinally with <c>iss</c>.</summary>
    public required string Issuer { get; init; }

    /// <summary>Its keys.</summary>
    public required IssuerKeys Keys { get; init; }

    /// <summary>Our own authority: <c>sub</c>, <c>org</c>, <c>scope</c> and details must stand, and clients need no mapping.</summary>
    public bool IsOwn { get; init; }

    /// <summary>Algorithms it may use.</summary>
    public ImmutableArray<string> Algorithms { get; init; } = AllowedAlgorithms.All;

    /// <summary>Claim that names the client: <c>client_id</c> or <c>azp</c>.</summary>
    public string ClientClaim { get; init; } = "client_id";

    /// <summary>Foreign client id → our client id. An issuer speaks for nobody else.</summary>
    public FrozenDictionary<string, string> Clients { get; init; } = FrozenDictionary<string, string>.Empty;

    /// <summary>Longest life of a token, <c>exp − iat</c>.</summary>
    public TimeSpan MaxLifetime { get; init; } = TimeSpan.FromSeconds(600);

    internal string? ClientFor(string named) => IsOwn ? named : Clients.GetValueOrDefault(named);
}

/// <summary>The closed list of issuers. Nothing is ever fetched on a token's say-so: an issuer that is not here does not exist.</summary>
/// <param name="issuers">The issuers, each once.</param>
public sealed class TrustedIssuers(IEnumerable<TrustedIssuer> issuers)
{
    private readonly FrozenDictionary<string, TrustedIssuer> _byName = issuers.ToFrozenDictionary(
        static issuer => issuer.Issuer,
        StringComparer.Ordinal
    );

    /// <summary>The issuer of that name, ordinally; null when it is not trusted.</summary>
    public TrustedIssuer? Find(string? name) => name is not null && _byName.TryGetValue(name, out var issuer) ? issuer : null;
}
