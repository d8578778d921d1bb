using System.Collections.Frozen;

namespace Agreements.Loading.Reference;

/// <summary>Code lists that agreements refer to.</summary>
internal sealed record ReferenceData(FrozenDictionary<string, Purpose> Purposes, FrozenDictionary<string, LocalizedText> LegalBases)
{
    public static ReferenceData Empty { get; } =
        new(FrozenDictionary<string, Purpose>.Empty, FrozenDictionary<string, LocalizedText>.Empty);

    /// <summary>Qualities under which dossiers are declared, with the institution classes or ids that may declare them.</summary>
    public FrozenDictionary<string, LocalizedText> Qualities { get; init; } = FrozenDictionary<string, LocalizedText>.Empty;

    /// <summary>Regions and provinces, for example <c>06.</c> and <c>06.181.</c>.</summary>
    public FrozenDictionary<string, LocalizedText> Areas { get; init; } = FrozenDictionary<string, LocalizedText>.Empty;
}
