namespace Tokens.Possession;

/// <summary>Why a DPoP proof was refused (RFC 9449 section 4.3).</summary>
public enum DpopDefect
{
    /// <summary>Nothing wrong.</summary>
    None,

    /// <summary>No proof was sent.</summary>
    Missing,

    /// <summary>More than one header line or value.</summary>
    Repeated,

    /// <summary>The guard refused it: form, type, algorithm, claims of a wrong JSON type.</summary>
    Malformed,

    /// <summary><c>jwk</c> is missing, private, off the curve, too small, too long, or of another kind than the algorithm.</summary>
    Key,

    /// <summary>The key in the header did not make the signature.</summary>
    Signature,

    /// <summary><c>jti</c>, <c>htm</c>, <c>htu</c> or <c>iat</c> is missing.</summary>
    Claims,

    /// <summary>Made for another method or address.</summary>
    Target,

    /// <summary>A nonce is wanted: none, an invented or a stale one was sent (RFC 9449 sections 8 and 9).</summary>
    NonceWanted,

    /// <summary>Outside its time.</summary>
    Time,

    /// <summary>Not made for this access token (<c>ath</c>).</summary>
    OtherToken,

    /// <summary>Made with another key than the token is bound to.</summary>
    OtherKey,

    /// <summary>Its <c>jti</c> was used before with this key.</summary>
    Replayed,
}

/// <summary>A verified proof, or why there is none.</summary>
/// <param name="Defect">The defect.</param>
/// <param name="Jkt">RFC 7638 thumbprint of the proof key; null with a defect.</param>
/// <param name="NextNonce">The nonce to send with the answer, whatever it is; null where no nonces are used.</param>
public readonly record struct DpopResult(DpopDefect Defect, string? Jkt, string? NextNonce);
