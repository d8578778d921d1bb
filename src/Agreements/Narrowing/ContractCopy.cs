using System.Globalization;
using System.Text.Json.Nodes;
using Agreements.Loading.OpenApi;
using Agreements.Loading.Yaml;

namespace Agreements.Narrowing;

/// <summary>
/// Copies parts of the contracts into one OpenAPI document. What a copied part refers to comes along as a component, and nothing else does,
/// so that a document holds no component that nobody uses.
/// </summary>
internal sealed class ContractCopy(DocumentSet documents)
{
    // The other extensions speak to providers and to the gateway, not to a partner.
    private static readonly HashSet<string> Told = new(StringComparer.Ordinal)
    {
        "x-title",
        "x-description",
        "x-purposes",
        "x-subject",
        "x-batch-of",
        "x-part-of",
        "x-part",
        "x-audit-class",
    };

    private readonly Dictionary<string, string> _copied = new(StringComparer.Ordinal);

    /// <summary>Components so far, by section.</summary>
    public JsonObject Components { get; } = [];

    /// <summary>A part as it stands.</summary>
    public JsonNode? Of(YamlNode node, Document document) =>
        node switch
        {
            YamlMapping map when map.Find("$ref")?.Value is YamlScalar reference => Reference(map, reference, document),
            YamlMapping map => Members(map, entry => Of(entry.Value, document)),
            YamlSequence list => new JsonArray([.. list.Items.Select(item => Of(item, document))]),
            YamlScalar scalar => Scalar(scalar),
            _ => null,
        };

    /// <summary>The members of a mapping that a partner is told of, each copied in its own way.</summary>
    public static JsonObject Members(YamlMapping map, Func<YamlEntry, JsonNode?> copy)
    {
        var copied = new JsonObject();
        foreach (var entry in map.Entries)
            if ((!entry.Key.StartsWith("x-", StringComparison.Ordinal) || Told.Contains(entry.Key)) && copy(entry) is { } value)
                copied[entry.Key] = value;
        return copied;
    }

    /// <summary>Where a reference leads.</summary>
    /// <exception cref="InvalidOperationException">Nowhere: the loader refuses such contracts.</exception>
    public (YamlNode Node, Document Document, string Name) Follow(YamlMapping map, Document document)
    {
        var reference = ((YamlScalar)map.Find("$ref")!.Value).Value;
        var (node, target) = documents.Resolve(reference, document, map.Line)
            ?? throw new InvalidOperationException("a reference of the contracts leads nowhere");
        return (node, target, reference[(reference.LastIndexOf('/') + 1)..]);
    }

    /// <summary>A reference to a component of this document, with what stands beside the original one.</summary>
    public JsonObject Beside(YamlMapping map, Document document, string target)
    {
        var copied = Members(map, entry => entry.Key == "$ref" ? null : Of(entry.Value, document));
        copied["$ref"] = target;
        return copied;
    }

    /// <summary>Adds a component; one that says the same is used again, another of the same name gets a number.</summary>
    /// <returns>What refers to it.</returns>
    public string Add(string section, string name, JsonNode content)
    {
        if (Components[section] is not JsonObject known)
            Components[section] = known = [];
        for (var number = 1; ; number++)
        {
            var candidate = number == 1 ? name : string.Create(CultureInfo.InvariantCulture, $"{name}_{number}");
            if (known[candidate] is { } other && !JsonNode.DeepEquals(other, content))
                continue;
            if (known[candidate] is null)
                known[candidate] = content;
            return $"#/components/{section}/{candidate}";
        }
    }

    private JsonObject Reference(YamlMapping map, YamlScalar reference, Document document)
    {
        var (node, target, name) = Follow(map, document);
        var place = $"{target.Name} {reference.Value[reference.Value.IndexOf('#', StringComparison.Ordinal)..]}";
        if (!_copied.TryGetValue(place, out var copied))
            copied = _copied[place] = Add(reference.Value.Split('/')[^2], name, Of(node, target)!);
        return Beside(map, document, copied);
    }

    // YAML 1.2, core schema, as far as the loader lets it in.
    private static JsonValue Scalar(YamlScalar scalar) =>
        scalar switch
        {
            { Plain: true, Value: "true" } => JsonValue.Create(true),
            { Plain: true, Value: "false" } => JsonValue.Create(false),
            { Plain: true } when long.TryParse(scalar.Value, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number) =>
                JsonValue.Create(number),
            _ => JsonValue.Create(scalar.Value),
        };
}
