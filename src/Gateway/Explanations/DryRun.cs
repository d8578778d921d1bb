using System.Collections.Immutable;
using System.Text.Json;

namespace Gateway.Explanations;

/// <summary>
/// A call that is not made (exchanges page, section 13): everything of it but the person. There is no member that could name one, so none
/// can be asked about.
/// </summary>
/// <param name="Agreement">Agreement id, or <c>id@version</c>.</param>
/// <param name="Purpose">Purpose.</param>
/// <param name="Operation">Operation id.</param>
internal sealed record DryRun(string Agreement, string Purpose, string Operation)
{
    /// <summary>The narrower list of paths that would be asked for; empty for all that is released.</summary>
    public ImmutableArray<string> Fields { get; init; } = [];

    /// <summary>Names of the call headers that would be sent.</summary>
    public ImmutableArray<string> Headers { get; init; } = [];

    /// <summary>Scheme under which the person would be named; null for one that the grant admits.</summary>
    public string? Scheme { get; init; }

    /// <summary>The other members of the question, or parameters of the search; null to leave them unjudged.</summary>
    public JsonElement? Request { get; init; }
}
