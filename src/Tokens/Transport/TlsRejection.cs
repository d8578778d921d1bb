namespace Tokens.Transport;

/// <summary>
/// Why a TLS connection was refused. The client sees a bare alert, so the reason lives in the count and at <c>/diagnose</c>.
/// </summary>
public enum TlsRejection
{
    /// <summary>A client certificate is required and none came.</summary>
    NoCertificate,

    /// <summary>
    /// No chain to a configured authority; also a signature that does not verify, and an authority that only has the right name.
    /// </summary>
    UntrustedChain,

    /// <summary>Some certificate of the chain is past its end.</summary>
    Expired,

    /// <summary>Some certificate of the chain is before its start.</summary>
    NotYetValid,

    /// <summary>The leaf does not carry the clientAuth usage explicitly (none, any and serverAuth alone are refused).</summary>
    WrongUsage,

    /// <summary>Key below EC P-256 or RSA 3072.</summary>
    WeakKey,

    /// <summary>Longer than the listener takes, or beyond a path length that an authority set.</summary>
    ChainTooLong,

    /// <summary>An issuer in the chain is not marked as a certificate authority.</summary>
    NotAnAuthority,

    /// <summary>
    /// The handshake failed before any certificate was judged: another protocol version, no common suite, no proof of the key, timeout.
    /// </summary>
    HandshakeFailed,
}
