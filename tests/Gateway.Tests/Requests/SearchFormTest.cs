using System.Net;
using System.Text;
using Agreements;
using Agreements.Contracts;
using Gateway.Requests;
using Gateway.Tests.Minimization;
using Xunit;

namespace Gateway.Tests.Requests;

/// <summary>The eight rules of the health page, section 2.</summary>
public sealed class SearchFormTest
{
    private const string Person = "patient:identifier=urn:anss:id:health|hea_6E84H0WZF587KJF1648P65M90C";
    private static readonly Registry Law = SomeGrant.Registry(SomeFhir.ImmunizationRecommendation, SomeFhir.Observation, SomeFhir.Coverage);

    private static Operation Search(FhirType type) =>
        new()
        {
            Id = "health.x.read",
            Protocol = OperationProtocol.Fhir,
            Method = "POST",
            Path = $"/fhir/{type.Name}/_search",
            ProviderPath = "",
            Sector = "health",
            AuditClass = AuditClass.Sensitive,
            Purposes = [],
            FhirType = type.Name,
        };

    private static Verdict<AccessRequest> Read(
        string form,
        FhirType? type = null,
        GrantedOperation? granted = null,
        params string[] schemes
    ) =>
        RequestReader.Read(
            Law,
            Search(type ?? SomeFhir.ImmunizationRecommendation),
            SomeGrant.Of(granted ?? SomeFhir.Vaccination, schemes.Length == 0 ? ["sector-token"] : [.. schemes]),
            granted ?? SomeFhir.Vaccination,
            Encoding.UTF8.GetBytes(Encode(form)),
            SomeContract.Today
        );

    private static string Encode(string form) =>
        string.Join('&', form.Split('&').Select(pair => string.Join('=', pair.Split('=', 2).Select(WebUtility.UrlEncode))));

    private static Verdict<AccessRequest> Visits(string form) => Read(form, SomeFhir.Observation, SomeFhir.Visits);

    [Fact]
    public void A_search_about_one_person_is_rewritten_for_the_provider()
    {
        Assert.True(Read(Person).Allows(out var request, out _));
        Assert.Equal(SomeFhir.Infant, request.Subject);
        var provider = SomeFhir.Provider();
        Assert.Equal(
            "patient:identifier=urn:anss:id:health|hea_6E84H0WZF587KJF1648P65M90C&_count=50&_elements=patient,date,recommendation",
            WebUtility.UrlDecode(Encoding.ASCII.GetString(request.FormFor(request.Subject, provider).Span))
        );
    }

    [Theory]
    [InlineData("", "request-invalid")]
    [InlineData("_count=1", "request-invalid")]
    [InlineData(Person + "&" + Person, "request-invalid")]
    [InlineData("patient=Patient/1", "request-invalid")]
    [InlineData("patient:identifier=hea_6E84H0WZF587KJF1648P65M90C", "invalid-identifier")]
    [InlineData("patient:identifier=|hea_6E84H0WZF587KJF1648P65M90C", "invalid-identifier")]
    [InlineData("patient:identifier=urn:anss:id:health|", "invalid-identifier")]
    [InlineData(Person + ",urn:anss:id:health|hea_6E84H0WZF587KJF1648P65M90C", "invalid-identifier")]
    [InlineData("patient:identifier=urn:anss:id:education|edu_0EHG7CY33N48KJNS6574C03H7S", "identifier-scheme-not-allowed")]
    [InlineData("patient:identifier=urn:anss:id:idcs|4666204178", "identifier-scheme-not-allowed")]
    [InlineData("patient:identifier=urn:ma:cnie|AB123456", "identifier-scheme-not-allowed")]
    [InlineData("patient:identifier=urn:anss:id:health|edu_0EHG7CY33N48KJNS6574C03H7S", "wrong-sector-token")]
    [InlineData("patient:identifier=urn:anss:id:health|hea_6e84h0wzf587kjf1648p65m90c", "invalid-identifier")]
    [InlineData(Person + "&_format=json&_format=json", "request-invalid")]
    [InlineData(Person + "&date=ge2026-01-01", "search-parameter-not-allowed")]
    [InlineData(Person + "&vaccine-type=urn:x|y", "search-parameter-not-allowed")]
    [InlineData(Person + "&lot-number=1", "search-parameter-not-allowed")]
    [InlineData(Person + "&_format=xml", "search-parameter-not-allowed")]
    [InlineData(Person + "&_count=0", "search-parameter-not-allowed")]
    [InlineData(Person + "&_count=201", "search-parameter-not-allowed")]
    [InlineData(Person + "&_include=*", "search-parameter-not-allowed")]
    [InlineData(Person + "&_elements=date", "search-parameter-not-allowed")]
    [InlineData(Person + "&patient.name=x", "search-parameter-not-allowed")]
    [InlineData(Person + "&_has:x:y:z=1", "search-parameter-not-allowed")]
    [InlineData(Person + "&patient=Patient/1", "search-parameter-not-allowed")]
    [InlineData(Person + "&=", "search-parameter-not-allowed")]
    public void Whatever_breaks_a_rule_is_refused(string form, string code)
    {
        var refusal = Read(form).Refusal;
        Assert.NotNull(refusal);
        Assert.Equal(code, refusal.Problem.Code);
        Assert.DoesNotContain(
            "hea_",
            string.Concat(refusal.Errors) + string.Concat(refusal.Words) + refusal.Reason,
            StringComparison.Ordinal
        );
    }

    [Fact]
    public void A_civil_identifier_is_read_where_the_grant_admits_it()
    {
        Assert.True(
            Read("patient:identifier=urn:anss:id:idcs|4666204178", schemes: ["sector-token", "idcs"]).Allows(out var request, out _)
        );
        Assert.Equal(new DataSubject("idcs", "4666204178"), request.Subject);
        Assert.Equal("invalid-identifier", Read("patient:identifier=urn:anss:id:idcs|4666204177", schemes: ["idcs"]).Refusal!.Problem.Code);
    }

    [Theory]
    [InlineData("&code=http://loinc.org|68493-6", null)]
    [InlineData("", "search-parameter-not-allowed")]
    [InlineData("&code=68493-6", "search-parameter-not-allowed")]
    [InlineData("&code=http://loinc.org|82810-3", "search-parameter-not-allowed")]
    [InlineData("&code=http://loinc.org|68493-6,http://loinc.org|82810-3", "search-parameter-not-allowed")]
    [InlineData("&code:not=http://loinc.org|68493-6", "search-parameter-not-allowed")]
    [InlineData("&code=http://loinc.org|68493-6&date=ge2026-01-01&date=lt2026-06-01", null)]
    [InlineData("&code=http://loinc.org|68493-6&date=2026-01-01", "search-parameter-not-allowed")]
    [InlineData("&code=http://loinc.org|68493-6&date=ge2026-01", "search-parameter-not-allowed")]
    [InlineData("&code=http://loinc.org|68493-6&date=ge2026-01-01&date=lt2026-06-01&date=lt2026-06-01", "request-invalid")]
    public void Codes_and_dates_are_asked_only_as_the_grant_says(string rest, string? code) =>
        Assert.Equal(code, Visits(Person + rest).Refusal?.Problem.Code);

    [Fact]
    public void The_beneficiary_is_the_person_of_a_cover()
    {
        Assert.True(
            Read(
                    "beneficiary:identifier=urn:anss:id:health|hea_6E84H0WZF587KJF1648P65M90C&status=active",
                    SomeFhir.Coverage,
                    SomeFhir.Cover
                )
                .Allows(out var request, out _)
        );
        Assert.Contains(
            "&status=active&",
            Encoding.ASCII.GetString(request.FormFor(request.Subject, SomeFhir.Provider()).Span),
            StringComparison.Ordinal
        );
    }

    [Fact]
    public void A_form_that_is_too_long_or_not_UTF8_is_refused()
    {
        Assert.Equal("body-too-large", Read(Person + "&x=" + new string('x', 4096)).Refusal!.Problem.Code);
        byte[] bytes = [.. Encoding.ASCII.GetBytes("patient%3Aidentifier="), 0xFF];
        Assert.Equal(
            "request-invalid",
            RequestReader
                .Read(
                    Law,
                    Search(SomeFhir.Coverage),
                    SomeGrant.Of(SomeFhir.Cover, "sector-token"),
                    SomeFhir.Cover,
                    bytes,
                    SomeContract.Today
                )
                .Refusal!.Problem.Code
        );
    }
}
