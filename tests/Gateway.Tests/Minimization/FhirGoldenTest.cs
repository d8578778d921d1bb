using System.Text;
using System.Text.Json.Nodes;
using Agreements;
using Agreements.Contracts;
using Gateway.Minimization;
using Xunit;

namespace Gateway.Tests.Minimization;

public sealed class FhirGoldenTest
{
    [Fact]
    public void The_rich_upstream_bundle_becomes_the_golden_facade_bundle() =>
        AssertGolden(
            SomeFhir.ImmunizationRecommendation,
            SomeFhir.Vaccination,
            SomeFhir.Terms(),
            File.ReadAllText(Example("upstream/bundle-immunization-recommendation-rich.json")),
            "bundle-immunization-recommendation.json"
        );

    [Fact]
    public void A_cover_becomes_the_golden_cover_with_the_payor_of_our_file() =>
        AssertGolden(
            SomeFhir.Coverage,
            SomeFhir.Cover,
            SomeFhir.Terms(SomeFhir.Mother),
            Bundle(
                """
                {"resourceType":"Coverage","id":"c-1","subscriberId":"MARKER","status":"active","type":{"coding":[{"system":"urn:ma:regime","code":"AMO-TADAMON","display":"MARKER"}],"text":"MARKER"},
                 "payor":[{"display":"MARKER"}],"beneficiary":{"identifier":{"system":"urn:anss:id:health","value":"hea_3FSZ4KW05WDPGET156SAK17Q28"},"display":"MARKER"},
                 "period":{"start":"2026-01-01","end":"2026-12-31"},"class":[{"value":"MARKER"}]}
                """
            ),
            "bundle-coverage.json"
        );

    [Fact]
    public void A_count_of_visits_becomes_the_golden_observation() =>
        AssertGolden(
            SomeFhir.Observation,
            SomeFhir.Visits,
            SomeFhir.Terms(SomeFhir.Mother),
            Bundle(
                """
                {"resourceType":"Observation","id":"o-1","status":"final","code":{"coding":[{"system":"http://loinc.org","code":"68493-6"},{"system":"urn:local","code":"MARKER"}]},
                 "subject":{"identifier":{"system":"urn:anss:id:health","value":"hea_3FSZ4KW05WDPGET156SAK17Q28"}},"effectiveDateTime":"2026-09-11","valueInteger":2,"note":[{"text":"MARKER"}]}
                """
            ),
            "bundle-prenatal-visits.json"
        );

    [Fact]
    public void Nobody_known_becomes_the_golden_not_found() =>
        AssertGolden(SomeFhir.ImmunizationRecommendation, SomeFhir.Vaccination, SomeFhir.Terms(), Bundle(), "bundle-not-found.json");

    [Fact]
    public void Two_records_become_the_golden_ambiguous() =>
        AssertGolden(
            SomeFhir.ImmunizationRecommendation,
            SomeFhir.Vaccination,
            SomeFhir.Terms(),
            Bundle(
                """{"resourceType":"OperationOutcome","issue":[{"severity":"warning","code":"multiple-matches","diagnostics":"MARKER"}]}"""
            ),
            "bundle-ambiguous.json"
        );

    [Fact]
    public void Doses_become_the_golden_immunizations()
    {
        var golden = JsonNode.Parse(File.ReadAllText(Example("facade/bundle-immunization.json")))!;
        var resources = golden["entry"]!
            .AsArray()
            .Select(entry =>
            {
                var resource = entry!["resource"]!.DeepClone();
                resource["meta"] = JsonNode.Parse("""{"versionId":"MARKER"}""");
                resource["lotNumber"] = "MARKER";
                return resource.ToJsonString();
            });
        var codes = golden["entry"]!
            .AsArray()
            .Select(entry =>
                (
                    "vaccineCode.coding",
                    (string)entry!["resource"]!["vaccineCode"]!["coding"]![0]!["system"]!,
                    (string)entry["resource"]!["vaccineCode"]!["coding"]![0]!["code"]!
                )
            );
        var granted = SomeFhir.Granted(
            "health.immunization.read",
            "patient",
            [
                "status",
                "vaccineCode.coding.system",
                "vaccineCode.coding.code",
                "occurrence[x]",
                "isSubpotent",
                "protocolApplied.doseNumber[x]",
            ],
            ["patient"],
            [.. codes]
        );
        AssertGolden(SomeFhir.Immunization, granted, SomeFhir.Terms(), Bundle([.. resources]), "bundle-immunization.json");
    }

    internal static string Example(string relative)
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
            if (File.Exists(Path.Combine(folder.FullName, "Gateway.sln")))
                return Path.Combine(folder.FullName, "contracts", "fhir", "examples", relative);
        throw new InvalidOperationException("The tests run inside the project.");
    }

    internal static string Bundle(params string[] resources)
    {
        var entries = string.Join(
            ',',
            resources.Select(resource => """{"fullUrl":"https://MARKER/x","resource":""" + resource + ""","search":{"mode":"match"}}""")
        );
        return """{"resourceType":"Bundle","type":"searchset","timestamp":"2026-10-12T22:00:00Z","entry":[""" + entries + "]}";
    }

    internal static Disclosure Disclosed(FhirType type, GrantedOperation granted, ReleaseTerms terms, string upstream)
    {
        var minimizer = FhirMinimizer.Compile(type, granted);
        Assert.True(minimizer.Read(terms, Encoding.UTF8.GetBytes(upstream)).Allows(out var answer, out var refusal), refusal?.Reason);
        var combination = new Combination([new(terms.Source, terms.Provider, null)], rule: null);
        combination.Add(combination.Next!, answer);
        Assert.True(combination.Conclude().Allows(out var combined, out _));
        return minimizer.Write(terms, combined);
    }

    private static void AssertGolden(FhirType type, GrantedOperation granted, ReleaseTerms terms, string upstream, string golden)
    {
        var disclosure = Disclosed(type, granted, terms, upstream);
        Assert.DoesNotContain("MARKER", Encoding.UTF8.GetString(disclosure.Body.Span), StringComparison.Ordinal);
        var expected = JsonNode.Parse(File.ReadAllText(Example($"facade/{golden}")))!;
        var actual = JsonNode.Parse(disclosure.Body.Span)!;
        // Every fullUrl is fresh.
        foreach (var (one, other) in expected["entry"]!.AsArray().Zip(actual["entry"]!.AsArray()))
        {
            Assert.StartsWith("urn:uuid:", (string)other!["fullUrl"]!, StringComparison.Ordinal);
            Assert.NotEqual((string)one!["fullUrl"]!, (string)other["fullUrl"]!);
            other["fullUrl"] = (string)one["fullUrl"]!;
        }

        // The same text, so that the order of members is the golden one too.
        Assert.Equal(expected.ToJsonString(), actual.ToJsonString());
    }
}
