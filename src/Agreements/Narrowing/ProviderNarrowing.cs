using System.Text.Json.Nodes;
using Agreements.Loading.OpenApi;
using Agreements.Loading.Yaml;

namespace Agreements.Narrowing;

/// <summary>A schema of the contracts as its provider sees it: without what the gateway writes, and with what only the gateway reads, which
/// is required.</summary>
/// <param name="copy">Where the document is made.</param>
/// <param name="scheme">Scheme under which the provider knows the person.</param>
internal sealed class ProviderNarrowing(ContractCopy copy, string scheme)
{
    /// <summary>The schema.</summary>
    public JsonNode Schema(YamlNode node, Document document)
    {
        var map = (YamlMapping)node;
        if (map.Find("$ref") is null)
            return Own(map, document);
        var (target, at, name) = copy.Follow(map, document);
        return copy.Beside(map, document, copy.Add("schemas", name, Schema(target, at)));
    }

    private JsonObject Own(YamlMapping map, Document document)
    {
        var properties = map.Find("properties")?.Value as YamlMapping;
        var told = ContractCopy.Members(map, entry => entry switch
            {
                { Key: "allOf", Value: YamlSequence parts } => new JsonArray([.. parts.Items.Select(part => Schema(part, document))]),
                { Key: "properties", Value: YamlMapping } => Properties(properties!, document),
                { Key: "required" } => null,
                _ => copy.Of(entry.Value, document),
            });
        var required = (map.Find("required")?.Value as YamlSequence)
            ?.Items.OfType<YamlScalar>()
            .Select(static name => name.Value)
            .Where(name => !Is(properties, name, "x-written-by"))
            ?? [];
        var read = properties?.Entries.Where(static property => Is(property.Value, "x-read-by")).Select(static property => property.Key)
            ?? [];
        if (required.Concat(read).Distinct(StringComparer.Ordinal).ToArray() is { Length: > 0 } names)
            told["required"] = new JsonArray([.. names.Select(static name => (JsonNode)JsonValue.Create(name))]);
        return told;
    }

    // The list of fields that the caller asks for is for the gateway, and not sent on.
    private JsonObject Properties(YamlMapping properties, Document document)
    {
        var kept = new JsonObject();
        foreach (var property in properties.Entries)
        {
            if (
                Is(property.Value, "x-written-by")
                || (property.Value as YamlMapping)?.Find("x-rule")?.Value is YamlScalar { Value: "fields" }
            )
                continue;
            kept[property.Key] =
                property is { Key: "subject", Value: YamlMapping map } && map.Find("$ref") is not null
                    ? Subject(map, document)
                    : copy.Of(property.Value, document);
        }

        return kept;
    }

    private JsonObject Subject(YamlMapping map, Document document)
    {
        var (target, at, name) = copy.Follow(map, document);
        var subject = copy.Of(target, at)!;
        if (subject["properties"]?["scheme"] is JsonObject schemes)
            schemes["enum"] = new JsonArray(JsonValue.Create(scheme));
        return copy.Beside(map, document, copy.Add("schemas", name, subject));
    }

    private static bool Is(YamlMapping? properties, string name, string mark) =>
        properties?.Find(name)?.Value is { } property && Is(property, mark);

    private static bool Is(YamlNode property, string mark) =>
        property is YamlMapping map && map.Find(mark)?.Value is YamlScalar { Value: "gateway" };
}
