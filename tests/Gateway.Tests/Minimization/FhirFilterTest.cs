using System.Text;
using System.Text.Json.Nodes;
using Agreements;
using Agreements.Contracts;
using Gateway.Minimization;
using Xunit;
using static Gateway.Tests.Minimization.FhirGoldenTest;

namespace Gateway.Tests.Minimization;

/// <summary>One test for each line F1 to F21 of the health page, section 4, on bytes.</summary>
public sealed class FhirFilterTest
{
    private const string Patient =
        """ "patient":{"identifier":{"system":"urn:anss:id:health","value":"hea_6E84H0WZF587KJF1648P65M90C"}} """;
    private const string Complete =
        """ "forecastStatus":{"coding":[{"system":"http://terminology.hl7.org/CodeSystem/immunization-recommendation-status","code":"complete"}]} """;
    private const string Vaccine = """ "vaccineCode":[{"coding":[{"system":"urn:ma:pni:calendrier","code":"2026"}]}] """;
    private const string Sound =
        $$"""{"resourceType":"ImmunizationRecommendation",{{Patient}},"date":"2026-10-12","recommendation":[{ {{Vaccine}},{{Complete}} }]}""";

    private static Verdict<SourceAnswer> Read(
        string body,
        ReleaseTerms? terms = null,
        FhirType? type = null,
        GrantedOperation? granted = null
    ) =>
        FhirMinimizer
            .Compile(type ?? SomeFhir.ImmunizationRecommendation, granted ?? SomeFhir.Vaccination)
            .Read(terms ?? SomeFhir.Terms(), Encoding.UTF8.GetBytes(body));

    private static SourceAnswer Answer(string body, ReleaseTerms? terms = null)
    {
        Assert.True(Read(body, terms).Allows(out var answer, out var refusal), refusal?.Reason);
        Assert.DoesNotContain("MARKER", Encoding.UTF8.GetString(answer.Released.Span), StringComparison.Ordinal);
        return answer;
    }

    private static string Code(string body, ReleaseTerms? terms = null)
    {
        var refusal = Read(body, terms).Refusal;
        Assert.NotNull(refusal);
        Assert.DoesNotContain("MARKER", refusal.ToString() + refusal.Reason, StringComparison.Ordinal);
        return refusal.Problem.Code;
    }

    private static string Sick(string old, string changed)
    {
        Assert.Contains(old, Sound, StringComparison.Ordinal);
        return Bundle(Sound.Replace(old, changed, StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("")]
    [InlineData("[]")]
    [InlineData("{")]
    [InlineData("""{"resourceType":"Bundle","type":"searchset"} {}""")]
    [InlineData("<Bundle/>")]
    public void F1_what_is_not_one_object_is_refused(string body) => Assert.Equal("provider-invalid-answer", Code(body));

    [Fact]
    public void F1_depth_over_32_is_refused() =>
        Assert.Equal(
            "provider-invalid-answer",
            Code($$"""{"resourceType":"Bundle","type":"searchset","x":{{new string('[', 33)}}{{new string(']', 33)}}}""")
        );

    [Fact]
    public void F2_a_root_that_is_no_searchset_is_refused()
    {
        Assert.Equal("provider-invalid-answer", Code("""{"resourceType":"Bundle","type":"batch"}"""));
        Assert.Equal("provider-invalid-answer", Code("""{"resourceType":"Patient"}"""));
        Assert.Equal("provider-invalid-answer", Code("""{"type":"searchset"}"""));
        Assert.Equal(
            "provider-error",
            Code("""{"resourceType":"OperationOutcome","issue":[{"severity":"error","diagnostics":"MARKER"}]}""")
        );
    }

    [Fact]
    public void F3_a_resource_without_one_type_is_refused()
    {
        Assert.Equal("provider-invalid-answer", Code(Bundle("{}")));
        Assert.Equal("provider-invalid-answer", Code(Bundle("""{"resourceType":1}""")));
        Assert.Equal("provider-invalid-answer", Code(Bundle("""{"resourceType":"Patient","resource\u0054ype":"Patient"}""")));
        Assert.Equal("provider-invalid-answer", Code("""{"resourceType":"Bundle","type":"searchset","entry":[{"fullUrl":"x"}]}"""));
    }

    [Fact]
    public void F4_the_same_member_twice_is_refused_escapes_resolved()
    {
        Assert.Equal(
            "provider-invalid-answer",
            Code(Sick("\"date\":\"2026-10-12\"", "\"date\":\"2026-10-12\",\"d\\u0061te\":\"2026-10-12\""))
        );
        Assert.Equal("provider-invalid-answer", Code(Sick(Patient, $"{Patient},{Patient}")));
        Assert.Equal("provider-invalid-answer", Code(Sick("\"code\":\"2026\"", "\"code\":\"2026\",\"code\":\"2026\"")));
        Assert.Equal("provider-invalid-answer", Code("""{"resourceType":"Bundle","type":"searchset","type":"searchset"}"""));
        Assert.Equal("provider-invalid-answer", Code("""{"resourceType":"Bundle","type":"searchset","entry":[],"entry":[]}"""));
        // What is neither read nor released may stand twice: it leaves in no reading.
        Assert.Equal(1, Answer(Sick("\"date\"", "\"note\":1,\"note\":2,\"date\"")).Matches);
    }

    [Fact]
    public void F5_a_modifier_anywhere_that_is_visited_refuses_the_answer()
    {
        Assert.Equal("provider-modifier-refused", Code(Sick("\"date\"", "\"modifierExtension\":[],\"date\"")));
        Assert.Equal("provider-modifier-refused", Code(Sick("\"date\"", "\"implicitRules\":\"urn:x\",\"date\"")));
        Assert.Equal("provider-modifier-refused", Code(Sick("\"vaccineCode\"", "\"modifierExt\\u0065nsion\":[],\"vaccineCode\"")));
        Assert.Equal("provider-modifier-refused", Code(Sick("\"code\":\"2026\"", "\"modifierExtension\":[],\"code\":\"2026\"")));
        Assert.Equal("provider-modifier-refused", Code(Sick("\"identifier\":{", "\"modifierExtension\":[],\"identifier\":{")));
        Assert.Equal("provider-modifier-refused", Code("""{"resourceType":"Bundle","type":"searchset","modifierExtension":[]}"""));
        // Inside what is stripped as a whole it disappears with it.
        Assert.Equal(1, Answer(Sick("\"date\"", "\"authority\":{\"modifierExtension\":[]},\"date\"")).Matches);
    }

    [Theory]
    [InlineData("\"date\":\"2026-10-12\"", "\"date\":20261012")]
    [InlineData("\"date\":\"2026-10-12\"", "\"date\":null")]
    [InlineData("\"date\":\"2026-10-12\"", "\"date\":\"yesterday\"")]
    [InlineData("\"date\":\"2026-10-12\"", "\"date\":\"2026-10-12T10:00:00\"")]
    [InlineData("\"date\":\"2026-10-12\"", "\"date\":\"2026-13\"")]
    [InlineData("\"date\":\"2026-10-12\"", "\"date\":{\"value\":\"2026-10-12\"}")]
    [InlineData("\"date\":\"2026-10-12\"", "\"date\":[\"2026-10-12\"]")]
    [InlineData("\"vaccineCode\":[{\"coding\":[{\"system\":\"urn:ma:pni:calendrier\",\"code\":\"2026\"}]}]", "\"vaccineCode\":{}")]
    [InlineData("\"code\":\"2026\"", "\"code\":\" 2026\"")]
    [InlineData("\"code\":\"2026\"", "\"code\":\"\"")]
    [InlineData("\"system\":\"urn:ma:pni:calendrier\"", "\"system\":\"urn:ma pni\"")]
    [InlineData("\"recommendation\":[{", "\"recommendation\":[null,{")]
    public void F6_a_released_element_of_the_wrong_kind_is_refused(string old, string changed) =>
        Assert.Equal("provider-invalid-answer", Code(Sick(old, changed)));

    [Theory]
    [InlineData("\"valueInteger\":2", "\"valueInteger\":2.0")]
    [InlineData("\"valueInteger\":2", "\"valueInteger\":3000000000")]
    [InlineData("\"status\":\"final\"", "\"status\":\"done\"")]
    public void F6_numbers_and_bound_codes_are_checked_too(string old, string changed)
    {
        const string Visits =
            """{"resourceType":"Observation","status":"final","code":{"coding":[{"system":"http://loinc.org","code":"68493-6"}]},"subject":{"identifier":{"system":"urn:anss:id:health","value":"hea_6E84H0WZF587KJF1648P65M90C"}},"valueInteger":2}""";
        Assert.Null(Read(Bundle(Visits), type: SomeFhir.Observation, granted: SomeFhir.Visits).Refusal);
        var refusal = Read(
            Bundle(Visits.Replace(old, changed, StringComparison.Ordinal)),
            type: SomeFhir.Observation,
            granted: SomeFhir.Visits
        ).Refusal;
        Assert.Equal("provider-invalid-answer", refusal!.Problem.Code);
    }

    [Fact]
    public void F7_another_person_or_nobody_refuses_the_answer()
    {
        Assert.Equal("provider-wrong-subject", Code(Sick("hea_6E84", "hea_6E85")));
        Assert.Equal("provider-wrong-subject", Code(Sick("urn:anss:id:health", "urn:ma:sante:dossier")));
        Assert.Equal("provider-wrong-subject", Code(Sick(Patient, "\"patient\":{\"reference\":\"Patient/p-7731\"}")));
        Assert.Equal("provider-wrong-subject", Code(Sick($"{Patient},", "")));
        Assert.Equal("provider-wrong-subject", Code(Bundle(Sound, Sound.Replace("hea_6E84", "hea_6E85", StringComparison.Ordinal))));
    }

    [Fact]
    public void F7_the_identifier_decides_and_a_reference_beside_it_is_ignored()
    {
        string With(string subject) => Sick(Patient, $"\"patient\":{subject}");
        const string Identifier = "\"identifier\":{\"system\":\"urn:anss:id:health\",\"value\":\"hea_6E84H0WZF587KJF1648P65M90C\"}";
        Assert.Equal(1, Answer(With($$"""{"reference":"Patient/p-7731",{{Identifier}}}""")).Matches);
        Assert.Equal(1, Answer(With($$"""{ {{Identifier}},"reference":"https://x.example/fhir/Patient/p-7731/_history/1"}""")).Matches);
        Assert.Equal("provider-wrong-subject", Code(With("""{"reference":"https://health.stand-in.example:8443/fhir/Patient/p-7731"}""")));
    }

    [Fact]
    public void F8_more_than_200_entries_or_too_many_bytes_are_too_large()
    {
        Assert.Equal(200, Answer(Bundle([.. Enumerable.Repeat(Sound, 200)])).Matches);
        Assert.Equal("provider-answer-too-large", Code(Bundle([.. Enumerable.Repeat(Sound, 201)])));
        Assert.Equal("provider-answer-too-large", Code(Bundle(Sound), SomeFhir.Terms() with { MaxAnswerBytes = 100 }));
    }

    [Theory]
    [InlineData("error")]
    [InlineData("fatal")]
    public void F9_an_outcome_that_says_error_is_a_provider_error(string severity) =>
        Assert.Equal(
            "provider-error",
            Code(
                Bundle(
                    Sound,
                    $$"""{"resourceType":"OperationOutcome","issue":[{"code":"exception","severity":"{{severity}}","diagnostics":"MARKER"}]}"""
                )
            )
        );

    [Fact]
    public void F10_everything_that_is_not_on_the_list_is_stripped_and_counted()
    {
        var answer = Answer(
            Sick(
                "\"date\"",
                """
                "id":"MARKER","meta":{"x":"MARKER"},"text":{"div":"MARKER"},"contained":[{"resourceType":"Patient","id":"MARKER"}],"extension":[{"url":"MARKER"}],
                "_date":{"extension":[{"url":"MARKER"}]},"identifier":[{"value":"MARKER"}],"language":"MARKER","date"
                """
            )
        );
        Assert.Equal(8 + 2, answer.Undeclared);
        Assert.Equal(
            [
                "date",
                "recommendation.forecastStatus.coding.code",
                "recommendation.forecastStatus.coding.system",
                "recommendation.vaccineCode.coding.code",
                "recommendation.vaccineCode.coding.system",
                "patient.identifier.system",
                "patient.identifier.value",
            ],
            answer.ReleasedPaths
        );
        Assert.Empty(answer.StrippedPaths);
    }

    [Fact]
    public void F10_a_stripped_element_of_the_table_is_named()
    {
        var answer = Answer(Sick("\"vaccineCode\"", "\"targetDisease\":{\"text\":\"MARKER\"},\"vaccineCode\""));
        Assert.Equal(["recommendation.targetDisease"], answer.StrippedPaths);
    }

    [Fact]
    public void F11_nothing_of_the_providers_Bundle_leaves()
    {
        var disclosure = Disclosed(
            SomeFhir.ImmunizationRecommendation,
            SomeFhir.Vaccination,
            SomeFhir.Terms(),
            Bundle(Sound)
                .Replace(
                    "\"type\":\"searchset\"",
                    """ "id":"MARKER","meta":{"tag":[{"code":"MARKER"}]},"identifier":{"value":"MARKER"},"signature":{"data":"MARKER"},"total":"MARKER","link":[{"relation":"self","url":"MARKER"}],"type":"searchset" """,
                    StringComparison.Ordinal
                )
        );
        Assert.DoesNotContain("MARKER", Encoding.UTF8.GetString(disclosure.Body.Span), StringComparison.Ordinal);
        Assert.Equal(6 + 2, disclosure.Undeclared);
    }

    [Fact]
    public void F12_codings_that_are_not_on_the_list_are_dropped()
    {
        var answer = Answer(
            Sick(
                "[{\"system\":\"urn:ma:pni:calendrier\",\"code\":\"2026\"}]",
                """[{"system":"urn:local","code":"MARKER"},{"system":"urn:ma:pni:calendrier","code":"2026"},{"system":"urn:ma:pni:calendrier","code":"MARKER"},{"code":"2026"}]"""
            )
        );
        Assert.Equal(
            """[{"system":"urn:ma:pni:calendrier","code":"2026"}]""",
            JsonNode.Parse(answer.Released.Span)![0]!["resource"]!["recommendation"]![0]!["vaccineCode"]![0]!["coding"]!.ToJsonString()
        );
    }

    [Fact]
    public void F13_entries_of_another_type_or_included_are_dropped()
    {
        var body = Bundle(
            Sound,
            """{"resourceType":"Patient","name":"MARKER"}""",
            """{"resourceType":"OperationOutcome","issue":[{"severity":"information","code":"informational","diagnostics":"MARKER"}]}"""
        );
        Assert.Equal(("MATCHED", 1), (Answer(body).MatchStatus, Answer(body).Matches));
        var included = Bundle(Sound.Replace("hea_6E84", "hea_0000", StringComparison.Ordinal))
            .Replace("\"mode\":\"match\"", "\"mode\":\"include\"", StringComparison.Ordinal);
        // Nothing can belong to a match where there is none.
        Assert.Equal(("UNAVAILABLE", 0), (Answer(included).MatchStatus, Answer(included).Matches));
    }

    [Fact]
    public void F14_a_recommendation_without_an_agreed_code_goes_and_the_person_stays_known()
    {
        var local = $$"""{ "vaccineCode":[{"coding":[{"system":"urn:local","code":"MARKER"}]}],{{Complete}} }""";
        var one = Answer(Sick("\"recommendation\":[{", $"\"recommendation\":[{local},{{"));
        Assert.Single(JsonNode.Parse(one.Released.Span)![0]!["resource"]!["recommendation"]!.AsArray());
        var none = Answer(Sick("\"code\":\"2026\"", "\"code\":\"2025\""));
        Assert.Equal(("MATCHED", 0), (none.MatchStatus, none.Matches));
        // A local status beside no agreed one is no status.
        Assert.Equal(("MATCHED", 0), (Answer(Sick("\"code\":\"complete\"", "\"code\":\"maybe\"")).MatchStatus, 0));
    }

    [Theory]
    [InlineData("\"date\":\"2026-10-12\",", "")]
    [InlineData("\"date\":\"2026-10-12\"", "\"_date\":{\"extension\":[]}")]
    [InlineData("\"recommendation\":[{", "\"recommendation\":[{},{")]
    [InlineData("\"recommendation\":[{", "\"recommendations\":[{")]
    [InlineData("\"forecastStatus\"", "\"forecastReason\"")]
    [InlineData("\"vaccineCode\"", "\"targetDisease\"")]
    [InlineData("\"coding\":[{\"system\":\"http", "\"codings\":[{\"system\":\"http")]
    public void F15_a_missing_mandatory_element_makes_the_whole_answer_incomplete(string old, string changed)
    {
        var body = Sick(old, changed);
        Assert.Equal("UNAVAILABLE", Answer(body).MatchStatus);
        // A sound resource beside it does not leave either: a part must not be read as the whole.
        var both = Bundle(Sound, Sound.Replace(old, changed, StringComparison.Ordinal));
        Assert.Equal(("UNAVAILABLE", 0, true), (Answer(both).MatchStatus, Answer(both).Matches, Answer(both).Released.IsEmpty));
        Assert.Empty(Answer(both).ReleasedPaths);
    }

    [Fact]
    public void F15_a_choice_in_an_unsupported_spelling_is_missing()
    {
        const string Dose =
            """{"resourceType":"Immunization","status":"completed","vaccineCode":{"coding":[{"system":"http://hl7.org/fhir/sid/cvx","code":"19"}]},"patient":{"identifier":{"system":"urn:anss:id:health","value":"hea_6E84H0WZF587KJF1648P65M90C"}},"occurrenceDateTime":"2024-03-16","protocolApplied":[{"doseNumberPositiveInt":1}]}""";
        string Status(string resource)
        {
            Assert.True(Read(Bundle(resource), null, SomeFhir.Immunization, SomeFhir.Doses).Allows(out var answer, out _));
            return answer.MatchStatus;
        }
        Assert.Equal("MATCHED", Status(Dose));
        Assert.Equal("UNAVAILABLE", Status(Dose.Replace("occurrenceDateTime", "occurrenceString", StringComparison.Ordinal)));
        Assert.Equal(
            "UNAVAILABLE",
            Status(Dose.Replace("\"doseNumberPositiveInt\":1", "\"doseNumberString\":\"1\"", StringComparison.Ordinal))
        );
        Assert.Equal("MATCHED", Status(Dose.Replace(",\"protocolApplied\":[{\"doseNumberPositiveInt\":1}]", "", StringComparison.Ordinal)));
    }

    [Fact]
    public void F16_what_was_entered_in_error_is_dropped_and_the_person_stays_known()
    {
        const string Cancelled =
            """{"resourceType":"Coverage","status":"entered-in-error","beneficiary":{"identifier":{"system":"urn:anss:id:health","value":"hea_6E84H0WZF587KJF1648P65M90C"}}}""";
        Assert.True(Read(Bundle(Cancelled), null, SomeFhir.Coverage, SomeFhir.Cover).Allows(out var answer, out _));
        Assert.Equal(("MATCHED", 0), (answer.MatchStatus, answer.Matches));
        var body = Disclosed(SomeFhir.Coverage, SomeFhir.Cover, SomeFhir.Terms(), Bundle(Cancelled)).Body;
        Assert.Null(JsonNode.Parse(body.Span)!["entry"]);
        Assert.Equal(0, (int)JsonNode.Parse(body.Span)!["total"]!);
    }

    [Fact]
    public void F17_the_subject_is_the_identifier_that_the_caller_used()
    {
        var terms = SomeFhir.Terms() with { Asked = new("idcs", "4666204178") };
        var patient = JsonNode.Parse(
            Answer(Sick("\"identifier\":{", "\"reference\":\"MARKER\",\"display\":\"MARKER\",\"identifier\":{"), terms).Released.Span
        )![0]!["resource"]!["patient"]!;
        Assert.Equal("""{"identifier":{"system":"urn:anss:id:idcs","value":"4666204178"}}""", patient.ToJsonString());
    }

    [Fact]
    public void F18_and_F19_every_entry_is_tagged_and_has_a_fresh_address()
    {
        var entries = JsonNode.Parse(Answer(Bundle(Sound, Sound)).Released.Span)!.AsArray();
        Assert.All(entries, entry =>
        {
            Assert.Equal("SUBSETTED", (string?)entry!["resource"]!["meta"]!["tag"]![0]!["code"]);
            Assert.Equal("match", (string?)entry["search"]!["mode"]);
            Assert.Matches("^urn:uuid:[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$", (string)entry["fullUrl"]!);
        });
        Assert.NotEqual((string)entries[0]!["fullUrl"]!, (string)entries[1]!["fullUrl"]!);
    }

    [Fact]
    public void F20_the_Bundle_is_ours_and_says_when_it_is_stale()
    {
        var old = Bundle(Sound).Replace("2026-10-12T22:00:00Z", "2026-09-01T22:00:00+01:00", StringComparison.Ordinal);
        var bundle = JsonNode.Parse(Disclosed(SomeFhir.ImmunizationRecommendation, SomeFhir.Vaccination, SomeFhir.Terms(), old).Body.Span)!;
        Assert.Equal("STALE", (string?)bundle["meta"]!["tag"]![1]!["code"]);
        Assert.Equal("2026-09-01T21:00:00Z", (string?)bundle["timestamp"]);
        Assert.Equal("https://gateway.anss.example/fhir/ImmunizationRecommendation", (string?)bundle["link"]![0]!["url"]);
        var undated = Bundle(Sound).Replace("\"timestamp\":\"2026-10-12T22:00:00Z\",", "", StringComparison.Ordinal);
        Assert.Equal(SomeContract.Now, Answer(undated).AsOf);
    }

    [Fact]
    public void F20_an_answer_that_has_more_pages_is_incomplete()
    {
        var paged = Bundle(Sound)
            .Replace(
                "\"type\":\"searchset\"",
                """ "link":[{"relation":"next","url":"https://MARKER"}],"type":"searchset" """,
                StringComparison.Ordinal
            );
        Assert.Equal("UNAVAILABLE", Answer(paged).MatchStatus);
    }

    [Fact]
    public void F21_the_payor_is_written_even_where_the_provider_has_none()
    {
        const string Cover =
            """{"resourceType":"Coverage","status":"active","beneficiary":{"identifier":{"system":"urn:anss:id:health","value":"hea_6E84H0WZF587KJF1648P65M90C"}}}""";
        var disclosure = Disclosed(SomeFhir.Coverage, SomeFhir.Cover, SomeFhir.Terms(), Bundle(Cover));
        Assert.Equal(
            """[{"identifier":{"system":"urn:ma:organisme","value":"CNSS"}}]""",
            JsonNode.Parse(disclosure.Body.Span)!["entry"]![0]!["resource"]!["payor"]!.ToJsonString()
        );
        Assert.Contains("payor.identifier.value", disclosure.ReleasedPaths);
    }

    [Theory]
    [InlineData("incomplete")]
    [InlineData("timeout")]
    public void A_provider_that_says_that_it_is_incomplete_is_believed(string code)
    {
        var body = Bundle(Sound, $$"""{"resourceType":"OperationOutcome","issue":[{"severity":"warning","code":"{{code}}"}]}""");
        Assert.Equal("UNAVAILABLE", Answer(body).MatchStatus);
        var written = JsonNode.Parse(
            Disclosed(SomeFhir.ImmunizationRecommendation, SomeFhir.Vaccination, SomeFhir.Terms(), body).Body.Span
        )!;
        Assert.Equal("incomplete", (string?)written["entry"]![0]!["resource"]!["issue"]![0]!["code"]);
        Assert.Equal(0, (int)written["total"]!);
    }

    [Fact]
    public void Numbers_are_copied_as_written_and_the_order_is_the_providers()
    {
        const string Visits =
            """{"valueInteger":-0,"resourceType":"Observation","subject":{"identifier":{"value":"hea_6E84H0WZF587KJF1648P65M90C","system":"urn:anss:id:health"}},"code":{"coding":[{"code":"68493-6","system":"http://loinc.org"}]},"status":"final"}""";
        Assert.True(Read(Bundle(Visits), null, SomeFhir.Observation, SomeFhir.Visits).Allows(out var answer, out _));
        var resource = Encoding.UTF8.GetString(answer.Released.Span);
        Assert.Contains(
            ""","valueInteger":-0,"subject":{"identifier":{"system":"urn:anss:id:health","value":"hea_6E84H0WZF587KJF1648P65M90C"}},"code":{"coding":[{"code":"68493-6","system":"http://loinc.org"}]},"status":"final"}""",
            resource,
            StringComparison.Ordinal
        );
    }

    [Fact]
    public void The_parsing_suite_throws_nothing()
    {
        foreach (var file in Directory.EnumerateFiles(Corpora.Demand("json/test_parsing"), "*.json"))
            Assert.NotNull(
                FhirMinimizer.Compile(SomeFhir.Coverage, SomeFhir.Cover).Read(SomeFhir.Terms(), File.ReadAllBytes(file)).Refusal
            );
    }
}
