using Agreements.Loading.Yaml;
using Wording;
using static Agreements.Loading.FindingWords;

namespace Agreements.Loading.OpenApi;

/// <summary>One document of <c>contracts/openapi</c>.</summary>
internal sealed record Document(string Name, YamlMapping Root, FileReport Report);

/// <summary>All documents by file name; the only place to which a <c>$ref</c> can lead, so nothing is ever fetched.</summary>
internal sealed class DocumentSet
{
    private static readonly string[] Examples = ["#/components/schemas/Name", "common.yaml#/components/schemas/Name"];
    private readonly SortedDictionary<string, Document> _documents = new(StringComparer.Ordinal);

    public IEnumerable<Document> All => _documents.Values;

    public void Add(Document document) => _documents[document.Name] = document;

    /// <summary>The node that <c>file.yaml#/a/b</c> or <c>#/a/b</c> names; null after a report.</summary>
    public (YamlNode Node, Document Document)? Resolve(string reference, Document from, int line)
    {
        var hash = reference.IndexOf("#/", StringComparison.Ordinal);
        var name = hash > 0 ? reference[..hash] : from.Name;
        if (hash < 0 || !_documents.TryGetValue(name, out var target))
        {
            from.Report.Error(line, "ref-outside", Found(reference), Blank.List(Examples), "$ref", OpenApiFolder);
            return null;
        }
        YamlNode? node = target.Root;
        foreach (var segment in reference[(hash + 2)..].Split('/'))
            node = (node as YamlMapping)?.Find(segment)?.Value;
        if (node is not null)
            return (node, target);
        from.Report.Error(line, "ref-nothing", Found(reference), "$ref");
        return null;
    }
}
