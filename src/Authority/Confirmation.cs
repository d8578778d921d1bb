namespace Authority;

/// <summary>The key to which a token is bound (RFC 7800): a certificate, or a DPoP key. Every token has one (OA-47).</summary>
public sealed record Confirmation
{
    /// <summary>base64url SHA-256 of the client certificate (RFC 8705 section 3.1); null for DPoP.</summary>
    public string? X5tS256 { get; init; }

    /// <summary>RFC 7638 thumbprint of the proof key (RFC 9449 section 6.1); null for a certificate.</summary>
    public string? Jkt { get; init; }

    /// <summary>When the bound certificate ends; null for DPoP.</summary>
    public DateTimeOffset? Until { get; init; }

    /// <summary><c>token_type</c> of the answer.</summary>
    public string TokenType => Jkt is null ? "Bearer" : "DPoP";
}
