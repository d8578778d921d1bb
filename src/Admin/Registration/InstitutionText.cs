using Admin.CommandLine;
using YamlDotNet.Core;
using YamlDotNet.RepresentationModel;

namespace Admin.Registration;

/// <summary>
/// The text of an institution file, changed in place: what is not meant stays as its authors wrote it, comments and order included. Only
/// finds places; whether the result is a sound registration is the loader's judgement.
/// </summary>
internal sealed class InstitutionText
{
    private readonly string _text;
    private readonly YamlMappingNode _root;

    private InstitutionText(string text, YamlMappingNode root) => (_text, _root) = (text, root);

    /// <exception cref="Declined">Not one YAML mapping.</exception>
    internal static InstitutionText Parse(string text)
    {
        try
        {
            var stream = new YamlStream();
            stream.Load(new StringReader(text));
            if (stream.Documents.Count == 1 && stream.Documents[0].RootNode is YamlMappingNode root)
                return new(text, root);
        }
        catch (YamlException exception)
        {
            throw Declined.Usage("not-yaml", exception.Start.Line);
        }
        throw Declined.Usage("not-one-mapping");
    }

    /// <summary>Ids of the clients, in order.</summary>
    internal IEnumerable<string> Clients => ClientNodes().Select(static client => Text(client, "id") ?? "");

    /// <summary>Is there a client with this id?</summary>
    internal bool Has(string client) => Clients.Contains(client, StringComparer.Ordinal);

    /// <summary>Name of a client's key file; null when it has none.</summary>
    internal string? KeyFileOf(string client) => Child(Find(client), "jwks") is YamlMappingNode jwks ? Text(jwks, "file") : null;

    /// <summary>The text with another client behind the last one.</summary>
    /// <param name="fragment">One list item, as <c>client new</c> prints it, at any indentation.</param>
    internal string WithClient(string fragment)
    {
        if (Child(_root, "clients") is not { } node)
            return _text.TrimEnd('\n') + "\nclients:\n" + Item(fragment, indent: 2);
        if (node is not YamlSequenceNode clients)
            throw Declined.Usage("clients-no-list");
        if (clients.Children.Count == 0 && clients.Style == YamlDotNet.Core.Events.SequenceStyle.Flow)
            return _text[..(int)clients.Start.Index].TrimEnd(' ')
                + "\n"
                + Item(fragment, indent: 2).TrimEnd('\n')
                + _text[(int)clients.End.Index..];
        if (clients.Style == YamlDotNet.Core.Events.SequenceStyle.Flow)
            throw Declined.Usage("clients-in-brackets");
        var lines = _text.Split('\n');
        var dash = lines[(int)clients.Children[0].Start.Line - 1];
        var at = EndOf(lines, clients);
        return string.Join(
            '\n',
            [.. lines[..at], .. Item(fragment, dash.Length - dash.TrimStart().Length).TrimEnd('\n').Split('\n'), .. lines[at..]]
        );
    }

    /// <summary>The text with a client's status changed; written behind its id when it had none.</summary>
    internal string WithStatus(string client, string status)
    {
        var found = Find(client);
        if (Child(found, "status") is YamlScalarNode value)
            return _text[..(int)value.Start.Index] + status + _text[(int)value.End.Index..];
        var id = Child(found, "id")!;
        if (found.Style == YamlDotNet.Core.Events.MappingStyle.Flow)
            return _text.Insert((int)id.End.Index, $", status: {status}");
        var end = _text.IndexOf('\n', (int)id.End.Index);
        return _text.Insert(end + 1, $"{new string(' ', (int)found.Start.Column - 1)}status: {status}\n");
    }

    /// <summary>
    /// Line index behind the clients: before the next key of the file and the comments and blank lines that belong to it.
    /// </summary>
    private int EndOf(string[] lines, YamlSequenceNode clients)
    {
        var next = _root
            .Children.Keys.Select(static key => (int)key.Start.Line - 1)
            .Where(line => line > clients.Children[^1].Start.Line - 1)
            .DefaultIfEmpty(lines.Length)
            .Min();
        while (lines[next - 1].Length == 0 || lines[next - 1][0] == '#')
            next--;
        return next;
    }

    /// <summary>
    /// One list item at the file's indentation. A line further left than the item would leave the list, so it is refused.
    /// </summary>
    private static string Item(string fragment, int indent)
    {
        var lines = fragment.ReplaceLineEndings("\n").Trim('\n').Split('\n').Where(static line => line.Trim().Length > 0).ToList();
        if (lines.Count == 0)
            throw Declined.Usage("fragment-empty");
        var left = lines.Min(static line => line.Length - line.TrimStart().Length);
        lines = [.. lines.Select(line => line[left..])];
        if (!lines.First(static line => line[0] != '#').StartsWith("- ", StringComparison.Ordinal))
            lines = [.. lines.Select(static (line, i) => (i == 0 ? "- " : "  ") + line)];
        var begins = lines.FindIndex(static line => line.StartsWith("- ", StringComparison.Ordinal));
        if (lines.Skip(begins + 1).Any(static line => !line.StartsWith("  ", StringComparison.Ordinal)))
            throw Declined.Usage("fragment-not-one");
        return string.Concat(lines.Select(line => new string(' ', indent) + line + "\n"));
    }

    private YamlMappingNode Find(string client) =>
        ClientNodes().FirstOrDefault(node => Text(node, "id") == client) ?? throw new Declined("no-client", client);

    private IEnumerable<YamlMappingNode> ClientNodes() =>
        Child(_root, "clients") is YamlSequenceNode clients ? clients.Children.OfType<YamlMappingNode>() : [];

    private static YamlNode? Child(YamlMappingNode owner, string name) =>
        owner.Children.FirstOrDefault(child => child.Key is YamlScalarNode key && key.Value == name).Value;

    private static string? Text(YamlMappingNode owner, string name) => (Child(owner, name) as YamlScalarNode)?.Value;
}
