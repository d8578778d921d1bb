namespace Tokens.Access;

/// <summary>
/// Why a call's token was refused (authority page, section 13). The gateway maps each to one problem code; exact reasons are told only for
/// tokens whose signature has verified.
/// </summary>
public enum TokenDefect
{
    /// <summary>Nothing wrong.</summary>
    None,

    /// <summary>No credentials: <c>token-missing</c>.</summary>
    Missing,

    /// <summary>Two Authorization headers, or a token in the query: <c>request-malformed</c>.</summary>
    Ambiguous,

    /// <summary>Another scheme, or refused by the JOSE guard: <c>token-not-accepted</c>.</summary>
    Malformed,

    /// <summary>Issuer not among the trusted: <c>token-not-accepted</c>.</summary>
    UnknownIssuer,

    /// <summary>Algorithm not among this issuer's: <c>token-not-accepted</c>.</summary>
    Algorithm,

    /// <summary>The issuer's keys cannot be had now, or not the newest: <c>overloaded</c> (503), and the call may be sent again.</summary>
    KeysUnavailable,

    /// <summary>Key id not in the issuer's key set: <c>token-not-accepted</c>.</summary>
    UnknownKey,

    /// <summary>Signature does not verify: <c>token-not-accepted</c>.</summary>
    Signature,

    /// <summary>Past its end: <c>token-expired</c>.</summary>
    Expired,

    /// <summary>Not yet valid, or lives longer than its issuer may let it: <c>token-not-accepted</c>.</summary>
    Lifetime,

    /// <summary>Not for this gateway, or not for it alone: <c>token-not-accepted</c>.</summary>
    Audience,

    /// <summary>A claim that must stand is missing or contradicts another: <c>token-not-accepted</c>.</summary>
    Claims,

    /// <summary>The issuer may not speak for this client: <c>token-not-accepted</c>.</summary>
    UnknownClient,

    /// <summary>
    /// Revoked, or signed by a compromised key or a suspended issuer: <c>token-not-accepted</c>. Found by the host, on every call.
    /// </summary>
    Stopped,

    /// <summary>Bound to no key at all: <c>token-not-accepted</c>.</summary>
    Unbound,

    /// <summary><c>authorization_details</c> is not exactly one usable <c>data_exchange</c>: <c>token-not-accepted</c>.</summary>
    Details,

    /// <summary>Bound to a certificate, and the connection shows none or another: <c>proof-not-accepted</c>.</summary>
    OtherCertificate,

    /// <summary>Bound to a DPoP key and sent as a bearer token, or the reverse: <c>proof-not-accepted</c>.</summary>
    Scheme,

    /// <summary>
    /// Bound to a DPoP key, and the proof is missing or wrong: <c>proof-not-accepted</c>, <c>DPoP error="invalid_dpop_proof"</c>.
    /// </summary>
    Proof,

    /// <summary>A nonce is wanted: <c>proof-not-accepted</c>, <c>DPoP error="use_dpop_nonce"</c> with <c>DPoP-Nonce</c>.</summary>
    NonceWanted,
}
