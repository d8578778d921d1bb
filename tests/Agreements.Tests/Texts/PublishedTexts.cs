using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Agreements.Tests.Schema;

namespace Agreements.Tests.Texts;

/// <summary>A text that people read.</summary>
/// <param name="File">Its file, from the root of the repository.</param>
/// <param name="Language">fr, ar or en.</param>
/// <param name="Key">Where it stands in the file.</param>
/// <param name="Words">The text.</param>
public sealed record PublishedText(string File, string Language, string Key, string Words)
{
    public override string ToString() => $"{File} {Language} {Key}: {Words}";
}

/// <summary>
/// All texts of the repository that people read in French, Arabic or English, found by their shape: a new file is read without being named
/// here.
/// </summary>
internal static partial class PublishedTexts
{
    private static readonly string[] Languages = ["fr", "ar", "en"];
    private static readonly Lazy<IReadOnlyList<PublishedText>> Read = new(static () =>
        [.. Files(), .. Schemas(), .. Contracts(), .. Sources()]
    );

    public static IReadOnlyList<PublishedText> All => Read.Value;

    /// <summary>What to do about a refusal: members named <c>remedy</c>.</summary>
    public static IEnumerable<PublishedText> Remedies => All.Where(static text => text.Key.EndsWith("/remedy", StringComparison.Ordinal));

    public static string Root
    {
        get
        {
            var folder = AppContext.BaseDirectory;
            while (!File.Exists(Path.Combine(folder, "Gateway.sln")))
                folder = Path.GetDirectoryName(folder)!;
            return folder;
        }
    }

    // name.fr.json holds French; any other file may hold { "fr": …, "ar": …, "en": … }.
    private static IEnumerable<PublishedText> Files() =>
        InFolder("src", "*.json")
            .SelectMany(static file =>
            {
                var json = JsonNode.Parse(File.ReadAllText(file));
                var language = LanguageOf(file);
                return language is null
                    ? Localized(file, json, "")
                    : Leaves(json, "").Where(static leaf => leaf.Key != "/direction").Select(leaf => Text(file, language, leaf));
            });

    private static IEnumerable<PublishedText> Schemas() =>
        InFolder("contracts/schema", "*.json")
            .SelectMany(static file =>
            {
                var leaves = Leaves(JsonNode.Parse(File.ReadAllText(file)), "");
                return leaves
                    .Where(static leaf => leaf.Key.Split('/')[^1] is "description" or "title")
                    .Select(leaf => Text(file, LanguageOf(file) ?? "en", leaf));
            });

    private static IEnumerable<PublishedText> Contracts() =>
        InFolder("contracts", "*.yaml").SelectMany(static file => Localized(file, YamlAsJson.Read(File.ReadAllText(file)), ""));

    // Three texts in a row in a program, the second of them in Arabic.
    private static IEnumerable<PublishedText> Sources() =>
        from file in InFolder("src", "*.cs")
        from match in Triple().Matches(File.ReadAllText(file))
        from language in Languages
        select Text(file, language, (match.Groups["en"].Value, Regex.Unescape(Quotes().Replace(match.Groups[language].Value, ""))));

    private static string? LanguageOf(string file) =>
        Languages.FirstOrDefault(language => Path.GetFileNameWithoutExtension(file).EndsWith("." + language, StringComparison.Ordinal));

    private static IEnumerable<string> InFolder(string folder, string pattern) =>
        Directory
            .EnumerateFiles(Path.Combine(Root, folder), pattern, SearchOption.AllDirectories)
            .Where(static file => !file.Split(Path.DirectorySeparatorChar).Any(static part => part is "bin" or "obj"))
            .Order(StringComparer.Ordinal);

    private static IEnumerable<PublishedText> Localized(string file, JsonNode? node, string at) =>
        node switch
        {
            JsonObject map when Languages.All(language => map[language] is JsonValue) => Languages.Select(language =>
                Text(file, language, (at, map[language]!.ToString()))
            ),
            // Beside an English description.
            JsonObject { Count: 2 } map when map["fr"] is JsonValue && map["ar"] is JsonValue => Languages[..2]
                .Select(language => Text(file, language, (at, map[language]!.ToString()))),
            JsonObject map => map.SelectMany(member => Localized(file, member.Value, $"{at}/{member.Key}")),
            JsonArray list => list.SelectMany((item, index) => Localized(file, item, $"{at}/{index}")),
            _ => [],
        };

    private static IEnumerable<(string Key, string Words)> Leaves(JsonNode? node, string at) =>
        node switch
        {
            JsonObject map => map.SelectMany(member => Leaves(member.Value, $"{at}/{member.Key}")),
            JsonArray list => list.SelectMany((item, index) => Leaves(item, $"{at}/{index}")),
            JsonValue value when value.GetValueKind() == JsonValueKind.String => [(at, value.ToString())],
            _ => [],
        };

    private static PublishedText Text(string file, string language, (string Key, string Words) leaf) =>
        new(Path.GetRelativePath(Root, file), language, leaf.Key, leaf.Words);

    // A literal, or several that are joined over the lines.
    private const string Literal = """
        "(?:[^"\\\n]|\\.)*"(?:\s*\+\s*"(?:[^"\\\n]|\\.)*")*
        """;

    [GeneratedRegex(
        "(?<!\\w)(?<fr>" + Literal + "),\\s*(?=\"[^\"\\n]*\\p{IsArabic})(?<ar>" + Literal + "),\\s*(?<en>" + Literal + ")",
        RegexOptions.ExplicitCapture,
        30_000
    )]
    private static partial Regex Triple();

    [GeneratedRegex(
        """
            \A"|"\s*\+\s*"|"\z
            """,
        RegexOptions.ExplicitCapture,
        30_000
    )]
    private static partial Regex Quotes();
}
