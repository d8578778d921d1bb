using System.Text;
using System.Text.Json;
using YamlDotNet.Core;
using YamlDotNet.RepresentationModel;

namespace Policy.Tests.Matrix;

/// <summary>An agreement file without one of its clauses: every member and every item of a list, once each.</summary>
internal static class Clauses
{
    /// <summary>Name of each clause and the text of the file without it; the unsigned text.</summary>
    public static IEnumerable<(string Name, string Text)> Without(string text)
    {
        var count = Visit(Root(text), "").Count();
        for (var i = 0; i < count; i++)
        {
            var root = Root(text);
            var (name, remove) = Visit(root, "").ElementAt(i);
            remove();
            yield return (name, Write(root));
        }
    }

    /// <summary>The text as written here, with every clause.</summary>
    public static string Whole(string text) => Write(Root(text));

    private static YamlMappingNode Root(string text)
    {
        var stream = new YamlStream();
        stream.Load(new StringReader(text));
        var root = (YamlMappingNode)stream.Documents[0].RootNode;
        root.Children.Remove(new YamlScalarNode("signatures"));
        return root;
    }

    private static IEnumerable<(string Name, Action Remove)> Visit(YamlNode node, string at)
    {
        if (node is YamlMappingNode map)
            foreach (var (key, value) in map.Children.ToList())
            {
                var name = at.Length == 0 ? key.ToString() : $"{at}.{key}";
                yield return (name, () => map.Children.Remove(key));
                foreach (var inner in Visit(value, name))
                    yield return inner;
            }
        else if (node is YamlSequenceNode list)
            for (var i = 0; i < list.Children.Count; i++)
            {
                var (index, item) = (i, list.Children[i]);
                var name =
                    $"{at}[{(item is YamlScalarNode scalar ? scalar.Value : item is YamlMappingNode one && (Member(one, "id") ?? Member(one, "code") ?? Member(one, "path")) is { } id ? id : index)}]";
                yield return (name, () => list.Children.RemoveAt(index));
                foreach (var inner in Visit(item, name))
                    yield return inner;
            }
    }

    private static string? Member(YamlMappingNode map, string key) =>
        map.Children.TryGetValue(new YamlScalarNode(key), out var value) ? (value as YamlScalarNode)?.Value : null;

    // One line for each member of the file, its value in flow style.
    private static string Write(YamlMappingNode root) =>
        string.Concat(root.Children.Select(static pair => $"{pair.Key}: {Flow(pair.Value)}\n"));

    private static string Flow(YamlNode node) =>
        node switch
        {
            YamlMappingNode map => "{ " + string.Join(", ", map.Children.Select(static pair => $"{pair.Key}: {Flow(pair.Value)}")) + " }",
            YamlSequenceNode list => "[" + string.Join(", ", list.Children.Select(Flow)) + "]",
            YamlScalarNode { Style: ScalarStyle.Plain } scalar when IsWord(scalar.Value!) => scalar.Value!,
            YamlScalarNode scalar => Quoted(scalar.Value!),
            _ => throw new InvalidOperationException(),
        };

    private static bool IsWord(string text) => text.All(static c => char.IsAsciiLetterOrDigit(c) || c is '-' or '.' or '_');

    private static string Quoted(string text) => Encoding.UTF8.GetString(JsonSerializer.SerializeToUtf8Bytes(text, Relaxed));

    private static readonly JsonSerializerOptions Relaxed = new()
    {
        Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };
}
