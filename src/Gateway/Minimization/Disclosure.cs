using System.Collections.Immutable;

namespace Gateway.Minimization;

/// <summary>What leaves, and what its record says about it. It leaves only with a receipt.</summary>
public sealed class Disclosure
{
    /// <summary>The bytes.</summary>
    public required ReadOnlyMemory<byte> Body { get; init; }

    /// <summary>Media type of the body.</summary>
    public required string ContentType { get; init; }

    /// <summary>What the answer says about the person: one of <see cref="Minimization.MatchStatus"/>.</summary>
    public required string MatchStatus { get; init; }

    /// <summary>Declared paths that are in the body, the envelope aside: the record's <c>fld</c>.</summary>
    public required ImmutableArray<string> ReleasedPaths { get; init; }

    /// <summary>Declared paths that sources sent and that stayed behind: the record's <c>drp</c>.</summary>
    public required ImmutableArray<string> StrippedPaths { get; init; }

    /// <summary>Number of undeclared members that sources sent: the record's <c>und</c>.</summary>
    public required int Undeclared { get; init; }
}
