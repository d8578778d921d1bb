using System.Collections.Immutable;
using System.Text.Json.Nodes;
using Agreements.Loading.OpenApi;
using Agreements.Loading.Yaml;

namespace Agreements.Narrowing;

/// <summary>
/// An answer's schema as far as it is released: the envelope, the released fields, nothing else. A released field is never required,
/// because a caller may ask for less (<c>fields</c>), an unsettled answer says less, and only a match says anything.
/// </summary>
internal sealed class AnswerNarrowing(ContractCopy copy, ImmutableArray<string> released)
{
    // What the gateway writes into every answer; the rest of the envelope can be missing when no source answered.
    private static readonly HashSet<string> Always = new(StringComparer.Ordinal) { "schemaVersion", "matchStatus", "reference", "outcome" };

    /// <summary>The narrowed schema.</summary>
    public JsonNode Schema(YamlNode node, Document document, string path = "")
    {
        var map = (YamlMapping)node;
        if (map.Find("$ref") is null)
            return ContractCopy.Members(map, entry => Member(entry, document, path));
        var (target, at, name) = copy.Follow(map, document);
        return copy.Beside(map, document, copy.Add("schemas", name, Schema(target, at, path)));
    }

    private JsonNode? Member(YamlEntry entry, Document document, string path) =>
        entry switch
        {
            { Key: "items" } => Schema(entry.Value, document, path),
            { Key: "allOf", Value: YamlSequence parts } => new JsonArray([.. parts.Items.Select(part => Schema(part, document, path))]),
            { Key: "properties", Value: YamlMapping properties } => Properties(properties, document, path),
            { Key: "required", Value: YamlSequence names } => Required(names),
            _ => copy.Of(entry.Value, document),
        };

    private JsonObject Properties(YamlMapping properties, Document document, string path)
    {
        var kept = new JsonObject();
        foreach (var property in properties.Entries)
        {
            if (property.Value is YamlMapping marked && marked.Find("x-read-by") is not null)
                continue;
            var at = path.Length == 0 ? property.Key : $"{path}.{property.Key}";
            if (IsEnvelope(property.Value) || released.Contains(at))
                kept[property.Key] = copy.Of(property.Value, document);
            else if (released.Any(leaf => leaf.StartsWith(at + ".", StringComparison.Ordinal)))
                kept[property.Key] = Schema(property.Value, document, at);
        }

        return kept;
    }

    private static bool IsEnvelope(YamlNode property) =>
        property is YamlMapping map
        && (
            map.Find("x-envelope")?.Value is YamlScalar { Value: "true" }
            || map.Find("x-written-by")?.Value is YamlScalar { Value: "gateway" }
        );

    private static JsonArray? Required(YamlSequence names)
    {
        var always = names
            .Items.OfType<YamlScalar>()
            .Where(static name => Always.Contains(name.Value))
            .Select(static name => (JsonNode)JsonValue.Create(name.Value))
            .ToArray();
        return always.Length == 0 ? null : new JsonArray(always);
    }
}
