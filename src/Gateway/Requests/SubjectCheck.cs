using System.Collections.Immutable;
using Agreements.Identifiers;

namespace Gateway.Requests;

/// <summary>
/// Checks form and check digit of the person's identifier (exchanges page, section 1.3). Whether the number was ever issued is
/// not known here and not asked.
/// </summary>
internal static class SubjectCheck
{
    /// <summary>What is wrong: an error code; null when nothing is.</summary>
    public static string? Scheme(string scheme, ImmutableArray<string> admitted) =>
        admitted.Contains(scheme, StringComparer.Ordinal) ? null : "identifier-scheme-not-allowed";

    /// <summary>What is wrong with a value under an admitted scheme: an error code; null when nothing is.</summary>
    public static string? Value(string scheme, string value, string sector) =>
        scheme switch
        {
            "sector-token" when !SectorToken.IsWellFormed(value) => "invalid-identifier",
            "sector-token" when !SectorToken.IsOf(value, sector) => "wrong-sector-token",
            "sector-token" => null,
            "idcs" => Idcs.IsValid(value) ? null : "invalid-identifier",
            "household-id" => HouseholdId.IsValid(value) ? null : "invalid-identifier",
            _ => "identifier-scheme-not-allowed",
        };
}
