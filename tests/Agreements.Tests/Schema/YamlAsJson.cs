using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;
using Agreements.Loading;
using Agreements.Loading.Yaml;

namespace Agreements.Tests.Schema;

/// <summary>A contract file as the JSON that editors judge: scalars by the core schema of YAML 1.2.</summary>
internal static class YamlAsJson
{
    public static JsonNode Read(string text)
    {
        var errors = new List<LoadError>();
        var root = StrictYaml.Read(Encoding.UTF8.GetBytes(text), new FileReport("file", errors, new SharedValues()));
        Assert.Empty(errors);
        return Node(root!)!;
    }

    /// <summary>The document as YAML again: JSON is YAML, one value a line would do, and every text stands in quotes.</summary>
    public static string Write(JsonNode node) =>
        node.ToJsonString(
                new System.Text.Json.JsonSerializerOptions
                {
                    WriteIndented = true,
                    Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
                }
            )
            .ReplaceLineEndings("\n") + "\n";

    private static JsonNode? Node(YamlNode node) =>
        node switch
        {
            YamlMapping map => new JsonObject(map.Entries.Select(entry => KeyValuePair.Create(entry.Key, Node(entry.Value)))),
            YamlSequence list => new JsonArray([.. list.Items.Select(Node)]),
            YamlScalar { Plain: true, Value: "true" or "false" } scalar => JsonValue.Create(scalar.Value == "true"),
            YamlScalar { Plain: true } scalar
                when long.TryParse(scalar.Value, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number) =>
                JsonValue.Create(number),
            YamlScalar scalar => JsonValue.Create(scalar.Value),
            _ => throw new InvalidOperationException(),
        };
}
