using System.Collections.Frozen;
using System.Collections.Immutable;

namespace Tokens.Jose;

/// <summary>
/// What kind of JWS is expected at a place. There is one profile per kind, so that no kind passes for another (RFC 8725 section 3.11).
/// </summary>
public sealed class JoseProfile
{
    /// <summary>Types, without <c>application/</c>; compared ASCII case-insensitively, with and without that prefix.</summary>
    public required FrozenSet<string> Types { get; init; }

    /// <summary>An absent type is taken too.</summary>
    public bool TypeOptional { get; init; }

    /// <summary>A key id must stand.</summary>
    public bool KeyIdRequired { get; init; }

    /// <summary>Algorithms.</summary>
    public ImmutableArray<string> Algorithms { get; init; } = AllowedAlgorithms.All;

    /// <summary>Longest header, characters of base64url.</summary>
    public int MaxHeaderLength { get; init; } = JoseGuard.MaxLength;

    /// <summary>Client assertions (draft-ietf-oauth-rfc7523bis section 3.2; untyped ones are taken).</summary>
    public static JoseProfile ClientAssertion { get; } =
        new() { Types = FrozenSet.Create(StringComparer.OrdinalIgnoreCase, "client-authentication+jwt", "JWT"), TypeOptional = true };

    /// <summary>Access tokens (RFC 9068 section 2.1).</summary>
    public static JoseProfile AccessToken { get; } =
        new() { Types = FrozenSet.Create(StringComparer.OrdinalIgnoreCase, "at+jwt"), KeyIdRequired = true };

    /// <summary>
    /// DPoP proofs (RFC 9449 section 4.2). The header holds a key that a stranger chose; the longest that is taken needs 1,200 characters.
    /// </summary>
    public static JoseProfile DpopProof { get; } =
        new() { Types = FrozenSet.Create(StringComparer.OrdinalIgnoreCase, "dpop+jwt"), MaxHeaderLength = 2048 };
}
