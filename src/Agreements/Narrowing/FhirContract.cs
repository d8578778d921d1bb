using System.Collections.Immutable;
using System.Text.Json.Nodes;
using Agreements.Contracts;
using Wording;

namespace Agreements.Narrowing;

/// <summary>
/// One granted FHIR search as OpenAPI: the parameters of the grant, and a Bundle of the released elements (health page, sections 2 to 5).
/// The contract is <c>contracts/fhir</c>; FHIR itself knows no schema so narrow.
/// </summary>
internal sealed class FhirContract(
    ContractCopy copy,
    FhirType type,
    Operation operation,
    Grant grant,
    GrantedOperation granted,
    string purpose
)
{
    private const string Instant = "date-time";

    /// <summary>The operation.</summary>
    public JsonObject Write()
    {
        var written = new JsonObject
        {
            ["operationId"] = operation.Id,
            ["summary"] = operation.Title?.En ?? operation.Id,
            ["x-purposes"] = new JsonArray(JsonValue.Create(purpose)),
            ["x-subject"] = "required",
            ["requestBody"] = new JsonObject
            {
                ["required"] = true,
                ["content"] = Content("application/x-www-form-urlencoded", Question()),
            },
            ["responses"] = new JsonObject
            {
                ["200"] = Answer("answered", Reference("Bundle" + type.Name, Bundle())),
                ["default"] = Answer("not-answered", Reference("OperationOutcome", Outcome())),
            },
        };
        if (operation.Title is { } title)
            written["x-title"] = NarrowedContract.Titles(title);
        if (GrantHeaders.Of(grant, operation) is { Count: > 0 } headers)
            written["parameters"] = headers;
        return written;
    }

    private JsonObject Question()
    {
        var person = type.Search[0] + ":identifier";
        var parameters = new JsonObject
        {
            [person] = Described.With("person", Text(), Blank.List(grant.SubjectSchemes)),
            ["_count"] = new JsonObject
            {
                ["type"] = "integer",
                ["minimum"] = 1,
                ["maximum"] = 200,
            },
            ["_format"] = new JsonObject { ["type"] = "string", ["enum"] = Texts(["json", "application/fhir+json"]) },
        };
        foreach (var name in granted.Search.Where(name => name != type.Search[0]))
            parameters[name] = Described.With(name == "date" ? "date" : "coding", Text());
        return Closed(parameters, [person, .. type.SearchRequired]);
    }

    private JsonObject Bundle() =>
        Closed(
            new JsonObject
            {
                ["resourceType"] = Constant("Bundle"),
                ["meta"] = Tags(),
                ["type"] = Constant("searchset"),
                ["timestamp"] = new JsonObject { ["type"] = "string", ["format"] = Instant },
                ["total"] = new JsonObject { ["type"] = "integer", ["minimum"] = 0 },
                ["link"] = Array(Closed(new JsonObject { ["relation"] = Text(), ["url"] = Text() }, ["relation", "url"])),
                ["entry"] = Array(
                    Closed(
                        new JsonObject
                        {
                            ["fullUrl"] = Text(),
                            ["resource"] = new JsonObject
                            {
                                ["oneOf"] = new JsonArray(Reference(type.Name, Resource()), Reference("OperationOutcome", Outcome())),
                            },
                            ["search"] = Closed(
                                new JsonObject
                                {
                                    ["mode"] = new JsonObject { ["type"] = "string", ["enum"] = Texts(["match", "outcome"]) },
                                },
                                ["mode"]
                            ),
                        },
                        ["fullUrl", "resource", "search"]
                    )
                ),
            },
            ["resourceType", "meta", "type", "timestamp", "total", "link"]
        );

    private JsonObject Resource()
    {
        var members = new JsonObject
        {
            ["resourceType"] = Constant(type.Name),
            ["meta"] = Tags(),
            [type.Subject] = Closed(
                new JsonObject { ["identifier"] = Closed(new JsonObject { ["system"] = Text(), ["value"] = Text() }, ["system", "value"]) },
                ["identifier"]
            ),
        };
        Elements(members, [.. granted.Release.Where(type.Elements.ContainsKey).Select(path => type.Elements[path])], depth: 0);
        return Closed(members, ["resourceType", "meta", type.Subject]);
    }

    private static void Elements(JsonObject members, ImmutableArray<FhirElement> elements, int depth)
    {
        foreach (var group in elements.GroupBy(element => element.Path.Split('.')[depth], StringComparer.Ordinal))
        {
            var first = group.First();
            JsonObject schema;
            if (first.Path.Split('.').Length == depth + 1)
                schema = Leaf(first);
            else
            {
                var inner = new JsonObject();
                Elements(inner, [.. group], depth + 1);
                schema = Closed(inner, []);
            }

            members[group.Key] = first.Repeats[depth] ? Array(schema) : schema;
        }
    }

    private static JsonObject Leaf(FhirElement element)
    {
        var leaf = new JsonObject
        {
            ["type"] = element.Kind switch
            {
                "boolean" => "boolean",
                "integer" or "positiveInt" => "integer",
                _ => "string",
            },
        };
        if (element.Kind == "positiveInt")
            leaf["minimum"] = 1;
        if (element.Values is { } values)
            leaf["enum"] = Texts(values.Order(StringComparer.Ordinal));
        return leaf;
    }

    private static JsonObject Outcome() =>
        new()
        {
            ["type"] = "object",
            ["required"] = Texts(["resourceType", "issue"]),
            ["properties"] = new JsonObject
            {
                ["resourceType"] = Constant("OperationOutcome"),
                ["issue"] = Array(new JsonObject { ["type"] = "object" }),
            },
        };

    private static JsonObject Tags() =>
        Closed(
            new JsonObject { ["tag"] = Array(Closed(new JsonObject { ["system"] = Text(), ["code"] = Text() }, ["system", "code"])) },
            ["tag"]
        );

    private JsonObject Reference(string name, JsonObject schema) => new() { ["$ref"] = copy.Add("schemas", name, schema) };

    private static JsonObject Content(string media, JsonObject schema) => new() { [media] = new JsonObject { ["schema"] = schema } };

    private static JsonObject Closed(JsonObject members, IEnumerable<string> required)
    {
        var schema = new JsonObject
        {
            ["type"] = "object",
            ["properties"] = members,
            ["additionalProperties"] = false,
        };
        if (Texts(required) is { Count: > 0 } names)
            schema["required"] = names;
        return schema;
    }

    private static JsonObject Array(JsonObject items) => new() { ["type"] = "array", ["items"] = items };

    private static JsonObject Constant(string value) => new() { ["type"] = "string", ["const"] = value };

    private static JsonObject Text() => new() { ["type"] = "string" };

    private static JsonObject Answer(string key, JsonObject schema) =>
        Described.With(key, new JsonObject { ["content"] = Content("application/fhir+json", schema) });

    private static JsonArray Texts(IEnumerable<string> values) =>
        new([.. values.Select(static value => (JsonNode)JsonValue.Create(value))]);
}
