using System.Text.Json.Nodes;
using Agreements.Tests.Schema;

namespace Agreements.Tests.Texts;

/// <summary>What the contracts describe in English is described in French and Arabic too.</summary>
public sealed class DescriptionTests
{
    [Theory]
    [InlineData("openapi")]
    [InlineData("catalogue")]
    public void Every_description_of_a_contract_stands_in_three_languages(string folder)
    {
        var described = Directory
            .EnumerateFiles(Path.Combine(PublishedTexts.Root, "contracts", folder), "*.yaml")
            .SelectMany(static file => Described(YamlAsJson.Read(File.ReadAllText(file))))
            .ToList();
        Assert.True(described.Count > 40, $"only {described.Count} descriptions");
        Assert.Empty(
            described
                .Where(static one =>
                    one["x-description"] is not JsonObject { Count: 2 } others
                    || others["fr"]?.GetValue<string>() is not { Length: > 0 }
                    || !HasArabic(others["ar"])
                )
                .Select(static one => one["description"]!.ToString())
        );
    }

    private static IEnumerable<JsonObject> Described(JsonNode? node) =>
        node switch
        {
            JsonObject map => map.SelectMany(static member => Described(member.Value)).Concat(map["description"] is JsonValue ? [map] : []),
            JsonArray list => list.SelectMany(Described),
            _ => [],
        };

    private static bool HasArabic(JsonNode? text) =>
        text?.GetValue<string>().Any(static letter => letter is >= '\u0600' and <= '\u06FF') == true;
}
