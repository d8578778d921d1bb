using System.Collections.Immutable;
using System.Text.Json.Nodes;
using Agreements.Loading;
using Agreements.Loading.OpenApi;
using Agreements.Loading.Yaml;
using Agreements.Narrowing;
using FsCheck;
using FsCheck.Fluent;

namespace Agreements.Tests.Narrowing;

/// <summary>The narrowed document shows what is released and nothing else, whatever an agreement releases.</summary>
public sealed class NarrowedContractTest
{
    [Fact]
    public void Of_any_release_exactly_the_released_leaves_are_in_the_answers_schema()
    {
        using var contracts = new TheContracts();
        var registry = contracts.Load().Registry!;
        var whole = registry.FindGrant("ANSS-MENPS-2026-01", "anss", "FILE_ASSISTANCE", "education.school-enrolment.read")!;
        string[] all =
        [
            "enrolment.status",
            "enrolment.schoolYear",
            "enrolment.since",
            "enrolment.cycle",
            "enrolment.sector",
            "enrolment.schoolCode",
        ];
        Check.One(Config.QuickThrowOnFailure.WithMaxTest(80), Prop.ForAll(Gen.SubListOf(all).ToArbitrary(), picked =>
            {
                var document = Write(registry, whole, [.. picked]);
                var answer = document["paths"]!["/education/v1/school-enrolments/query"]!["post"]!["responses"]!["200"]!["content"]![
                    "application/json"
                ]!["schema"]!;
                var told = Leaves(document, answer, "")
                    .Where(static leaf => leaf.StartsWith("enrolment.", StringComparison.Ordinal))
                    .ToHashSet(StringComparer.Ordinal);
                return told.SetEquals(picked) && Leaves(document, answer, "").Contains("matchStatus");
            }));
    }

    [Fact]
    public void A_partner_is_told_nothing_of_the_provider_and_only_the_identifiers_that_it_may_send()
    {
        using var contracts = new TheContracts();
        var registry = contracts.Load().Registry!;
        var text = Write(
                registry,
                registry.FindGrant("ANSS-MENPS-2026-01", "anss", "ASD_SCHOOLING", "education.school-enrolment.batch")!,
                ["enrolment.status"]
            )
            .ToJsonString();
        foreach (var hidden in (string[])["x-provider", "x-status", "x-written-by", "household-id", "yaml#", "employment"])
            Assert.DoesNotContain(hidden, text, StringComparison.Ordinal);
        Assert.Contains("Idempotency-Key", text, StringComparison.Ordinal);
    }

    [Fact]
    public void Two_answers_of_one_name_that_release_different_fields_stay_two()
    {
        using var contracts = new TheContracts();
        var registry = contracts.Load().Registry!;
        var (single, batch) = (
            registry.FindGrant("ANSS-MENPS-2026-01", "anss", "ASD_SCHOOLING", "education.school-enrolment.read")!,
            registry.FindGrant("ANSS-MENPS-2026-01", "anss", "ASD_SCHOOLING", "education.school-enrolment.batch")!
        );
        var document = JsonNode.Parse(
            NarrowedContract
                .Write(
                    new NarrowedView(
                        registry,
                        single.Agreement,
                        registry.Clients["anss-eligibility"],
                        "ASD_SCHOOLING",
                        [
                            (single.Grant, single.Operation with { Release = ["enrolment.status"] }),
                            (batch.Grant, batch.Operation with { Release = ["enrolment.status", "enrolment.since"] }),
                        ],
                        "https://localhost:8443"
                    )
                )
                .Span
        )!;
        Assert.Equal(["enrolment.status"], Told("/education/v1/school-enrolments/query", "post", "application/json"));
        Assert.Equal(
            ["enrolment.since", "enrolment.status"],
            Told("/education/v1/school-enrolment-batches/{batchId}/results", "get", "application/x-ndjson")
        );

        IEnumerable<string> Told(string path, string method, string media) =>
            Leaves(document, document["paths"]![path]![method]!["responses"]!["200"]!["content"]![media]!["schema"]!, "")
                .Where(static leaf => leaf.StartsWith("enrolment.", StringComparison.Ordinal))
                .Distinct()
                .Order(StringComparer.Ordinal);
    }

    [Fact]
    public void Only_what_every_answer_has_is_required()
    {
        using var contracts = new TheContracts();
        var registry = contracts.Load().Registry!;
        var document = Write(
            registry,
            registry.FindGrant("ANSS-MENPS-2026-01", "anss", "FILE_ASSISTANCE", "education.school-enrolment.read")!,
            ["enrolment.status"]
        );
        var (path, required) = (
            document["paths"]!["/education/v1/school-enrolments/query"]!["post"]!,
            new HashSet<string>(StringComparer.Ordinal)
        );
        Required(document, path["responses"]!["200"]!["content"]!["application/json"]!["schema"]!, required);
        Assert.Equal(["matchStatus", "schemaVersion"], required.Order(StringComparer.Ordinal));
    }

    [Fact]
    public void A_member_whose_name_only_begins_like_a_released_field_is_not_told()
    {
        var report = new FileReport("hand.yaml", [], new SharedValues());
        var root = StrictYaml.Read(
            "properties:\n  person:\n    type: object\n    properties: { name: { type: string } }\n  personal:\n    type: object\n    properties: { code: { type: string } }\n"u8,
            report
        )!;
        var schema = new AnswerNarrowing(new ContractCopy(new DocumentSet()), ["personal.code"]).Schema(
            root,
            new Document("hand.yaml", root, report)
        );
        Assert.Equal(["personal"], schema["properties"]!.AsObject().Select(static property => property.Key));
    }

    [Fact]
    public void Each_operation_is_told_with_the_headers_that_its_grant_demands_or_admits_and_no_other()
    {
        using var contracts = new TheContracts();
        var registry = contracts.Load().Registry!;
        foreach (var (agreement, grant, granted) in Granted(registry))
        {
            var operation = registry.Operations[granted.Id];
            var demands = operation.AnsweredByGateway
                ? []
                : new[] { ("Case-Reference", grant.CaseReference), ("Agent", grant.Agent), ("Consent-Reference", grant.Consent) };
            var expected = demands
                .Where(static one => one.Item2 is not Demand.None)
                .Select(static one => $"{one.Item1} {one.Item2 is Demand.Required}")
                .Concat(operation.AnsweredByGateway || operation.BatchOf is not null ? ["Idempotency-Key True"] : []);
            foreach (var method in Methods(Write(registry, new GrantMatch(agreement, grant, granted), granted.Release)))
            {
                var told = (method["parameters"]?.AsArray() ?? [])
                    .Where(static one => (string?)one!["in"] == "header")
                    .Select(static one =>
                        $"{one!["name"]} {one["required"]}"
                            .Replace("true", "True", StringComparison.Ordinal)
                            .Replace("false", "False", StringComparison.Ordinal)
                    );
                Assert.Equal(method["x-part-of"] is null ? expected.Order(StringComparer.Ordinal) : [], told.Order(StringComparer.Ordinal));
                if (method["x-purposes"] is { } purposes)
                    Assert.Equal([grant.Purpose], purposes.AsArray().Select(static one => (string)one!));
            }
        }
    }

    [Fact]
    public void A_question_may_name_the_released_fields_and_no_other()
    {
        using var contracts = new TheContracts();
        var registry = contracts.Load().Registry!;
        var document = Write(
            registry,
            registry.FindGrant("ANSS-MENPS-2026-01", "anss", "FILE_ASSISTANCE", "education.school-enrolment.read")!,
            ["enrolment.status", "enrolment.cycle"]
        );
        var fields = Find(
            document,
            document["paths"]!["/education/v1/school-enrolments/query"]!["post"]!["requestBody"]!["content"]!["application/json"]![
                "schema"
            ]!,
            "fields"
        )!;
        Assert.Equal(["enrolment.status", "enrolment.cycle"], fields["items"]!["enum"]!.AsArray().Select(static one => (string)one!));
    }

    [Fact]
    public void A_search_holds_the_granted_parameters_the_demanded_ones_as_such_and_the_released_elements()
    {
        using var contracts = new TheContracts();
        var registry = contracts.Load().Registry!;
        var searches = Granted(registry).Where(one => registry.Operations[one.Operation.Id].FhirType is not null).ToList();
        Assert.NotEmpty(searches);
        foreach (var (agreement, grant, granted) in searches)
        {
            var type = registry.FhirTypes[registry.Operations[granted.Id].FhirType!];
            // Less than is granted, so that what is left out shows.
            var (release, search) = (granted.Release[..^1], granted.Search.Take(1).ToImmutableArray());
            var document = Write(registry, new GrantMatch(agreement, grant, granted with { Search = search }), release);
            var question = Assert.Single(Methods(document))["requestBody"]!["content"]!["application/x-www-form-urlencoded"]!["schema"]!;
            var person = type.Search[0] + ":identifier";
            Assert.Equal(
                new[] { person, "_count", "_format" }.Concat(search.Where(name => name != type.Search[0])).Order(StringComparer.Ordinal),
                question["properties"]!.AsObject().Select(static one => one.Key).Order(StringComparer.Ordinal)
            );
            Assert.Equal(type.SearchRequired.Prepend(person), question["required"]!.AsArray().Select(static one => (string)one!));
            var told = Leaves(document, document["components"]!["schemas"]![type.Name]!, "");
            Assert.Equal(
                release
                    .Where(type.Elements.ContainsKey)
                    .Concat([
                        "resourceType",
                        "meta.tag.system",
                        "meta.tag.code",
                        type.Subject + ".identifier.system",
                        type.Subject + ".identifier.value",
                    ])
                    .Distinct()
                    .Order(StringComparer.Ordinal),
                told.Distinct().Order(StringComparer.Ordinal)
            );
        }
    }

    [Theory]
    [InlineData("anss-eligibility", "certificate token", "bearer")]
    [InlineData("anss-field", "token", "DPoP")]
    public void A_caller_is_told_the_binding_of_its_own_tokens(string client, string schemes, string scheme)
    {
        using var contracts = new TheContracts();
        var registry = contracts.Load().Registry!;
        var document = Write(
            registry,
            registry.FindGrant("ANSS-MENPS-2026-01", "anss", "ASD_SCHOOLING", "education.school-enrolment.read")!,
            ["enrolment.status"],
            client
        );
        Assert.Equal(schemes, string.Join(' ', document["security"]![0]!.AsObject().Select(static one => one.Key)));
        Assert.Equal(schemes, string.Join(' ', document["components"]!["securitySchemes"]!.AsObject().Select(static one => one.Key)));
        Assert.Equal(scheme, (string?)document["components"]!["securitySchemes"]!["token"]!["scheme"]);
    }

    private static IEnumerable<(Agreement Agreement, Grant Grant, GrantedOperation Operation)> Granted(Registry registry) =>
        from agreement in registry.Agreements.Values
        from grant in agreement.Grants
        from operation in grant.Operations
        select (agreement, grant, operation);

    private static IEnumerable<JsonNode> Methods(JsonNode document) =>
        document["paths"]!
            .AsObject()
            .SelectMany(static path => path.Value!.AsObject())
            .Where(static method => method.Key != "parameters")
            .Select(static method => method.Value!);

    private static void Required(JsonNode document, JsonNode schema, HashSet<string> names)
    {
        if ((string?)schema["$ref"] is { } reference)
            Required(document, document["components"]!["schemas"]![reference.Split('/')[^1]]!, names);
        foreach (var name in schema["required"]?.AsArray() ?? [])
            names.Add((string)name!);
        foreach (var part in schema["allOf"]?.AsArray() ?? [])
            Required(document, part!, names);
    }

    private static JsonNode? Find(JsonNode document, JsonNode schema, string property) =>
        (string?)schema["$ref"] is { } reference
            ? Find(document, document["components"]!["schemas"]![reference.Split('/')[^1]]!, property)
            : schema["properties"]?[property]
                ?? (schema["allOf"]?.AsArray() ?? [])
                    .Select(part => Find(document, part!, property))
                    .FirstOrDefault(static found => found is not null);

    private static JsonNode Write(
        Registry registry,
        GrantMatch match,
        ImmutableArray<string> release,
        string client = "anss-eligibility"
    ) =>
        JsonNode.Parse(
            NarrowedContract
                .Write(
                    new NarrowedView(
                        registry,
                        match.Agreement,
                        registry.Clients[client],
                        match.Grant.Purpose,
                        [(match.Grant, match.Operation with { Release = release })],
                        "https://localhost:8443"
                    )
                )
                .Span
        )!;

    private static IEnumerable<string> Leaves(JsonNode document, JsonNode schema, string path)
    {
        if ((string?)schema["$ref"] is { } reference)
            return Leaves(document, document["components"]!["schemas"]![reference.Split('/')[^1]]!, path);
        var members = (schema["allOf"]?.AsArray() ?? []).SelectMany(part => Leaves(document, part!, path));
        if (schema["properties"] is JsonObject properties)
            return members.Concat(
                properties.SelectMany(property =>
                    Leaves(document, property.Value!, path.Length == 0 ? property.Key : $"{path}.{property.Key}")
                )
            );
        return schema["items"] is { } items ? Leaves(document, items, path)
            : schema["allOf"] is null ? [path]
            : members;
    }
}
