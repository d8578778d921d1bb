namespace Agreements.Identifiers;

/// <summary>Sectors and the prefixes of their tokens (exchanges page, section 1.4).</summary>
public static class Sector
{
    /// <summary>Prefix of a sector's tokens; null for a word that is no sector.</summary>
    public static string? Prefix(string? sector) =>
        sector switch
        {
            "education" => "edu",
            "employment" => "emp",
            "health" => "hea",
            "care" => "car",
            "territory" => "ter",
            "registries" => "reg",
            _ => null,
        };
}
