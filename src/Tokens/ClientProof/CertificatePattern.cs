namespace Tokens.ClientProof;

/// <summary>What a registered certificate rule compares (authority page, section 3).</summary>
public enum CertificatePatternKind
{
    /// <summary>The key, whichever certificate carries it: lower-case hex SHA-256 of the SubjectPublicKeyInfo.</summary>
    SpkiSha256,

    /// <summary>This very certificate: base64url SHA-256 of its DER form.</summary>
    X5tS256,

    /// <summary>A URI among the alternative names.</summary>
    SanUri,

    /// <summary>A DNS name among the alternative names.</summary>
    SanDns,

    /// <summary>An IP address among the alternative names.</summary>
    SanIp,

    /// <summary>An e-mail address among the alternative names.</summary>
    SanEmail,

    /// <summary>The whole subject, as an RFC 4514 value.</summary>
    SubjectDn,
}

/// <summary>One rule of a client's registration.</summary>
/// <param name="Kind">What is compared.</param>
/// <param name="Value">With what.</param>
/// <param name="Authority">Authority set that the chain must contain; null for the two hashes, which need no name.</param>
public sealed record CertificatePattern(CertificatePatternKind Kind, string Value, string? Authority);
