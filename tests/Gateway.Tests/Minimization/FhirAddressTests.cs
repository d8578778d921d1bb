using Xunit;
using static Gateway.Tests.Minimization.SomeBundle;

namespace Gateway.Tests.Minimization;

/// <summary>A Bundle states by its links what was searched and whether there is more: only the whole answer is one.</summary>
public sealed class FhirAddressTests
{
    // As servers write it: HAPI leaves the parameters of a POST out, others state them all, encoded or not, with what they add themselves.
    [Theory]
    [InlineData("https://h.example/fhir/Observation")]
    [InlineData("https://h.example/fhir/Observation/")]
    [InlineData("http://10.0.0.4:8080/fhir/r4/tenant/Observation/_search")]
    [InlineData("Observation")]
    [InlineData("/fhir/Observation/_search")]
    [InlineData("Observation?patient:identifier=" + Person + "&" + Code)]
    [InlineData(
        Whole
            + "?code=http%3A%2F%2Floinc.org%7C68493-6&patient%3Aidentifier=urn%3Aanss%3Aid%3Ahealth"
            + "%7Chea_6E84H0WZF587KJF1648P65M90C&_count=20"
    )]
    [InlineData(Whole + "?patient.identifier=" + Person + "&" + Code + "&_format=json&_page=1&_elements=code,status,subject")]
    [InlineData(Whole + "?subject:Patient.identifier=" + Person + "&" + Code + "&_offset=0&_total=accurate&_summary=false")]
    public void An_address_that_states_what_was_asked_or_nothing_takes_no_answer_away(string self)
    {
        Assert.Equal("NOT_FOUND", Said(Empty(Links("self", self))));
        Assert.Equal("NOT_FOUND", Said(Empty(Links("self", self, "first", self, "last", self))));
        Assert.Equal("MATCHED", Said(Found(Links("self", self))));
    }

    [Theory]
    [InlineData(Whole + "?patient:identifier=urn:anss:id:health|hea_3FSZ4KW05WDPGET156SAK17Q28&" + Code, "provider-wrong-subject")]
    [InlineData(Whole + "?subject.identifier=urn:anss:id:idcs|hea_6E84H0WZF587KJF1648P65M90C", "provider-wrong-subject")]
    [InlineData(Whole + "?patient:identifier=" + Person + ",urn:anss:id:health|hea_0&" + Code, "provider-wrong-subject")]
    [InlineData(Whole + "?patient:identifier=" + Person + "&patient:identifier=urn:x|1&" + Code, "provider-wrong-subject")]
    [InlineData(Whole + "?" + Code + "&_count=50", "UNAVAILABLE")]
    [InlineData(Whole + "?_count=50", "UNAVAILABLE")]
    [InlineData(Whole + "?patient:identifier=" + Person, "UNAVAILABLE")]
    [InlineData(Whole + "?patient:identifier=" + Person + "&code=http://loinc.org|11636-8", "UNAVAILABLE")]
    [InlineData(Whole + "?patient:identifier=" + Person + "&" + Code + "&date=ge2027", "UNAVAILABLE")]
    [InlineData(Whole + "?patient:missing=true&" + Code, "UNAVAILABLE")]
    [InlineData(Whole + "?patient:identifier=" + Person + "&" + Code + "&_page=2", "UNAVAILABLE")]
    [InlineData(Whole + "?patient:identifier=" + Person + "&" + Code + "&_offset=20", "UNAVAILABLE")]
    [InlineData(Whole + "?patient:identifier=" + Person + "&" + Code + "&ct=AbC", "UNAVAILABLE")]
    [InlineData(Whole + "?patient:identifier=" + Person + "&" + Code + "&_count=0", "UNAVAILABLE")]
    [InlineData(Whole + "?patient:identifier=" + Person + "&" + Code + "&_summary=count", "UNAVAILABLE")]
    [InlineData(Whole + "?patient:identifier=" + Person + "&" + Code + "&_elements=id", "UNAVAILABLE")]
    [InlineData("https://h.example/fhir?_getpages=1f0a&_getpagesoffset=20&_count=20", "UNAVAILABLE")]
    [InlineData("https://h.example/fhir/_snapshot?id=1&start=0", "UNAVAILABLE")]
    [InlineData("https://h.example/fhir/Immunization", "UNAVAILABLE")]
    [InlineData("https://h.example/fhir/observation", "UNAVAILABLE")]
    [InlineData("https://h.example/fhir/Observation/_search/2", "UNAVAILABLE")]
    [InlineData("https://h.example/fhir/Observation#page-2", "UNAVAILABLE")]
    [InlineData("urn:uuid:1", "UNAVAILABLE")]
    public void An_address_that_states_anything_else_does_whichever_link_it_is(string address, string said)
    {
        foreach (var relation in new[] { "self", "first", "last" })
        {
            Assert.Equal(said, Said(Empty(Links("self", Whole, relation, address))));
            Assert.Equal(said, Said(Found(Links("self", Whole, relation, address))));
        }
    }

    // A server that resolves the identifier to its own Patient states that one; of whom it speaks is proved by the resources alone.
    [Theory]
    [InlineData(Whole + "?patient=Patient/p-1&" + Code)]
    [InlineData(Whole + "?subject:Patient=p-1&" + Code)]
    [InlineData("https://h.example/fhir/Patient/p-1/Observation")]
    [InlineData("https://h.example")]
    public void A_person_who_stands_there_by_an_id_is_proved_by_a_resource_and_not_by_none(string self)
    {
        Assert.Equal("UNAVAILABLE", Said(Empty(Links("self", self))));
        Assert.Equal("MATCHED", Said(Found(Links("self", self))));
    }

    [Theory]
    [InlineData("prior")]
    [InlineData(" next ")]
    [InlineData("NEXT")]
    [InlineData("http://www.iana.org/assignments/relation/next")]
    [InlineData("https://www.iana.org/assignments/relation/last")]
    [InlineData("up")]
    [InlineData("")]
    public void A_link_that_is_not_known_to_be_harmless_makes_a_part(string relation)
    {
        Assert.Equal("UNAVAILABLE", Said(Empty(Links("self", Whole, relation, Whole))));
        Assert.Equal("UNAVAILABLE", Said(Found(Links("self", Whole, relation, Whole))));
    }

    [Fact]
    public void An_address_is_one_text_and_may_be_missing_in_self_alone()
    {
        Assert.Equal("NOT_FOUND", Said(Empty(""","link":[{"relation":"self"}]""")));
        Assert.Equal("UNAVAILABLE", Said(Empty(""","link":[{"relation":"last"}]""")));
        Assert.Equal("UNAVAILABLE", Said(Empty(",\"link\":[{\"url\":\"" + Whole + "\"}]")));
        Assert.Equal("provider-invalid-answer", Said(Empty(""","link":[{"relation":"self","url":["x"]}]""")));
    }
}
