using System.Collections.Immutable;

namespace Tokens.Jose;

/// <summary>
/// The only signature algorithms that are ever accepted or used (FAPI 2.0 section 5.4.1; EdDSA is absent because IdentityModel cannot
/// verify it).
/// </summary>
public static class AllowedAlgorithms
{
    /// <summary>ECDSA over P-256 with SHA-256.</summary>
    public const string ES256 = "ES256";

    /// <summary>RSASSA-PSS with SHA-256.</summary>
    public const string PS256 = "PS256";

    /// <summary>Both.</summary>
    public static ImmutableArray<string> All { get; } = [ES256, PS256];

    /// <summary>The constant equal to <paramref name="name"/>, ordinal; null for any other algorithm.</summary>
    public static string? Find(string? name) =>
        name switch
        {
            ES256 => ES256,
            PS256 => PS256,
            _ => null,
        };
}
