using Agreements.Contracts;

namespace Agreements.Texts;

/// <summary>What operations and fields are called towards people, as the contracts say; where they do not, the code itself.</summary>
public static class FieldTitles
{
    /// <summary>Title of an operation.</summary>
    public static string Of(Registry registry, string operation, string language) =>
        registry.Operations.GetValueOrDefault(operation)?.Title?.In(language) ?? operation;

    /// <summary>Titles of released paths in the order of the release, each with the paths that it stands for.</summary>
    public static IEnumerable<(string Title, IReadOnlyList<string> Paths)> Of(
        Registry registry,
        GrantedOperation granted,
        string language
    ) =>
        granted
            .Release.GroupBy(path => Of(registry, granted.Id, path, language), StringComparer.Ordinal)
            .Select(static group => (group.Key, (IReadOnlyList<string>)[.. group]));

    /// <summary>Title of one path of an operation's answer.</summary>
    public static string Of(Registry registry, string operation, string path, string language)
    {
        if (!registry.Operations.TryGetValue(operation, out var contract))
            return path;
        var title = contract.FhirType is { } type ? InType(registry.FhirTypes[type], path) : InShape(contract.Answer, path);
        return title?.In(language) ?? path;
    }

    private static LocalizedText? InShape(Shape? shape, string path)
    {
        Member? member = null;
        foreach (var segment in path.Split('.'))
        {
            while (shape is { Kind: ShapeKind.Array })
                shape = shape.Items;
            member = shape?.Find(segment);
            shape = member?.Shape;
        }

        return member?.Title;
    }

    // A coding is two leaves and one thing to a reader: the title may stand at any element above the leaf.
    private static LocalizedText? InType(FhirType type, string path)
    {
        for (var above = path; above.Length > 0; above = above.LastIndexOf('.') is > 0 and var dot ? above[..dot] : "")
            if (type.Titles.TryGetValue(above, out var title))
                return title;
        return null;
    }
}
