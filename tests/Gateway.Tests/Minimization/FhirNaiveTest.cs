using System.Text;
using System.Text.Json.Nodes;
using FsCheck;
using FsCheck.Fluent;
using Gateway.Minimization;
using Xunit;

namespace Gateway.Tests.Minimization;

/// <summary>The streaming filter equals a naive one over an object model, on generated Bundles.</summary>
public sealed class FhirNaiveTest
{
    private const string Calendar = "urn:ma:pni:calendrier";
    private const string Forecast = "http://terminology.hl7.org/CodeSystem/immunization-recommendation-status";

    [Fact]
    public void The_streaming_filter_keeps_exactly_what_a_naive_one_keeps()
    {
        var minimizer = FhirMinimizer.Compile(SomeFhir.ImmunizationRecommendation, SomeFhir.Vaccination);
        var seen = new Dictionary<string, int>();
        Check.One(Config.QuickThrowOnFailure.WithMaxTest(3000), Prop.ForAll(Gen.Choose(0, int.MaxValue).ToArbitrary(), seed =>
            {
                var bundle = Bundle(new Random(seed));
                Assert.True(
                    minimizer.Read(SomeFhir.Terms(), Encoding.UTF8.GetBytes(bundle.ToJsonString())).Allows(out var answer, out var refusal),
                    refusal?.Reason
                );
                var (status, resources) = Naive(bundle);
                seen[status] = seen.GetValueOrDefault(status) + 1;
                Assert.Equal(status, answer.MatchStatus);
                var actual = answer.Released.IsEmpty
                    ? []
                    : JsonNode.Parse(answer.Released.Span)!.AsArray().Select(entry => entry!["resource"]!).ToList();
                Assert.Equal(resources.Select(one => one.ToJsonString()), actual.Select(one => one.ToJsonString()));
            }));
        Assert.True(
            seen.GetValueOrDefault("MATCHED") > 100
                && seen.GetValueOrDefault("UNAVAILABLE") > 100
                && seen.GetValueOrDefault("NOT_FOUND") > 10
        );
    }

    private static JsonObject Bundle(Random random)
    {
        var entries = new JsonArray();
        for (var i = random.Next(4); i > 0; i--)
            entries.Add(
                new JsonObject
                {
                    ["fullUrl"] = "https://x",
                    ["resource"] = random.Next(5) == 0 ? new JsonObject { ["resourceType"] = "Patient" } : Recommendation(random),
                }
            );
        return new JsonObject
        {
            ["resourceType"] = "Bundle",
            ["type"] = "searchset",
            ["timestamp"] = "2026-10-12T22:00:00Z",
            ["entry"] = entries,
        };
    }

    private static JsonObject Recommendation(Random random)
    {
        var resource = new JsonObject { ["resourceType"] = "ImmunizationRecommendation" };
        var parts = new List<(string Name, JsonNode? Value)>
        {
            (
                "patient",
                new JsonObject
                {
                    ["display"] = "X",
                    ["identifier"] = new JsonObject { ["system"] = "urn:anss:id:health", ["value"] = SomeFhir.Infant.Value },
                }
            ),
        };
        if (random.Next(8) > 0)
            parts.Add(("date", "2026-10-12"));
        if (random.Next(8) > 0)
            parts.Add(("recommendation", new JsonArray([.. Enumerable.Range(0, random.Next(4)).Select(_ => Item(random))])));
        if (random.Next(2) == 0)
            parts.Add(("text", new JsonObject { ["div"] = "X" }));
        if (random.Next(2) == 0)
            parts.Add(("identifier", new JsonArray()));
        foreach (var (name, value) in parts.OrderBy(_ => random.Next()))
            resource[name] = value;
        return resource;
    }

    private static JsonObject Item(Random random)
    {
        var item = new JsonObject();
        if (random.Next(10) > 0)
            item["vaccineCode"] = new JsonArray([
                .. Enumerable.Range(0, random.Next(1, 3)).Select(_ => Concept(random, Calendar, "2026", "2025")),
            ]);
        if (random.Next(10) > 0)
            item["forecastStatus"] = Concept(random, Forecast, random.Next(2) == 0 ? "due" : "complete", "local");
        if (random.Next(3) == 0)
            item["description"] = "X";
        if (random.Next(3) == 0)
            item["targetDisease"] = Concept(random, "urn:x", "a", "b");
        return item;
    }

    private static JsonObject Concept(Random random, string system, string good, string bad)
    {
        var codings = new JsonArray();
        for (var i = random.Next(random.Next(6) == 0 ? 1 : 4); i > 0; i--)
            codings.Add(
                new JsonObject
                {
                    ["system"] = system,
                    ["code"] = random.Next(4) == 0 ? bad : good,
                    ["display"] = "X",
                }
            );
        var concept = new JsonObject { ["text"] = "X" };
        if (codings.Count > 0)
            concept["coding"] = codings;
        return concept;
    }

    // The rules of the page once more, with an object model and without streaming.
    private static (string Status, List<JsonObject> Resources) Naive(JsonObject bundle)
    {
        var (kept, known, missing, others) = (new List<JsonObject>(), false, false, false);
        foreach (var entry in bundle["entry"]!.AsArray())
        {
            var resource = entry!["resource"]!.AsObject();
            others |= (string?)resource["resourceType"] == "Patient";
            if ((string?)resource["resourceType"] != "ImmunizationRecommendation")
                continue;
            known = true;
            var (fate, written) = One(resource);
            if (fate == "kept")
                kept.Add(written);
            missing |= fate == "missing";
        }

        return missing ? ("UNAVAILABLE", [])
            : known ? ("MATCHED", kept)
            : (others ? "UNAVAILABLE" : "NOT_FOUND", []);
    }

    private static (string Fate, JsonObject Written) One(JsonObject resource)
    {
        var written = new JsonObject
        {
            ["resourceType"] = "ImmunizationRecommendation",
            ["meta"] = JsonNode.Parse(
                """{"tag":[{"system":"http://terminology.hl7.org/CodeSystem/v3-ObservationValue","code":"SUBSETTED"}]}"""
            ),
        };
        var (items, dropped, missing) = (new JsonArray(), 0, !resource.ContainsKey("date"));
        foreach (var item in resource["recommendation"]?.AsArray() ?? [])
        {
            var (fate, value) = ItemOf(item!.AsObject());
            if (fate == "kept")
                items.Add(value);
            if (fate == "dropped")
                dropped++;
            missing |= fate == "missing";
        }

        // Whose every item was dropped for its codes is dropped itself; that one of them is missing something is said first.
        if (resource["recommendation"]?.AsArray().Any(item => ItemOf(item!.AsObject()).Fate == "missing") == true)
            return ("missing", written);
        if (items.Count == 0 && dropped > 0)
            return ("dropped", written);
        if (missing || items.Count == 0)
            return ("missing", written);
        foreach (var (name, _) in resource)
        {
            if (name == "patient")
                written["patient"] = new JsonObject
                {
                    ["identifier"] = new JsonObject { ["system"] = "urn:anss:id:health", ["value"] = SomeFhir.Infant.Value },
                };
            if (name == "date")
                written["date"] = "2026-10-12";
            if (name == "recommendation")
                written["recommendation"] = items;
        }

        return ("kept", written);
    }

    private static (string Fate, JsonObject Value) ItemOf(JsonObject item)
    {
        var value = new JsonObject();
        var emptied = false;
        foreach (var (name, element) in item)
        {
            if (name == "forecastStatus" && Codings(element!, ref emptied, code => code is "due" or "complete") is { } status)
                value[name] = status;
            if (name != "vaccineCode")
                continue;
            var concepts = new JsonArray();
            foreach (var concept in element!.AsArray())
                if (Codings(concept!, ref emptied, code => code == "2026") is { } good)
                    concepts.Add(good);
            if (concepts.Count > 0)
                value[name] = concepts;
        }

        return (
            emptied ? "dropped"
            : value.Count < 2 ? "missing"
            : "kept",
            value
        );
    }

    private static JsonObject? Codings(JsonNode concept, ref bool emptied, Func<string, bool> allowed)
    {
        if (concept["coding"] is not JsonArray codings)
            return null;
        var kept = codings
            .Where(coding => allowed((string)coding!["code"]!))
            .Select(coding => new JsonObject { ["system"] = (string)coding!["system"]!, ["code"] = (string)coding["code"]! })
            .ToArray<JsonNode>();
        emptied |= kept.Length == 0;
        return kept.Length == 0 ? null : new JsonObject { ["coding"] = new JsonArray(kept) };
    }
}
