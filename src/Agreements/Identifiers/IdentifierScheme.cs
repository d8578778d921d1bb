namespace Agreements.Identifiers;

/// <summary>Which identifier of a person can be made from which (exchanges page, section 1.5).</summary>
public static class IdentifierScheme
{
    /// <summary>
    /// Can the gateway make what a provider takes from what a consumer sends? A token is computed from an IDCS where the sector has tokens
    /// that travel; nothing else is made of anything else, until linking runs fill a map of tokens. A provider whose identifier cannot be
    /// made can not be asked, so it can not be said that it does not know the person.
    /// </summary>
    /// <param name="sent">Scheme that the consumer sends.</param>
    /// <param name="taken">Scheme that the provider takes.</param>
    /// <param name="sector">Sector of the operation.</param>
    public static bool CanBecome(string sent, string taken, string sector) =>
        sent == taken
            ? sent is "sector-token" or "idcs" or "household-id"
            : sent == "idcs" && taken == "sector-token" && sector != "registries" && Sector.Prefix(sector) is not null;
}
