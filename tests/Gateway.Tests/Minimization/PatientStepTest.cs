using System.Text;
using Gateway.Minimization;
using Xunit;

namespace Gateway.Tests.Minimization;

public sealed class PatientStepTest
{
    private const string Patient = """{"resource":{"resourceType":"Patient","id":"p-7731","name":"X","identifier":[{"system":"urn:ma:sante:dossier","value":"DSE"},{"system":"urn:anss:id:health","value":"hea_6E84H0WZF587KJF1648P65M90C"}]}}""";

    private static Verdict<PatientStep> Read(string body) => PatientStep.Read(SomeFhir.Terms(), Encoding.UTF8.GetBytes(body));

    private static string Bundle(params string[] entries) => """{"resourceType":"Bundle","type":"searchset","entry":[""" + string.Join(',', entries) + "]}";

    [Fact]
    public void The_golden_search_for_a_Patient_finds_the_person()
    {
        Assert.True(PatientStep.Read(SomeFhir.Terms(), File.ReadAllBytes(FhirGoldenTest.Example("upstream/patient-search.json"))).Allows(out var step, out _));
        Assert.Equal(new PatientStep("MATCHED", "p-7731"), step);
    }

    [Fact]
    public void Nobody_is_not_found_and_two_are_ambiguous()
    {
        Assert.True(Read(Bundle()).Allows(out var none, out _));
        Assert.Equal("NOT_FOUND", none.MatchStatus);
        Assert.True(Read("""{"resourceType":"Bundle","type":"searchset","total":0}""").Allows(out none, out _));
        Assert.Equal("NOT_FOUND", none.MatchStatus);
        Assert.True(Read(Bundle(Patient, Patient)).Allows(out var two, out _));
        Assert.Equal(("AMBIGUOUS", null), (two.MatchStatus, two.PatientId));
    }

    [Theory]
    [InlineData("hea_6E84", "hea_6E85", "provider-wrong-subject")]
    [InlineData("urn:anss:id:health", "urn:other", "provider-wrong-subject")]
    [InlineData("p-7731", "p/7731", "provider-wrong-subject")]
    [InlineData("\"identifier\":[", "\"identifier\":[null,", "provider-invalid-answer")]
    [InlineData("\"id\":", "\"id\":\"x\",\"\\u0069d\":", "provider-invalid-answer")]
    [InlineData("\"searchset\"", "\"batch\"", "provider-invalid-answer")]
    [InlineData("\"Bundle\"", "\"OperationOutcome\"", "provider-error")]
    public void Whoever_cannot_be_verified_is_refused(string old, string changed, string code) =>
        Assert.Equal(code, Read(Bundle(Patient).Replace(old, changed, StringComparison.Ordinal)).Refusal!.Problem.Code);
}
