namespace Tokens.Jose;

/// <summary>Why the guard refused a JWS, before any key was looked at. For logs and counts: strangers are told less.</summary>
public enum JoseDefect
{
    /// <summary>Nothing wrong.</summary>
    None,

    /// <summary>Longer than 8 KiB, or its header than its profile allows.</summary>
    TooLong,

    /// <summary>Not three segments of strict base64url.</summary>
    NotCompact,

    /// <summary>Header is not one small, flat enough JSON object with unique members and valid UTF-8.</summary>
    HeaderNotJson,

    /// <summary>Payload is not one small, flat enough JSON object with unique members and valid UTF-8.</summary>
    PayloadNotJson,

    /// <summary>Header holds <c>crit</c>, <c>b64</c>, <c>zip</c> or <c>enc</c>.</summary>
    ForbiddenHeader,

    /// <summary>Algorithm is not one that is taken here.</summary>
    Algorithm,

    /// <summary>Type is not one that is taken here.</summary>
    Type,

    /// <summary>Key id is missing where it must stand, is no string, or is longer than 128.</summary>
    KeyId,

    /// <summary>A claim that has a fixed JSON type has another.</summary>
    ClaimType,
}
