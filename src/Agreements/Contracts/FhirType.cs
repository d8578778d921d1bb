using System.Collections.Frozen;
using System.Collections.Immutable;

namespace Agreements.Contracts;

/// <summary>
/// One resource type of <c>contracts/fhir/elements.yaml</c> (health page, section 3): all that may ever be released of it.
/// </summary>
public sealed class FhirType
{
    /// <summary>Resource type, for example <c>ImmunizationRecommendation</c>.</summary>
    public required string Name { get; init; }

    /// <summary>Element that names the person: patient, subject or beneficiary.</summary>
    public required string Subject { get; init; }

    /// <summary>Elements that R4 makes mandatory; <c>[x]</c> stands for any spelling of a choice.</summary>
    public ImmutableArray<string> Mandatory { get; init; } = [];

    /// <summary>Elements that can change the meaning of others.</summary>
    public ImmutableArray<string> Modifiers { get; init; } = [];

    /// <summary>Elements that this gateway demands beyond R4.</summary>
    public ImmutableArray<string> Required { get; init; } = [];

    /// <summary>Of each list at least one must be released and present.</summary>
    public ImmutableArray<ImmutableArray<string>> OneOf { get; init; } = [];

    /// <summary>Spellings of a choice that are never released.</summary>
    public ImmutableArray<string> Unsupported { get; init; } = [];

    /// <summary>Elements written by the gateway, never copied.</summary>
    public ImmutableArray<string> Written { get; init; } = [];

    /// <summary>Paths of <c>coding</c> arrays that need a code list when released.</summary>
    public ImmutableArray<string> Codes { get; init; } = [];

    /// <summary>Code lists that stand in the table.</summary>
    public FrozenDictionary<string, FixedCodes> FixedCodes { get; init; } = FrozenDictionary<string, FixedCodes>.Empty;

    /// <summary>Leaf elements by path without <c>[]</c>.</summary>
    public required FrozenDictionary<string, FhirElement> Elements { get; init; }

    /// <summary>What elements are called towards people, by the path at or above the leaf.</summary>
    public FrozenDictionary<string, LocalizedText> Titles { get; init; } = FrozenDictionary<string, LocalizedText>.Empty;

    /// <summary>Search parameters that an agreement may list; the person parameter first.</summary>
    public ImmutableArray<string> Search { get; init; } = [];

    /// <summary>Search parameters that every question must carry, the person parameter aside.</summary>
    public ImmutableArray<string> SearchRequired { get; init; } = [];
}

/// <summary>A leaf element that may be released.</summary>
/// <param name="Path">Path without <c>[]</c>, for example <c>recommendation.vaccineCode.coding.code</c>.</param>
/// <param name="Repeats">For each segment of the path: is it an array?</param>
/// <param name="Kind">FHIR primitive type: code, uri, string, date, dateTime, instant, boolean, integer, positiveInt.</param>
/// <param name="Values">Closed list for <c>code</c>; null when any code will do.</param>
public sealed record FhirElement(string Path, ImmutableArray<bool> Repeats, string Kind, FrozenSet<string>? Values);

/// <summary>Codes that the table itself fixes for a coding array.</summary>
/// <param name="System">Code system.</param>
/// <param name="Values">Codes of that system.</param>
public sealed record FixedCodes(string System, FrozenSet<string> Values);
