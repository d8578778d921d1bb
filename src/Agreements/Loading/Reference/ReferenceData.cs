using System.Collections.Frozen;

namespace Agreements.Loading.Reference;

/// <summary>Code lists that agreements refer to.</summary>
internal sealed record ReferenceData(FrozenDictionary<string, Purpose> Purposes, FrozenSet<string> LegalBases)
{
    public static ReferenceData Empty { get; } = new(FrozenDictionary<string, Purpose>.Empty, FrozenSet<string>.Empty);

    /// <summary>Qualities under which dossiers are declared, with the institution classes or ids that may declare them.</summary>
    public FrozenSet<string> Qualities { get; init; } = FrozenSet<string>.Empty;

    /// <summary>Regions and provinces, for example <c>06.</c> and <c>06.181.</c>.</summary>
    public FrozenSet<string> Areas { get; init; } = FrozenSet<string>.Empty;
}
