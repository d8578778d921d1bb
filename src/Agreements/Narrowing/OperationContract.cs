using System.Text.Json.Nodes;
using Agreements.Contracts;
using Agreements.Loading.OpenApi;
using Agreements.Loading.Yaml;

namespace Agreements.Narrowing;

/// <summary>One granted operation of <c>contracts/openapi</c>, with the further routes of a batch.</summary>
internal sealed class OperationContract(
    ContractCopy copy,
    DocumentSet documents,
    Operation operation,
    Grant grant,
    GrantedOperation granted,
    string purpose
)
{
    /// <summary>Adds its routes.</summary>
    public void Write(JsonObject paths)
    {
        foreach (var document in documents.All)
            foreach (var path in (document.Root.Find("paths")?.Value as YamlMapping)?.Entries ?? [])
                foreach (var method in ((YamlMapping)path.Value).Entries)
                {
                    if (method.Value is not YamlMapping map || !IsMine(map, out var part))
                        continue;
                    if (paths[path.Key] is not JsonObject item)
                    {
                        paths[path.Key] = item = [];
                        if (((YamlMapping)path.Value).Find("parameters") is { } parameters)
                            item["parameters"] = copy.Of(parameters.Value, document);
                    }

                    item[method.Key] = ContractCopy.Members(map, entry => Member(entry, document, part));
                    if (part is null && GrantHeaders.Of(grant, operation) is { Count: > 0 } headers)
                        item[method.Key]!["parameters"] = headers;
                }
    }

    private bool IsMine(YamlMapping map, out string? part)
    {
        part = (map.Find("x-part")?.Value as YamlScalar)?.Value;
        return (map.Find(part is null ? "operationId" : "x-part-of")?.Value as YamlScalar)?.Value == operation.Id;
    }

    private JsonNode? Member(YamlEntry entry, Document document, string? part) =>
        entry switch
        {
            { Key: "x-purposes" } => new JsonArray(JsonValue.Create(purpose)),
            { Key: "requestBody", Value: YamlMapping body } => Content(body, document, schema =>
                new RequestNarrowing(copy, grant, granted.Release).Schema(schema, document)
            ),
            { Key: "responses", Value: YamlMapping responses } when Narrows(part) => ContractCopy.Members(responses, response =>
                response.Value is YamlMapping answer && answer.Find("$ref") is null
                    ? Content(answer, document, schema => new AnswerNarrowing(copy, granted.Release).Schema(schema, document))
                    : copy.Of(response.Value, document)
            ),
            _ => copy.Of(entry.Value, document),
        };

    // A manifest says nothing of a person, and what the gateway answers itself is in no release list.
    private bool Narrows(string? part) => !operation.AnsweredByGateway && (operation.BatchOf is null ? part is null : part == "results");

    private JsonObject Content(YamlMapping body, Document document, Func<YamlNode, JsonNode> schema) =>
        ContractCopy.Members(body, member =>
            member is { Key: "content", Value: YamlMapping media }
                ? ContractCopy.Members(media, one =>
                    ContractCopy.Members((YamlMapping)one.Value, inner =>
                        inner.Key == "schema" ? schema(inner.Value) : copy.Of(inner.Value, document)
                    )
                )
                : copy.Of(member.Value, document)
        );
}
