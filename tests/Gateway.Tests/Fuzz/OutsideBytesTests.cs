using System.Buffers;
using System.Text;
using Fuzz;
using Gateway.Audit;
using Gateway.Batches;
using Gateway.Explanations;
using Gateway.Minimization;
using Gateway.Proofs;
using Gateway.Requests;
using Gateway.Tests.Minimization;
using Gateway.Tests.Requests;
using Xunit;

namespace Gateway.Tests.Fuzz;

/// <summary>What callers ask and what institutions answer is read or refused, whatever the bytes: no exception leaves a reader.</summary>
public sealed class OutsideBytesTests
{
    private const string Question =
        """{"subject":{"scheme":"sector-token","value":"edu_0EHG7CY33N48KJNS6574C03H7S"},"schoolYear":"2026-2027","referenceDate":"2026-10-01","fields":["enrolment.status"]}""";
    private const string Enrolment =
        """{"schemaVersion":"1.0","matchStatus":"MATCHED","subject":{"scheme":"sector-token","value":"edu_0EHG7CY33N48KJNS6574C03H7S"},"enrolment":{"status":"ENROLLED","schoolYear":"2026-2027","since":"2026-09-07","cycle":"PRIMARY"},"asOf":"2026-10-14T22:00:00Z","source":"MENPS-MASSAR"}""";
    private const string Bundle =
        """{"resourceType":"Bundle","type":"searchset","total":1,"timestamp":"2026-10-12T22:00:00Z","entry":[{"fullUrl":"urn:uuid:1","resource":{"resourceType":"ImmunizationRecommendation","patient":{"identifier":{"system":"urn:anss:id:health","value":"hea_6E84H0WZF587KJF1648P65M90C"}},"date":"2026-10-12","recommendation":[{"vaccineCode":[{"coding":[{"system":"urn:ma:pni:calendrier","code":"2026"}]}],"forecastStatus":{"coding":[{"system":"http://terminology.hl7.org/CodeSystem/immunization-recommendation-status","code":"due"}]}}]},"search":{"mode":"match"}}]}""";

    private static readonly Agreements.Grant Grant = SomeGrant.Of(SomeGrant.Schooling, "sector-token");
    private static readonly Agreements.Registry Law = SomeGrant.Registry(
        SomeFhir.ImmunizationRecommendation,
        SomeFhir.Observation,
        SomeFhir.Coverage
    );

    [Fact]
    public void Questions() => Mutations.Survive([Encoding.UTF8.GetBytes(Question)], static body =>
        {
            if (
                RequestReader
                    .Read(Law, SomeContract.SchoolEnrolment, Grant, SomeGrant.Schooling, body, SomeContract.Today)
                    .Allows(out var request, out _)
            )
                _ = request.BodyFor(request.Subject);
        });

    [Fact]
    public void Lines_of_a_batch() =>
        Mutations.Survive(
            [
                Encoding.UTF8.GetBytes(
                    Question.Replace("{\"subject\"", "{\"reference\":\"b7-1\",\"subject\"", StringComparison.Ordinal) + "\n" + Question
                ),
            ],
            static body =>
            {
                var reader = new BatchReader(SomeContract.SchoolEnrolment, Grant, SomeGrant.Schooling);
                if (!BatchReader.Count(body).Allows(out _, out _))
                    return;
                var number = 0;
                foreach (var line in BatchReader.Lines(body))
                {
                    if (!reader.Read(line, ++number, SomeContract.Today).Request.Allows(out var request, out _))
                        continue;
                    request.WriteTo(new ArrayBufferWriter<byte>(), request.Subject);
                }
            }
        );

    [Fact]
    public void Searches() =>
        Mutations.Survive(
            [
                Encoding.UTF8.GetBytes(
                    "patient%3Aidentifier=urn%3Aanss%3Aid%3Ahealth%7Chea_6E84H0WZF587KJF1648P65M90C&_count=50&date=ge2026-01-01&status=due"
                ),
            ],
            static body =>
            {
                var search = new Agreements.Contracts.Operation
                {
                    Id = "health.x.read",
                    Protocol = Agreements.Contracts.OperationProtocol.Fhir,
                    Method = "POST",
                    Path = "/fhir/x/_search",
                    ProviderPath = "",
                    Sector = "health",
                    AuditClass = Agreements.Contracts.AuditClass.Sensitive,
                    Purposes = [],
                    FhirType = "ImmunizationRecommendation",
                };
                var grant = SomeGrant.Of(SomeFhir.Vaccination, "sector-token");
                if (RequestReader.Read(Law, search, grant, SomeFhir.Vaccination, body, SomeContract.Today).Allows(out var request, out _))
                    _ = request.FormFor(request.Subject, SomeFhir.Provider());
            }
        );

    [Fact]
    public void Explanations_asked_for() =>
        Mutations.Survive(
            [
                """{"exchangeId":"01M4ZDBB2GDE3B4WZZ6KYE37BB"}""",
                """{"agreement":"A@1","purpose":"P","operation":"o","fields":["a"],"headers":["Agent"],"scheme":"idcs","request":{"schoolYear":"2026-2027"}}""",
            ],
            static text => ExplanationRequest.Read(Encoding.UTF8.GetBytes(text))
        );

    [Fact]
    public void Paths_of_the_log() =>
        Mutations.Survive(["/audit/v1/log/tile/0/x001/234.p/17", "/audit/v1/log/checkpoint"], static text =>
            LogRoute.Read("/audit/v1/log", text)
        );

    [Fact]
    public void Answers_in_json()
    {
        var minimizer = SomeContract.Minimizer(SomeContract.SchoolEnrolment, "enrolment.status", "enrolment.schoolYear", "enrolment.since");
        Mutations.Survive([Encoding.UTF8.GetBytes(Enrolment)], body => minimizer.Read(SomeContract.Terms(), body));
    }

    [Fact]
    public void Answers_in_fhir()
    {
        var minimizer = FhirMinimizer.Compile(SomeFhir.ImmunizationRecommendation, SomeFhir.Vaccination);
        Mutations.Survive([Encoding.UTF8.GetBytes(Bundle)], body => minimizer.Read(SomeFhir.Terms(), body));
    }

    [Fact]
    public void Answers_to_a_chunk()
    {
        var line = Enrolment.Replace("{\"schemaVersion\"", "{\"reference\":\"b7-1\",\"schemaVersion\"", StringComparison.Ordinal);
        var minimizer = SomeContract.Minimizer(SomeContract.SchoolEnrolment, "enrolment.status");
        Mutations.Survive([Encoding.UTF8.GetBytes(line + "\n" + line.Replace("b7-1", "b7-2", StringComparison.Ordinal))], body =>
        {
            foreach (var (_, said) in ChunkAnswer.Split(body, static reference => reference.StartsWith("b7", StringComparison.Ordinal)))
                _ = minimizer.Read(SomeContract.Terms(), said);
        });
    }

    [Fact]
    public void A_record_with_half_an_escaped_letter_in_a_name_is_read_without_that_member() =>
        Assert.Null(ChargedRecord.Read("""{"v":1,"ev":"access","s\ud800":"x","match":"MATCHED"}"""u8));

    [Fact]
    public void Records_read_back_from_the_log() =>
        Mutations.Survive(
            [
                Encoding.UTF8.GetBytes(
                    """{"v":1,"ev":"access","id":"01M4ZDBB2GDE3B4WZZ6KYE37BB","ts":"2026-10-12T22:00:00.000Z","org":"anss","cli":"c","op":"o","agr":"A@1","purp":"P","subj":"AAAAAAAAAAAAAAAAAAAAAA","match":"MATCHED","prov":[{"id":"menps"}]}"""
                ),
            ],
            static record => ChargedRecord.Read(record),
            static fault => fault is System.Text.Json.JsonException
        ); // the gateway's own bytes: a node that finds others there does not start
}
