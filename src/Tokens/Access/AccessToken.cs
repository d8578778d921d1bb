using System.Collections.Immutable;

namespace Tokens.Access;

/// <summary>
/// A validated access token: authentic, for this gateway, within its life. What it allows is the decision point's business, and whether
/// its client, agreement or key has been stopped since is asked on every call. Immutable; shared between calls through the cache.
/// </summary>
public sealed class AccessToken
{
    /// <summary><c>iss</c>.</summary>
    public required string Issuer { get; init; }

    /// <summary>Our client id: the token's own, or the one to which the foreign issuer's client is mapped.</summary>
    public required string ClientId { get; init; }

    /// <summary><c>org</c>: institution id; null from foreign issuers, which the registration maps.</summary>
    public string? Org { get; init; }

    /// <summary><c>jti</c>.</summary>
    public required string Jti { get; init; }

    /// <summary><c>kid</c> of the signature.</summary>
    public required string Kid { get; init; }

    /// <summary><c>iat</c>.</summary>
    public required DateTimeOffset IssuedAt { get; init; }

    /// <summary><c>exp</c>.</summary>
    public required DateTimeOffset Expires { get; init; }

    /// <summary><c>scope</c>, split.</summary>
    public required ImmutableArray<string> Scopes { get; init; }

    /// <summary>
    /// What the token is about; null for a foreign token without <c>authorization_details</c>, which the gateway resolves itself.
    /// </summary>
    public ExchangeDetails? Details { get; init; }

    /// <summary><c>cnf.x5t#S256</c>; null when bound by DPoP alone.</summary>
    public string? X5tS256 { get; init; }

    /// <summary><c>cnf.jkt</c>; null when bound by certificate alone.</summary>
    public string? Jkt { get; init; }

    /// <summary>The 32 bytes of <see cref="X5tS256"/>; empty without.</summary>
    internal byte[] CertificateHash { get; init; } = [];
}

/// <summary>The one <c>data_exchange</c> object of a token (authority page, section 5.1).</summary>
/// <param name="Agreement"><c>id@version</c>, as sealed.</param>
/// <param name="AgreementId">Agreement id.</param>
/// <param name="AgreementVersion">Version that was in force when the token was issued.</param>
/// <param name="Purpose">Purpose code.</param>
/// <param name="Operations">Operation ids, never empty.</param>
public sealed record ExchangeDetails(
    string Agreement,
    string AgreementId,
    int AgreementVersion,
    string Purpose,
    ImmutableArray<string> Operations
);

/// <summary>A token, or why there is none.</summary>
/// <param name="Token">The token; null exactly when <paramref name="Defect"/> is not <see cref="TokenDefect.None"/>.</param>
/// <param name="Defect">The defect.</param>
/// <param name="Authentic">The signature had verified when the defect was found, so the caller may be told precisely.</param>
public readonly record struct TokenResult(AccessToken? Token, TokenDefect Defect, bool Authentic = false)
{
    /// <summary>The nonce to send as <c>DPoP-Nonce</c> with the answer, whatever it is; null when the token is not bound by DPoP.</summary>
    public string? DpopNonce { get; init; }

    /// <summary>The token was accepted.</summary>
    [System.Diagnostics.CodeAnalysis.MemberNotNullWhen(true, nameof(Token))]
    public bool IsAccepted => Token is not null;
}
