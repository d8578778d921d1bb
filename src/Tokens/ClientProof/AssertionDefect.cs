namespace Tokens.ClientProof;

/// <summary>Why a client assertion was refused. Until the signature has verified, callers hear the same for all of them.</summary>
public enum AssertionDefect
{
    /// <summary>Nothing wrong.</summary>
    None,

    /// <summary>The guard refused it: see <see cref="Jose.JoseDefect"/>.</summary>
    Malformed,

    /// <summary><c>iss</c> or <c>sub</c> is missing, or they differ (RFC 7523 section 3).</summary>
    IssuerIsNotSubject,

    /// <summary>The <c>client_id</c> parameter names another client (RFC 7521 section 4.2).</summary>
    OtherClient,

    /// <summary><c>aud</c> is not the issuer as one string (FAPI 2.0 section 5.3.2.1-8).</summary>
    Audience,

    /// <summary><c>exp</c> is missing.</summary>
    NoExpiry,

    /// <summary>Past its end.</summary>
    Expired,

    /// <summary>Lives longer than ten minutes.</summary>
    LivesTooLong,

    /// <summary><c>iat</c> or <c>nbf</c> lies more than 60 s ahead.</summary>
    Ahead,

    /// <summary><c>jti</c> is missing or longer than 256 characters.</summary>
    NoId,

    /// <summary>No registered key made the signature.</summary>
    Signature,
}
