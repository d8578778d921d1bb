using System.Collections.Immutable;
using YamlDotNet.Core;
using YamlDotNet.RepresentationModel;

namespace Sandbox.Deployment;

/// <summary>
/// What the town must make for an institution, read from its file before the registry can load it: the keys that the file
/// names do not exist yet.
/// </summary>
/// <param name="Id">Institution id.</param>
/// <param name="Clients">Client ids, with the file of their JWK Set or null.</param>
/// <param name="SigningKeys">Key ids with the file of their JWK.</param>
public sealed record InstitutionFile(
    string Id,
    ImmutableArray<(string Client, string? KeyFile)> Clients,
    ImmutableArray<(string KeyId, string File)> SigningKeys
)
{
    /// <summary>Reads one file of <c>institutions/</c>.</summary>
    public static InstitutionFile Read(string path)
    {
        var root = Yaml.Root(path);
        var clients = Yaml.Items(root, "clients")
            .Select(c =>
                (
                    Yaml.Text(c, "id"),
                    Yaml.Child(c, "jwks") is YamlMappingNode keys && Yaml.Child(keys, "file") is not null ? Yaml.Text(keys, "file") : null
                )
            );
        var signing = Yaml.Items(root, "signingKeys")
            .Where(k => Yaml.Child(k, "file") is not null)
            .Select(k => (Yaml.Text(k, "id"), Yaml.Text(k, "file")));
        return new InstitutionFile(Yaml.Text(root, "id"), [.. clients], [.. signing]);
    }

    /// <summary>The same; null for half a file, or one that is no institution: the loader tells what is wrong with it.</summary>
    public static InstitutionFile? TryRead(string path)
    {
        try
        {
            return Read(path);
        }
        catch (Exception fault) when (fault is YamlException or KeyNotFoundException or InvalidCastException or ArgumentException)
        {
            return null;
        }
    }

    /// <summary>Scheme, host and port of the provider in an institution file; null when there is no such file.</summary>
    public static string? ProviderAddress(string path)
    {
        if (!File.Exists(path) || Yaml.Child(Yaml.Root(path), "provider") is not { } provider)
            return null;
        return new Uri(Yaml.Text(provider, "baseAddress")).GetLeftPart(UriPartial.Authority);
    }

    /// <summary>Parties of an agreement file, in order.</summary>
    public static ImmutableArray<string> Parties(string agreementPath) =>
        [.. ((YamlSequenceNode)Yaml.Root(agreementPath)["parties"]).Select(p => ((YamlScalarNode)p).Value!)];

    /// <summary>The signatures of an agreement file, each with its lines as they stand there.</summary>
    /// <param name="text">Text of the file.</param>
    public static ImmutableArray<SignatureEntry> Signatures(string text)
    {
        using var reader = new StringReader(text);
        var items = Yaml.Items(Yaml.Root(reader), "signatures").ToArray();
        var lines = text.Split('\n');
        var entries = ImmutableArray.CreateBuilder<SignatureEntry>();
        for (var i = 0; i < items.Length; i++)
        {
            var (from, to) = ((int)items[i].Start.Line - 1, i + 1 < items.Length ? (int)items[i + 1].Start.Line - 1 : lines.Length);
            entries.Add(
                new SignatureEntry(
                    Yaml.Text(items[i], "institution"),
                    Yaml.Text(items[i], "keyId"),
                    Yaml.Text(items[i], "value"),
                    string.Join('\n', lines[from..to]).TrimEnd()
                )
            );
        }

        return entries.ToImmutable();
    }

    /// <summary>The few questions asked of YAML here.</summary>
    private static class Yaml
    {
        public static YamlMappingNode Root(string path)
        {
            using var reader = new StreamReader(path);
            return Root(reader);
        }

        public static YamlMappingNode Root(TextReader reader)
        {
            var stream = new YamlStream();
            stream.Load(reader);
            return (YamlMappingNode)stream.Documents[0].RootNode;
        }

        public static YamlNode? Child(YamlMappingNode node, string name) => node.Children.TryGetValue(name, out var child) ? child : null;

        public static YamlNode? Child(YamlNode node, string name) => node is YamlMappingNode mapping ? Child(mapping, name) : null;

        public static IEnumerable<YamlMappingNode> Items(YamlMappingNode node, string name) =>
            (Child(node, name) as YamlSequenceNode)?.OfType<YamlMappingNode>() ?? [];

        public static string Text(YamlNode node, string name) => ((YamlScalarNode)node[name]).Value!;
    }
}

/// <summary>One signature of an agreement file.</summary>
/// <param name="Institution">Who signed.</param>
/// <param name="KeyId">With which key.</param>
/// <param name="Value">Detached JWS.</param>
/// <param name="Text">Its lines.</param>
public sealed record SignatureEntry(string Institution, string KeyId, string Value, string Text);
