using System.Collections.Immutable;
using System.Text.Json.Nodes;
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
        string[] all = ["enrolment.status", "enrolment.schoolYear", "enrolment.since", "enrolment.cycle", "enrolment.sector", "enrolment.schoolCode"];
        Check.One(Config.QuickThrowOnFailure.WithMaxTest(80), Prop.ForAll(Gen.SubListOf(all).ToArbitrary(), picked =>
        {
            var document = Write(registry, whole, [.. picked]);
            var answer = document["paths"]!["/education/v1/school-enrolments/query"]!["post"]!["responses"]!["200"]!["content"]!["application/json"]!["schema"]!;
            var told = Leaves(document, answer, "").Where(static leaf => leaf.StartsWith("enrolment.", StringComparison.Ordinal)).ToHashSet(StringComparer.Ordinal);
            return told.SetEquals(picked) && Leaves(document, answer, "").Contains("matchStatus");
        }));
    }

    [Fact]
    public void A_partner_is_told_nothing_of_the_provider_and_only_the_identifiers_that_it_may_send()
    {
        using var contracts = new TheContracts();
        var registry = contracts.Load().Registry!;
        var text = Write(registry, registry.FindGrant("ANSS-MENPS-2026-01", "anss", "ASD_SCHOOLING", "education.school-enrolment.batch")!, ["enrolment.status"]).ToJsonString();
        foreach (var hidden in (string[])["x-provider", "x-status", "x-written-by", "household-id", "yaml#", "employment"]) Assert.DoesNotContain(hidden, text, StringComparison.Ordinal);
        Assert.Contains("Idempotency-Key", text, StringComparison.Ordinal);
    }

    private static JsonNode Write(Registry registry, GrantMatch match, ImmutableArray<string> release) => JsonNode.Parse(NarrowedContract.Write(new NarrowedView(
        registry, match.Agreement, registry.Clients["anss-eligibility"], match.Grant.Purpose, [(match.Grant, match.Operation with { Release = release })], "https://localhost:8443")).Span)!;

    private static IEnumerable<string> Leaves(JsonNode document, JsonNode schema, string path)
    {
        if ((string?)schema["$ref"] is { } reference) return Leaves(document, document["components"]!["schemas"]![reference.Split('/')[^1]]!, path);
        var members = (schema["allOf"]?.AsArray() ?? []).SelectMany(part => Leaves(document, part!, path));
        if (schema["properties"] is JsonObject properties) return members.Concat(properties.SelectMany(property => Leaves(document, property.Value!, path.Length == 0 ? property.Key : $"{path}.{property.Key}")));
        return schema["items"] is { } items ? Leaves(document, items, path) : schema["allOf"] is null ? [path] : members;
    }
}
