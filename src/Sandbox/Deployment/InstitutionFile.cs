using System.Collections.Immutable;
using YamlDotNet.RepresentationModel;

namespace Sandbox.Deployment;

/// <summary>
/// What the town must make for an institution, read from its file before the registry can load it: the keys that the file
/// names do not exist yet.
/// </summary>
/// <param name="Id">Institution id.</param>
/// <param name="Clients">Client ids, with the file of their JWK Set or null.</param>
/// <param name="SigningKeys">Key ids with the file of their JWK.</param>
public sealed record InstitutionFile(string Id, ImmutableArray<(string Client, string? KeyFile)> Clients, ImmutableArray<(string KeyId, string File)> SigningKeys)
{
    /// <summary>Reads one file of <c>institutions/</c>.</summary>
    public static InstitutionFile Read(string path)
    {
        var root = Yaml.Root(path);
        var clients = Yaml.Items(root, "clients").Select(c => (Yaml.Text(c, "id"), Yaml.Child(c, "jwks") is { } keys ? Yaml.Text(keys, "file") : null));
        var signing = Yaml.Items(root, "signingKeys").Select(k => (Yaml.Text(k, "id"), Yaml.Text(k, "file")));
        return new InstitutionFile(Yaml.Text(root, "id"), [.. clients], [.. signing]);
    }

    /// <summary>Scheme, host and port of the provider in an institution file; null when there is no such file.</summary>
    public static string? ProviderAddress(string path)
    {
        if (!File.Exists(path) || Yaml.Child(Yaml.Root(path), "provider") is not { } provider) return null;
        return new Uri(Yaml.Text(provider, "baseAddress")).GetLeftPart(UriPartial.Authority);
    }

    /// <summary>Parties of an agreement file, in order.</summary>
    public static ImmutableArray<string> Parties(string agreementPath) =>
        [.. ((YamlSequenceNode)Yaml.Root(agreementPath)["parties"]).Select(p => ((YamlScalarNode)p).Value!)];

    /// <summary>The few questions asked of YAML here.</summary>
    private static class Yaml
    {
        public static YamlMappingNode Root(string path)
        {
            using var reader = new StreamReader(path);
            var stream = new YamlStream();
            stream.Load(reader);
            return (YamlMappingNode)stream.Documents[0].RootNode;
        }

        public static YamlNode? Child(YamlMappingNode node, string name) => node.Children.TryGetValue(name, out var child) ? child : null;

        public static IEnumerable<YamlMappingNode> Items(YamlMappingNode node, string name) => (Child(node, name) as YamlSequenceNode)?.OfType<YamlMappingNode>() ?? [];

        public static string Text(YamlNode node, string name) => ((YamlScalarNode)node[name]).Value!;
    }
}
