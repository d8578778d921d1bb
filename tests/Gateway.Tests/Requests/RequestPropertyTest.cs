using System.Text;
using System.Text.Json.Nodes;
using FsCheck;
using FsCheck.Fluent;
using Gateway.Requests;
using Gateway.Tests.Minimization;
using Xunit;

namespace Gateway.Tests.Requests;

/// <summary>Whatever a caller sends, the reader answers with a verdict, and a provider sees the contract's members only.</summary>
public sealed class RequestPropertyTest
{
    private static readonly byte[] Question = Encoding.UTF8.GetBytes(
        """{"subject":{"scheme":"sector-token","value":"edu_0EHG7CY33N48KJNS6574C03H7S"},"schoolYear":"2026-2027","referenceDate":"2026-10-01","fields":["enrolment.status"]}"""
    );

    private static readonly byte[] Form = Encoding.ASCII.GetBytes(
        "patient%3Aidentifier=urn%3Aanss%3Aid%3Ahealth%7Chea_6E84H0WZF587KJF1648P65M90C&code=http%3A%2F%2Floinc.org%7C68493-6&date=ge2026-01-01&_count=10"
    );

    private static void ForMutants(byte[] original, Action<byte[]> check) =>
        Check.One(
            Config.QuickThrowOnFailure.WithMaxTest(5000),
            Prop.ForAll(Gen.Choose(0, int.MaxValue).ToArbitrary(), seed => check(Mutant(original, new Random(seed))))
        );

    private static byte[] Mutant(byte[] original, Random random)
    {
        var bytes = original.ToList();
        for (var i = 1 + random.Next(3); i > 0; i--)
        {
            var at = random.Next(bytes.Count);
            var length = Math.Min(random.Next(1, 20), bytes.Count - at);
            if (random.Next(3) == 0)
                bytes[at] = (byte)random.Next(256);
            else if (random.Next(2) == 0 && length < bytes.Count)
                bytes.RemoveRange(at, length);
            else
                bytes.InsertRange(random.Next(bytes.Count), bytes.GetRange(at, length));
        }

        return [.. bytes];
    }

    [Fact]
    public void A_mutated_question_is_refused_or_sent_on_in_the_contracts_own_members() => ForMutants(Question, body =>
        {
            var verdict = RequestReader.Read(
                SomeGrant.Registry(),
                SomeContract.SchoolEnrolment,
                SomeGrant.Of(SomeGrant.Schooling, "sector-token"),
                SomeGrant.Schooling,
                body,
                SomeContract.Today
            );
            if (!verdict.Allows(out var request, out var refusal))
            {
                Assert.InRange(refusal.Problem.Status, 400, 422);
                Assert.All(refusal.Errors, error =>
                    Assert.Matches(
                        "^(|/subject(/scheme|/value)?|/schoolYear|/referenceDate|/fields(/[0-9]+)?)$",
                        error.Code == "unknown-member" && MemberName.IsSafe(error.Pointer.AsSpan(error.Pointer.LastIndexOf('/') + 1))
                            ? error.Pointer[..error.Pointer.LastIndexOf('/')]
                            : error.Pointer
                    )
                );
                return;
            }

            var sent = JsonNode.Parse(request.BodyFor(SomeContract.Child).Span)!.AsObject();
            Assert.Equal(SomeContract.Child.Value, (string?)sent["subject"]!["value"]);
            Assert.Subset(new HashSet<string> { "subject", "schoolYear", "referenceDate" }, sent.Select(pair => pair.Key).ToHashSet());
        });

    [Fact]
    public void A_mutated_search_is_refused_or_asks_only_what_the_grant_lists()
    {
        var operation = new Agreements.Contracts.Operation
        {
            Id = "health.observation.read",
            Protocol = Agreements.Contracts.OperationProtocol.Fhir,
            Method = "POST",
            Path = "/fhir/Observation/_search",
            ProviderPath = "",
            Sector = "health",
            AuditClass = Agreements.Contracts.AuditClass.Sensitive,
            Purposes = [],
            FhirType = "Observation",
        };
        var law = SomeGrant.Registry(SomeFhir.Observation);
        ForMutants(Form, body =>
        {
            if (
                !RequestReader
                    .Read(law, operation, SomeGrant.Of(SomeFhir.Visits, "sector-token"), SomeFhir.Visits, body, SomeContract.Today)
                    .Allows(out var request, out _)
            )
                return;
            var form = System.Net.WebUtility.UrlDecode(
                Encoding.ASCII.GetString(request.FormFor(SomeFhir.Infant, SomeFhir.Provider()).Span)
            );
            var names = form.Split('&').Select(pair => pair.Split('=')[0]).ToHashSet();
            Assert.Subset(new HashSet<string> { "patient:identifier", "code", "date", "_count", "_elements" }, names);
            Assert.Contains("code=http://loinc.org|68493-6", form, StringComparison.Ordinal);
        });
    }

    [Fact]
    public void Two_codes_are_not_one_even_where_the_grant_lists_none()
    {
        var granted = SomeFhir.Vaccination with
        {
            Search = ["patient", "vaccine-type"],
            Codes = System
                .Collections
                .Immutable
                .ImmutableDictionary<string, System.Collections.Immutable.ImmutableArray<Agreements.AllowedCode>>
                .Empty,
        };
        var operation = new Agreements.Contracts.Operation
        {
            Id = "health.immunization-recommendation.read",
            Protocol = Agreements.Contracts.OperationProtocol.Fhir,
            Method = "POST",
            Path = "",
            ProviderPath = "",
            Sector = "health",
            AuditClass = Agreements.Contracts.AuditClass.Sensitive,
            Purposes = [],
            FhirType = "ImmunizationRecommendation",
        };
        string? Code(string value) =>
            RequestReader
                .Read(
                    SomeGrant.Registry(SomeFhir.ImmunizationRecommendation),
                    operation,
                    SomeGrant.Of(granted, "sector-token"),
                    granted,
                    Encoding.ASCII.GetBytes($"patient:identifier=urn:anss:id:health|{SomeFhir.Infant.Value}&vaccine-type={value}"),
                    SomeContract.Today
                )
                .Refusal?.Problem.Code;
        Assert.Null(Code("urn:x|a"));
        Assert.Equal("search-parameter-not-allowed", Code("urn:x|a,urn:x|b"));
        Assert.Equal("search-parameter-not-allowed", Code("urn:x|a|b"));
    }
}
