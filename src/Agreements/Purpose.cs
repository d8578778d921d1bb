using System.Collections.Immutable;

namespace Agreements;

/// <summary>Does a purpose need a prior authorisation of the CNDP (exchanges page, section 2)?</summary>
public enum AuthorizationNeed
{
    /// <summary>No: no personal data, or the person asks.</summary>
    None,

    /// <summary>A filing at the CNDP is enough; no number is demanded.</summary>
    ByFiling,

    /// <summary>A number that covers the purpose and has not run out.</summary>
    Required,
}

/// <summary>A purpose of <c>contracts/reference/purposes.yaml</c>.</summary>
/// <param name="Code">Code, for example <c>ASD_SCHOOLING</c>.</param>
/// <param name="Names">Names in three languages.</param>
/// <param name="LegalBasis">Legal bases that may be cited.</param>
/// <param name="Authorization">Need of a prior authorisation.</param>
/// <param name="Consent">Whether consent must be recorded: Required, Optional (by agreement) or None.</param>
/// <param name="Human">People ask, one by one: agent and quota per agent are demanded.</param>
public sealed record Purpose(
    string Code,
    LocalizedText Names,
    ImmutableArray<string> LegalBasis,
    AuthorizationNeed Authorization,
    Demand Consent,
    bool Human
);
