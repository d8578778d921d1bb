using System.Text;
using System.Text.Json.Nodes;
using Gateway.Minimization;
using Gateway.Requests;
using Xunit;
using static Gateway.Tests.Minimization.FhirGoldenTest;

namespace Gateway.Tests.Minimization;

/// <summary>A Bundle that shows any sign of being a part is read as none, and one that answers another search as a fault.</summary>
public sealed class FhirPartTests
{
    private const string Sound =
        """{"resourceType":"Observation","status":"final","code":{"coding":[{"system":"http://loinc.org","code":"68493-6"}]},"subject":{"identifier":{"system":"urn:anss:id:health","value":"hea_6E84H0WZF587KJF1648P65M90C"}},"effectiveDateTime":"2026-09-11","valueInteger":2}""";

    private static string Said(string body, ReleaseTerms? terms = null)
    {
        var verdict = FhirMinimizer
            .Compile(SomeFhir.Observation, SomeFhir.Visits)
            .Read(terms ?? SomeFhir.Terms(), Encoding.UTF8.GetBytes(body));
        return verdict.Allows(out var answer, out var refusal) ? answer.MatchStatus : refusal.Problem.Code;
    }

    private static string With(string members, params string[] resources) =>
        Bundle(resources).Replace("\"type\":\"searchset\"", $"{members},\"type\":\"searchset\"", StringComparison.Ordinal);

    private static string Outcome(string severity, string code) =>
        $$"""{"resourceType":"OperationOutcome","issue":[{"severity":"{{severity}}","code":"{{code}}"}]}""";

    [Theory]
    [InlineData("1", "MATCHED")]
    [InlineData("3", "UNAVAILABLE")]
    [InlineData("0", "UNAVAILABLE")]
    [InlineData("\"1\"", "UNAVAILABLE")]
    [InlineData("1.5", "UNAVAILABLE")]
    [InlineData("-1", "UNAVAILABLE")]
    [InlineData("99999999999", "UNAVAILABLE")]
    public void A_total_that_is_not_the_number_of_matches_is_a_sign(string total, string said) =>
        Assert.Equal(said, Said(With($"\"total\":{total}", Sound)));

    [Fact]
    public void Matches_that_are_counted_and_not_sent_are_missing_whatever_else_is_sent()
    {
        Assert.Equal("NOT_FOUND", Said(With("\"total\":0")));
        Assert.Equal("UNAVAILABLE", Said(With("\"total\":2")));
        Assert.Equal("UNAVAILABLE", Said("""{"resourceType":"Bundle","type":"searchset","total":1}"""));
        // What was included is no match.
        var included = JsonNode.Parse(With("\"total\":2", Sound))!;
        included["entry"]!.AsArray().Add(JsonNode.Parse("""{"resource":{"resourceType":"Patient"},"search":{"mode":"include"}}"""));
        Assert.Equal("UNAVAILABLE", Said(included.ToJsonString()));
        included["total"] = 1;
        Assert.Equal("MATCHED", Said(included.ToJsonString()));
    }

    [Theory]
    [InlineData("""{"relation":"self","url":"https://x"}""", "MATCHED")]
    [InlineData("""{"relation":"next","url":"https://x?page=2"}""", "UNAVAILABLE")]
    [InlineData("""{"url":"https://x?page=2","relation":"n\u0065xt"}""", "UNAVAILABLE")]
    [InlineData("""{"relation":"Next","url":"https://x?page=2"}""", "UNAVAILABLE")]
    [InlineData("""{"relation":"previous","url":"https://x?page=1"}""", "UNAVAILABLE")]
    [InlineData("""{"relation":"prev","url":"https://x?page=1"}""", "UNAVAILABLE")]
    [InlineData("""{"relation":"first","url":"https://x"},{"relation":"last","url":"https://x"}""", "MATCHED")]
    [InlineData("""{"relation":"first","url":"https://x"},{"relation":"last","url":"https://x?page=4"}""", "UNAVAILABLE")]
    [InlineData("""{"relation":"self","relation":"next","url":"https://x?page=2"}""", "provider-invalid-answer")]
    public void A_page_before_or_behind_it_is_a_sign(string links, string said) =>
        Assert.Equal(said, Said(With($"\"link\":[{links}]", Sound)));

    [Theory]
    [InlineData("warning", "incomplete", "UNAVAILABLE")]
    [InlineData("information", "incomplete", "UNAVAILABLE")]
    [InlineData("information", "suppressed", "UNAVAILABLE")]
    [InlineData("warning", "not-supported", "UNAVAILABLE")]
    [InlineData("warning", "too-costly", "UNAVAILABLE")]
    [InlineData("information", "throttled", "UNAVAILABLE")]
    [InlineData("warning", "forbidden", "UNAVAILABLE")]
    [InlineData("warning", "multiple-matches", "AMBIGUOUS")]
    [InlineData("information", "informational", "MATCHED")]
    [InlineData("warning", "business-rule", "UNAVAILABLE")]
    [InlineData("error", "informational", "provider-error")]
    [InlineData("fatal", "informational", "provider-error")]
    [InlineData("grave", "informational", "provider-invalid-answer")]
    public void What_the_provider_says_of_its_own_answer_is_believed(string severity, string code, string said) =>
        Assert.Equal(said, Said(Bundle(Sound, Outcome(severity, code))));

    [Fact]
    public void An_empty_Bundle_is_no_negative_where_the_search_was_not_understood()
    {
        Assert.Equal("NOT_FOUND", Said(Bundle()));
        Assert.Equal("UNAVAILABLE", Said(Bundle(Outcome("warning", "not-supported"))));
        Assert.Equal("provider-invalid-answer", Said(Bundle("""{"resourceType":"Patient"}""")));
        Assert.Equal("provider-invalid-answer", Said(Bundle("""{"resourceType":"OperationOutcome","issue":"none"}""")));
        Assert.Equal(
            "provider-invalid-answer",
            Said(Bundle("""{"resourceType":"OperationOutcome","issue":["x",{"severity":"error","code":"exception"}]}"""))
        );
        Assert.Equal("provider-invalid-answer", Said(Bundle("""{"resourceType":"OperationOutcome","issue":[{"code":"incomplete"}]}""")));
    }

    [Fact]
    public void Elements_that_were_left_out_unasked_are_a_sign()
    {
        const string Tag =
            """ "meta":{"tag":[{"system":"http://terminology.hl7.org/CodeSystem/v3-ObservationValue","code":"SUBSETTED"}]} """;
        var whole = SomeFhir.Terms() with { Fhir = SomeFhir.Provider() with { SendElements = false } };
        Assert.Equal("MATCHED", Said(Bundle(Sound), whole));
        foreach (
            var body in new[]
            {
                With(Tag, Sound),
                Bundle(Sound.Replace("\"status\":\"final\"", $"{Tag},\"status\":\"final\"", StringComparison.Ordinal)),
            }
        )
        {
            Assert.Equal("UNAVAILABLE", Said(body, whole));
            Assert.Equal("MATCHED", Said(body));
        }
    }

    [Theory]
    [InlineData("\"timestamp\":\"2026-10-15T09:02:00Z\"", "MATCHED")]
    [InlineData("\"timestamp\":\"2026-10-15T09:02:01Z\"", "provider-invalid-answer")]
    [InlineData("\"timestamp\":\"2099-01-01T00:00:00+01:00\"", "provider-invalid-answer")]
    [InlineData("\"meta\":{\"lastUpdated\":\"2099-01-01T00:00:00Z\"}", "provider-invalid-answer")]
    [InlineData("\"meta\":{\"lastUpdated\":\"2026-10-14T00:00:00Z\"}", "MATCHED")]
    public void A_Bundle_of_the_future_is_a_fault_of_the_source(string member, string said)
    {
        var body = JsonNode.Parse(Bundle(Sound))!.AsObject();
        foreach (var (name, value) in JsonNode.Parse($"{{{member}}}")!.AsObject())
            body[name] = value!.DeepClone();
        Assert.Equal(said, Said(body.ToJsonString()));
    }

    [Theory]
    [InlineData("\"meta\":{\"lastUpdated\":\"2099-01-01T00:00:00.123Z\"}", "provider-invalid-answer")]
    [InlineData("\"issued\":\"2099-01-01T00:00:00Z\"", "provider-invalid-answer")]
    [InlineData("\"date\":\"2026-10-16\"", "provider-invalid-answer")]
    [InlineData("\"date\":\"2026\"", "MATCHED")]
    [InlineData("\"issued\":\"2026-10-15T09:00:00Z\"", "MATCHED")]
    public void A_resource_that_was_recorded_in_the_future_is_a_fault_of_the_source(string member, string said) =>
        Assert.Equal(said, Said(Bundle(Sound.Replace("\"status\":\"final\"", $"{member},\"status\":\"final\"", StringComparison.Ordinal))));

    [Theory]
    [InlineData("\"effectiveDateTime\":\"2026-10-16\"", "provider-invalid-answer")]
    [InlineData("\"effectiveDateTime\":\"2027\"", "provider-invalid-answer")]
    [InlineData("\"effectiveInstant\":\"2026-10-15T09:02:01Z\"", "provider-invalid-answer")]
    [InlineData("\"effectivePeriod\":{\"start\":\"2026-10-16\"}", "provider-invalid-answer")]
    [InlineData("\"effectivePeriod\":{\"start\":\"2026-10-01\",\"end\":\"2026-12-31\"}", "MATCHED")]
    [InlineData("\"effectiveDateTime\":\"2026-10-15\"", "MATCHED")]
    public void What_was_observed_in_the_future_is_a_fault_of_the_source(string effective, string said) =>
        Assert.Equal(said, Said(Bundle(Sound.Replace("\"effectiveDateTime\":\"2026-09-11\"", effective, StringComparison.Ordinal))));

    [Theory]
    [InlineData("code", "http://loinc.org|68493-6", "MATCHED")]
    [InlineData("code", "http://loinc.org|11636-8", "provider-invalid-answer")]
    [InlineData("code", "urn:x|68493-6", "provider-invalid-answer")]
    [InlineData("status", "final", "MATCHED")]
    [InlineData("status", "amended", "provider-invalid-answer")]
    [InlineData("type", "urn:x|y", "MATCHED")]
    [InlineData("date", "ge2026-09-11", "MATCHED")]
    [InlineData("date", "ge2026-09-12", "provider-invalid-answer")]
    [InlineData("date", "gt2026-09-11", "provider-invalid-answer")]
    [InlineData("date", "le2026-09-11", "MATCHED")]
    [InlineData("date", "lt2026-09-11", "provider-invalid-answer")]
    [InlineData("date", "eq2026-09-10", "provider-invalid-answer")]
    public void A_resource_that_was_not_searched_for_is_no_answer(string parameter, string value, string said)
    {
        var search = new SearchQuestion { Type = SomeFhir.Observation, Elements = "" };
        search.Parameters.Add((parameter, value));
        var asked = new AccessRequest { Subject = SomeFhir.Infant, Search = search };
        Assert.Equal(said, Said(Bundle(Sound), SomeFhir.Terms() with { Question = asked }));
        // What a resource does not state contradicts nothing; a date of a whole year may be the day.
        if (parameter == "date")
            Assert.Equal(
                "MATCHED",
                Said(Bundle(Sound.Replace("2026-09-11", "2026", StringComparison.Ordinal)), SomeFhir.Terms() with { Question = asked })
            );
    }

    [Fact]
    public void Of_several_codes_one_has_to_be_the_one_that_was_asked()
    {
        const string Recommended =
            """{"resourceType":"ImmunizationRecommendation","patient":{"identifier":{"system":"urn:anss:id:health","value":"hea_6E84H0WZF587KJF1648P65M90C"}},"date":"2026-10-12","recommendation":[{"vaccineCode":[{"coding":[{"system":"urn:local","code":"X"},{"system":"urn:ma:pni:calendrier","code":"2026"}]}],"forecastStatus":{"coding":[{"system":"http://terminology.hl7.org/CodeSystem/immunization-recommendation-status","code":"complete"}]}}]}""";
        string Asked(string parameter, string value)
        {
            var search = new SearchQuestion { Type = SomeFhir.ImmunizationRecommendation, Elements = "" };
            search.Parameters.Add((parameter, value));
            var terms = SomeFhir.Terms() with
            {
                Question = new AccessRequest { Subject = SomeFhir.Infant, Search = search },
            };
            var verdict = FhirMinimizer
                .Compile(SomeFhir.ImmunizationRecommendation, SomeFhir.Vaccination)
                .Read(terms, Encoding.UTF8.GetBytes(Bundle(Recommended)));
            return verdict.Allows(out var answer, out var refusal) ? answer.MatchStatus : refusal.Problem.Code;
        }

        Assert.Equal("MATCHED", Asked("vaccine-type", "urn:ma:pni:calendrier|2026"));
        Assert.Equal("provider-invalid-answer", Asked("vaccine-type", "urn:ma:pni:calendrier|2025"));
        Assert.Equal("MATCHED", Asked("status", "complete"));
        Assert.Equal("provider-invalid-answer", Asked("status", "due"));
    }
}
