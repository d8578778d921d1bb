using Xunit;
using static Gateway.Tests.Minimization.SomeBundle;

namespace Gateway.Tests.Minimization;

/// <summary>That nobody is known is believed of a Bundle that is known to be the whole answer to the question, and of no other.</summary>
public sealed class FhirNegativeTests
{
    [Theory]
    [InlineData("'severity':'information','code':'informational'", "NOT_FOUND", "MATCHED")]
    [InlineData("'severity':'success','code':'success'", "NOT_FOUND", "MATCHED")]
    [InlineData("'severity':'warning','code':'not-found','details':{'text':'no matching patient'}", "NOT_FOUND", "UNAVAILABLE")]
    [InlineData("'severity':'information','code':'informational','details':{'text':'results truncated'}", "UNAVAILABLE", "MATCHED")]
    [InlineData("'severity':'information','code':'informational','diagnostics':'results truncated'", "UNAVAILABLE", "MATCHED")]
    [InlineData("'severity':'warning','code':'informational'", "UNAVAILABLE", "UNAVAILABLE")]
    [InlineData("'severity':'information'", "UNAVAILABLE", "UNAVAILABLE")]
    [InlineData("'severity':'information','code':'of-our-own'", "UNAVAILABLE", "UNAVAILABLE")]
    public void What_is_said_of_the_answer_has_to_be_harmless(string issue, string negative, string positive)
    {
        Assert.Equal(negative, Said(Empty(Entry(Outcome(issue)))));
        Assert.Equal(negative, Said(Empty($$$""","issues":{"resourceType":"OperationOutcome","issue":[{ {{{issue}}} }]}""")));
        Assert.Equal(positive, Said(Found(entries: "," + Outcome(issue))));
    }

    [Theory]
    [InlineData("invalid structure required value invariant security login unknown expired forbidden suppressed processing")]
    [InlineData("not-supported duplicate deleted too-long code-invalid extension too-costly business-rule conflict transient")]
    [InlineData("lock-error no-store exception timeout incomplete throttled limited-filter")]
    public void Every_other_type_of_issue_takes_the_answer_away_whatever_its_severity(string codes)
    {
        foreach (var code in codes.Split(' '))
            foreach (var severity in new[] { "warning", "information", "success" })
                Assert.Equal("UNAVAILABLE", Said(Empty(Entry(Outcome($"\"severity\":\"{severity}\",\"code\":\"{code}\"")))));
    }

    [Fact]
    public void What_cannot_be_read_in_one_way_is_refused()
    {
        Assert.Equal("provider-invalid-answer", Said(Empty(Entry(Outcome("'severity':'warning','code':'timeout','code':'success'")))));
        Assert.Equal("provider-modifier-refused", Said(Empty(Entry(Outcome("'severity':'success','modifierExtension':[]")))));
    }

    [Fact]
    public void An_outcome_that_says_nothing_is_not_understood()
    {
        const string Nothing = "{'resource':{'resourceType':'OperationOutcome'},'search':{'mode':'outcome'}}";
        foreach (var outcome in new[] { Nothing, Nothing.Replace("Outcome'}", "Outcome','issue':[]}", StringComparison.Ordinal) })
        {
            Assert.Equal("UNAVAILABLE", Said(Empty(Entry(outcome))));
            Assert.Equal("UNAVAILABLE", Said(Found(entries: "," + outcome)));
        }
    }

    [Theory]
    [InlineData("include", "hea_6E84H0WZF587KJF1648P65M90C")]
    [InlineData("outcome", "hea_6E84H0WZF587KJF1648P65M90C")]
    [InlineData("include", "hea_3FSZ4KW05WDPGET156SAK17Q28")]
    [InlineData("Match", "hea_6E84H0WZF587KJF1648P65M90C")]
    public void What_belongs_to_a_match_says_that_there_is_one(string mode, string person)
    {
        var resource = Sound.Replace("hea_6E84H0WZF587KJF1648P65M90C", person, StringComparison.Ordinal);
        Assert.Equal("UNAVAILABLE", Said(Empty(Entry($$$"""{"resource":{{{resource}}},"search":{"mode":"{{{mode}}}"}}"""))));
        var identifier = $$"""{"system":"urn:anss:id:health","value":"{{person}}"}""";
        var patient = $$$"""{"resource":{"resourceType":"Patient","identifier":[{{{identifier}}}]},"search":{"mode":"{{{mode}}}"}}""";
        Assert.Equal("UNAVAILABLE", Said(Empty(Entry(patient))));
        Assert.Equal("MATCHED", Said(Found(entries: "," + patient)));
        // Of the type that was asked, it is one that was kept back.
        Assert.Equal("UNAVAILABLE", Said(Found(entries: $$$""",{"resource":{{{resource}}},"search":{"mode":"{{{mode}}}"}}""")));
    }

    [Theory]
    [InlineData("'response':{'status':'200 OK'}", "MATCHED")]
    [InlineData("'response':{'status':'503'}", "UNAVAILABLE")]
    [InlineData("'response':{'status':'404 Not Found'}", "UNAVAILABLE")]
    [InlineData("'response':{'status':'206 Partial Content'}", "UNAVAILABLE")]
    [InlineData("'response':{}", "UNAVAILABLE")]
    [InlineData("'response':{'status':'200','outcome':{'issue':[{'severity':'error','code':'exception'}]}}", "provider-error")]
    [InlineData("'response':{'status':'200','outcome':{'issue':[{'severity':'warning','code':'timeout'}]}}", "UNAVAILABLE")]
    public void An_entry_that_failed_is_no_answer(string response, string said)
    {
        Assert.Equal(said, Said(Found().Replace(Match, $"{Match[..^1]},{response}}}", StringComparison.Ordinal)));
        var beside = Empty(Entry($"{Outcome("'severity':'information','code':'not-found'")[..^1]},{response}}}"));
        Assert.Equal(said == "MATCHED" ? "NOT_FOUND" : said, Said(beside));
    }

    [Theory]
    [InlineData(",'extension':[{'url':'urn:partial','valueBoolean':true}]", "UNAVAILABLE")]
    [InlineData(",'id':'b-1','language':'fr','identifier':{'value':'1'},'signature':{'data':'x'}", "MATCHED")]
    [InlineData(",'meta':{'lastUpdated':'2026-10-14T00:00:00Z','tag':[{'code':'SUBSETTED'}]}", "MATCHED")]
    [InlineData(",'meta':{'security':[{'system':'http://terminology.hl7.org/CodeSystem/v3-Confidentiality','code':'R'}]}", "MATCHED")]
    public void What_a_Bundle_is_allowed_to_say_of_itself_is_known(string members, string said)
    {
        Assert.Equal(said, Said(Found(members)));
        Assert.Equal(said == "MATCHED" ? "NOT_FOUND" : said, Said(Empty(members)));
    }

    // Beside a match they are stripped as ever: it speaks for itself.
    [Theory]
    [InlineData(",'partial':true")]
    [InlineData(",'_total':{'extension':[{'url':'urn:estimate'}]}")]
    [InlineData(",'meta':{'tag':[{'system':'urn:x','code':'TRUNCATED'}]}")]
    [InlineData(",'meta':{'security':[{'system':'http://terminology.hl7.org/CodeSystem/v3-ObservationValue','code':'REDACTED'}]}")]
    [InlineData(",'meta':{'extension':[{'url':'urn:partial'}]}")]
    public void What_is_not_understood_takes_a_negative_away(string members)
    {
        Assert.Equal("UNAVAILABLE", Said(Empty(members)));
        Assert.Equal("MATCHED", Said(Found(members)));
    }
}
