using System.Collections.Immutable;
using System.Text.Json.Nodes;
using Agreements.Loading.OpenApi;
using Agreements.Loading.Yaml;

namespace Agreements.Narrowing;

/// <summary>A question's schema as one grant admits it: its identifier schemes, and <c>fields</c> of what it releases.</summary>
internal sealed class RequestNarrowing(ContractCopy copy, Grant grant, ImmutableArray<string> released)
{
    /// <summary>The narrowed schema.</summary>
    public JsonNode Schema(YamlNode node, Document document)
    {
        var map = (YamlMapping)node;
        if (map.Find("$ref") is null)
            return ContractCopy.Members(map, entry => Member(entry, document));
        var (target, at, name) = copy.Follow(map, document);
        return copy.Beside(map, document, copy.Add("schemas", name, Schema(target, at)));
    }

    private JsonNode? Member(YamlEntry entry, Document document) =>
        entry switch
        {
            { Key: "allOf", Value: YamlSequence parts } => new JsonArray([.. parts.Items.Select(part => Schema(part, document))]),
            { Key: "properties", Value: YamlMapping properties } => ContractCopy.Members(properties, property =>
                Property(property, document)
            ),
            _ => copy.Of(entry.Value, document),
        };

    private JsonNode? Property(YamlEntry property, Document document)
    {
        if (property.Value is not YamlMapping map)
            return copy.Of(property.Value, document);
        if (map.Find("x-rule")?.Value is YamlScalar { Value: "fields" })
            return Fields();
        if (property.Key != "subject" || map.Find("$ref") is null)
            return copy.Of(map, document);
        var (target, at, name) = copy.Follow(map, document);
        var subject = copy.Of(target, at)!;
        if (subject["properties"]?["scheme"] is JsonObject scheme)
            scheme["enum"] = Texts(grant.SubjectSchemes);
        return copy.Beside(map, document, copy.Add("schemas", name, subject));
    }

    // Nothing released, nothing to choose from.
    private JsonObject? Fields() =>
        released.IsEmpty
            ? null
            : Described.With(
                "fields",
                new JsonObject
                {
                    ["type"] = "array",
                    ["minItems"] = 1,
                    ["maxItems"] = 64,
                    ["items"] = new JsonObject { ["type"] = "string", ["enum"] = Texts(released) },
                }
            );

    private static JsonArray Texts(ImmutableArray<string> values) =>
        new([.. values.Select(static value => (JsonNode)JsonValue.Create(value))]);
}
