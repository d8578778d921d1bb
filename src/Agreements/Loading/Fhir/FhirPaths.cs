using Agreements.Contracts;

namespace Agreements.Loading.Fhir;

/// <summary>Element paths of the table: what lies under one, and which spellings a choice <c>[x]</c> has.</summary>
internal static class FhirPaths
{
    /// <summary>The leaves at or under a path, a choice standing for every supported spelling.</summary>
    public static IEnumerable<string> Leaves(FhirType type, string path) =>
        type.Elements.Keys.Where(leaf => Covers(path, leaf)).Order(StringComparer.Ordinal);

    /// <summary>The supported spellings of a path: itself, or for a choice each element of the table that spells it.</summary>
    public static IReadOnlyList<string> Spellings(FhirType type, string path)
    {
        if (!path.EndsWith("[x]", StringComparison.Ordinal))
            return [path];
        var depth = path.Split('.').Length;
        return [.. Leaves(type, path).Select(leaf => string.Join('.', leaf.Split('.')[..depth])).Distinct(StringComparer.Ordinal)];
    }

    /// <summary>Is the leaf at or under the path?</summary>
    public static bool Covers(string path, string leaf)
    {
        if (!path.EndsWith("[x]", StringComparison.Ordinal))
            return leaf == path
                || (leaf.Length > path.Length && leaf[path.Length] == '.' && leaf.StartsWith(path, StringComparison.Ordinal));
        var stem = path[..^3];
        return leaf.Length > stem.Length && leaf.StartsWith(stem, StringComparison.Ordinal) && char.IsAsciiLetterUpper(leaf[stem.Length]);
    }
}
