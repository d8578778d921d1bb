using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using Agreements.Contracts;
using Agreements.Loading.OpenApi;
using Agreements.Loading.Yaml;

namespace Agreements.Narrowing;

/// <summary>
/// What one institution serves to the gateway, as an OpenAPI 3.1 document made of the same contracts that its consumers see (exchanges
/// page, section 1.5):
/// its paths, the questions without what is for the gateway alone, the answers without what the gateway adds and with the person echoed.
/// </summary>
public static class ProviderContract
{
    private static readonly string[] Headers = ["Exchange-Id", "Exchange-Assertion", "Agreement", "Purpose", "traceparent"];

    private static readonly JsonSerializerOptions Readable = new()
    {
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        WriteIndented = true,
    };

    /// <summary>The document, UTF-8.</summary>
    /// <param name="registry">The law.</param>
    /// <param name="institution">Institution id; it must be a provider.</param>
    /// <exception cref="ArgumentException">The registry was made by hand and has no documents, or the institution is no
    /// provider.</exception>
    public static ReadOnlyMemory<byte> Write(Registry registry, string institution)
    {
        var documents = registry.Documents ?? throw new ArgumentException("a registry without its documents", nameof(registry));
        var provider = registry.Institutions.GetValueOrDefault(institution)?.Provider
            ?? throw new ArgumentException("no provider", nameof(institution));
        var (copy, paths) = (new ContractCopy(documents), new JsonObject());
        var narrowing = new ProviderNarrowing(copy, provider.IdentifierScheme);
        foreach (var operation in Served(registry, institution, provider))
            paths[PathOf(operation, provider)] = new JsonObject { ["post"] = Post(operation, registry, documents, copy, narrowing) };
        return JsonSerializer.SerializeToUtf8Bytes(
            new JsonObject
            {
                ["openapi"] = "3.1.0",
                ["info"] = new JsonObject
                {
                    ["title"] = $"{institution}, towards the gateway",
                    ["version"] = registry.Digest,
                    ["description"] =
                        "What the gateway asks of this institution and demands of its answers. "
                        + "Every answer echoes the person as it was sent and the request's Exchange-Id.",
                },
                ["servers"] = new JsonArray(new JsonObject { ["url"] = provider.BaseAddress.ToString().TrimEnd('/') }),
                ["security"] = new JsonArray(new JsonObject { ["certificate"] = new JsonArray() }),
                ["paths"] = paths,
                ["components"] = Components(copy),
            },
            Readable
        );
    }

    private static JsonObject Components(ContractCopy copy)
    {
        copy.Components["securitySchemes"] = new JsonObject { ["certificate"] = new JsonObject { ["type"] = "mutualTLS" } };
        return copy.Components;
    }

    // What some agreement grants with it as a source. A batch is asked line by line at the single operation's path where it takes no
    // chunks.
    private static IEnumerable<Operation> Served(Registry registry, string institution, Provider provider) =>
        registry
            .Agreements.Values.SelectMany(static agreement => agreement.Grants)
            .Where(grant => grant.Provider == institution || grant.Sources.Any(source => source.Institution == institution))
            .SelectMany(static grant => grant.Operations)
            .Select(granted => registry.Operations[granted.Id])
            .Select(operation =>
                operation.BatchOf is { } single && (provider.Bulk != "chunk" || operation.ProviderChunkPath is null)
                    ? registry.Operations[single]
                    : operation
            )
            .Where(static operation => !operation.AnsweredByGateway && operation.FhirType is null)
            .DistinctBy(static operation => operation.Id)
            .OrderBy(static operation => operation.Id, StringComparer.Ordinal);

    private static string PathOf(Operation operation, Provider provider) =>
        operation.BatchOf is null ? provider.Paths.GetValueOrDefault(operation.Id, operation.ProviderPath) : operation.ProviderChunkPath!;

    private static JsonObject Post(
        Operation operation,
        Registry registry,
        DocumentSet documents,
        ContractCopy copy,
        ProviderNarrowing narrowing
    )
    {
        var (asked, document) = Find(documents, operation.Id);
        // A line of a chunk is answered as a question is, with its reference.
        var (answered, answers) = operation.BatchOf is { } single ? Find(documents, registry.Operations[single].Id) : (asked, document);
        var answer = narrowing.Schema(SchemaIn(Map(Map(Map(answered, "responses"), "200"), "content")), answers);
        if (operation.BatchOf is not null)
            answer = Line(answer, SchemaIn(Map(Map(asked, "requestBody"), "content")), document, copy);
        var media = operation.BatchOf is null ? "application/json" : "application/x-ndjson";
        return new JsonObject
        {
            ["operationId"] = operation.Id,
            ["parameters"] = new JsonArray([.. Headers.Select(static name => (JsonNode)Header(name))]),
            ["requestBody"] = new JsonObject
            {
                ["required"] = true,
                ["content"] = new JsonObject
                {
                    [media] = new JsonObject
                    {
                        ["schema"] = narrowing.Schema(SchemaIn(Map(Map(asked, "requestBody"), "content")), document),
                    },
                },
            },
            ["responses"] = new JsonObject
            {
                ["200"] = new JsonObject
                {
                    ["description"] = operation.BatchOf is null
                        ? "What the source knows of the person."
                        : "One line for each line of the request, in any order.",
                    ["headers"] = new JsonObject
                    {
                        ["Exchange-Id"] = new JsonObject
                        {
                            ["required"] = true,
                            ["schema"] = new JsonObject { ["type"] = "string" },
                        },
                    },
                    ["content"] = new JsonObject { [media] = new JsonObject { ["schema"] = answer } },
                },
            },
        };
    }

    private static JsonObject Header(string name) =>
        new()
        {
            ["name"] = name,
            ["in"] = "header",
            ["required"] = true,
            ["schema"] = new JsonObject { ["type"] = "string" },
        };

    // A closed object takes a member more only where it is closed, so the line's schema is the answer's with the reference in it.
    private static JsonObject Line(JsonNode answer, YamlNode line, Document document, ContractCopy copy)
    {
        var schemas = copy.Components["schemas"]!.AsObject();
        var name = ((string)answer["$ref"]!).Split('/')[^1];
        var content = schemas[name]!.DeepClone().AsObject();
        var (target, at, _) = copy.Follow((YamlMapping)line, document);
        var reference = copy.Of(Map(Map((YamlMapping)target, "properties"), "reference"), at)!;
        if (content["properties"] is not JsonObject properties)
            content["properties"] = properties = [];
        properties["reference"] = reference;
        if (content["required"] is not JsonArray required)
            content["required"] = required = [];
        required.Add("reference");
        return new JsonObject { ["$ref"] = copy.Add("schemas", name + "InChunk", content) };
    }

    private static (YamlMapping Operation, Document Document) Find(DocumentSet documents, string id)
    {
        foreach (var document in documents.All)
            foreach (var path in (document.Root.Find("paths")?.Value as YamlMapping)?.Entries ?? [])
                foreach (var method in ((YamlMapping)path.Value).Entries)
                    if (method.Value is YamlMapping map && map.Find("operationId")?.Value is YamlScalar { Value: var named } && named == id)
                        return (map, document);
        throw new ArgumentException("an operation without a document", nameof(id));
    }

    private static YamlMapping Map(YamlMapping owner, string name) => (YamlMapping)owner.Find(name)!.Value;

    private static YamlNode SchemaIn(YamlMapping content) => Map((YamlMapping)content.Entries[0].Value, "schema");
}
