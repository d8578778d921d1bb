using System.Collections.Immutable;

namespace Authority;

/// <summary>What policy decided that a token may say: one resource, one agreement at a version, one purpose, its operations.</summary>
/// <param name="Resource">Audience.</param>
/// <param name="Agreement"><c>id@version</c>.</param>
/// <param name="Purpose">Purpose code.</param>
/// <param name="Operations">Operation ids, sorted, never empty.</param>
/// <param name="Until">When the agreement ends.</param>
public sealed record Grant(string Resource, string Agreement, string Purpose, ImmutableArray<string> Operations, DateTimeOffset Until)
{
    /// <summary>The operations as a scope value.</summary>
    public string Scope => field ??= string.Join(' ', Operations);
}
