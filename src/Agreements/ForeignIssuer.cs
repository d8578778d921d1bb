using System.Collections.Immutable;

namespace Agreements;

/// <summary>
/// An authorization server of the institution's own, whose tokens count at the gateway for the systems that are mapped here and for no
/// others (authority page, section 13.1).
/// </summary>
public sealed class ForeignIssuer
{
    /// <summary>Issuer identifier, exactly as its tokens write it in <c>iss</c>; https.</summary>
    public required string Url { get; init; }

    /// <summary>Resource identifiers for which its tokens are taken; one that does not list this gateway is not trusted by it.</summary>
    public required ImmutableArray<string> Audiences { get; init; }

    /// <summary>Signature algorithms that it may use.</summary>
    public required ImmutableArray<string> Algorithms { get; init; }

    /// <summary>Claim that names the client: <c>client_id</c> or <c>azp</c>.</summary>
    public required string ClientClaim { get; init; }

    /// <summary>The issuer's client id → one of the institution's own systems.</summary>
    public required ImmutableSortedDictionary<string, string> Clients { get; init; }

    /// <summary>Longest life of a token, from <c>iat</c> to <c>exp</c>.</summary>
    public required TimeSpan MaxLifetime { get; init; }

    /// <summary>Name of the CA set that its server certificate must chain to.</summary>
    public required string Trust { get; init; }

    /// <summary>Says the same of the issuer, its clients left aside: what two institutions that share one must agree on.</summary>
    public bool HasTermsOf(ForeignIssuer other) =>
        Url == other.Url
        && ClientClaim == other.ClientClaim
        && MaxLifetime == other.MaxLifetime
        && Trust == other.Trust
        && Audiences.AsSpan().SequenceEqual(other.Audiences.AsSpan())
        && Algorithms.AsSpan().SequenceEqual(other.Algorithms.AsSpan());

    /// <summary>Says the same in everything.</summary>
    public bool IsSame(ForeignIssuer other) => HasTermsOf(other) && Clients.SequenceEqual(other.Clients);
}
