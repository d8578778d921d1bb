using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;
using Agreements.Contracts;
using FsCheck;
using FsCheck.Fluent;
using Gateway.Minimization;
using Xunit;
using static Gateway.Tests.Minimization.FhirGoldenTest;

namespace Gateway.Tests.Minimization;

/// <summary>RFC 3339, section 5.6: any offset comes in, UTC leaves.</summary>
public sealed class InstantsTests
{
    [Theory]
    [InlineData("2026-10-12T22:00:00Z", "2026-10-12T22:00:00Z")]
    [InlineData("2026-10-12t22:00:00z", "2026-10-12T22:00:00Z")]
    [InlineData("2026-10-12T22:00:00+01:00", "2026-10-12T21:00:00Z")]
    [InlineData("2026-10-12T00:30:00+01:00", "2026-10-11T23:30:00Z")]
    [InlineData("2026-10-12T22:00:00-00:00", "2026-10-12T22:00:00Z")]
    [InlineData("2026-10-12T22:00:00+00:00", "2026-10-12T22:00:00Z")]
    [InlineData("2026-10-12T22:00:00-23:59", "2026-10-13T21:59:00Z")]
    [InlineData("2026-10-12T22:00:00+23:59", "2026-10-11T22:01:00Z")]
    [InlineData("2026-10-12T22:00:00.5+05:45", "2026-10-12T16:15:00.5Z")]
    [InlineData("2026-10-12T22:00:00.12345678901234567890Z", "2026-10-12T22:00:00.123456789Z")]
    [InlineData("2026-12-31T23:59:60Z", "2026-12-31T23:59:59Z")]
    [InlineData("1990-12-31T15:59:60-08:00", "1990-12-31T23:59:59Z")]
    [InlineData("2027-01-01T00:59:60.25+01:00", "2026-12-31T23:59:59.25Z")]
    public void An_instant_is_understood_and_leaves_in_UTC(string written, string left) => Assert.Equal(left, Utc(written));

    [Theory]
    [InlineData("2026-10-12T22:00:00")]
    [InlineData("2026-10-12")]
    [InlineData("2026-10-12T22:00Z")]
    [InlineData("2026-10-12 22:00:00Z")]
    [InlineData("2026-10-12T22:00:00+0100")]
    [InlineData("2026-10-12T22:00:00+1")]
    [InlineData("2026-10-12T22:00:00+24:00")]
    [InlineData("2026-10-12T22:00:00+01:60")]
    [InlineData("2026-10-12T22:00:00 +01:00")]
    [InlineData("2026-10-12T22:00:00.Z")]
    [InlineData("2026-10-12T22:00:00,5Z")]
    [InlineData("2026-10-12T24:00:00Z")]
    [InlineData("2026-10-12T22:00:61Z")]
    [InlineData("2026-10-12T22:00:60Z")]
    [InlineData("2026-12-30T23:59:60Z")]
    [InlineData("2026-02-30T22:00:00Z")]
    [InlineData("0001-01-01T00:00:00+01:00")]
    [InlineData("9999-12-31T23:59:59-01:00")]
    [InlineData("2026-10-12T22:00:00Zx")]
    [InlineData("٢٠٢٦-10-12T22:00:00Z")]
    [InlineData("")]
    public void What_says_no_instant_is_none(string written) => Assert.Null(Utc(written));

    [Fact]
    public void The_same_instant_leaves_whatever_the_offset()
    {
        var all = from minutes in Gen.Choose(-839, 839) from seconds in Gen.Choose(0, 2_000_000_000) select (minutes, seconds);
        Check.One(Config.QuickThrowOnFailure.WithMaxTest(2000), Prop.ForAll(all.ToArbitrary(), static one =>
            {
                var instant = DateTimeOffset.FromUnixTimeSeconds(one.seconds);
                var written = instant
                    .ToOffset(TimeSpan.FromMinutes(one.minutes))
                    .ToString("yyyy-MM-dd'T'HH:mm:sszzz", CultureInfo.InvariantCulture);
                return Utc(written) == instant.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture);
            }));
    }

    [Theory]
    [InlineData("2026-10-12T23:00:00.50+01:00", "2026-10-12T22:00:00.50Z")]
    [InlineData("2026-10-12T22\\u003a00:00Z", "2026-10-12T22:00:00Z")]
    [InlineData("2026-10-12T23:00:00", null)]
    [InlineData("2026-10-15T12:00:00+01:00", null)] // ahead of now
    [InlineData("2026-10-15T12:00:00+05:00", "2026-10-15T07:00:00Z")]
    public void A_released_instant_of_a_JSON_answer_leaves_in_UTC(string written, string? left)
    {
        var operation = new Operation
        {
            Id = "some.instant.read",
            Protocol = OperationProtocol.Json,
            Method = "POST",
            Path = "/some",
            ProviderPath = "/some",
            Sector = "education",
            AuditClass = AuditClass.Status,
            Purposes = [],
            Answer = SomeContract.Object(
                SomeContract.Envelope("schemaVersion", SomeContract.Enum("1.0")),
                SomeContract.Envelope("matchStatus", SomeContract.Enum("MATCHED", "NOT_FOUND")),
                SomeContract.May(
                    "paper",
                    SomeContract.Object(
                        SomeContract.May("issued", SomeContract.Format(ShapeFormat.DateTime)),
                        SomeContract.May("seen", SomeContract.List(SomeContract.Format(ShapeFormat.DateTime)))
                    )
                ),
                SomeContract.Envelope("asOf", SomeContract.Format(ShapeFormat.DateTime)),
                SomeContract.Envelope("source", SomeContract.Text(32))
            ),
        };
        var body = $$$"""
            {"schemaVersion":"1.0","matchStatus":"MATCHED",
             "paper":{"issued":"{{{written}}}","seen":["{{{written}}}","2026-01-01T00:00:00+01:00"]
             },"asOf":"2026-10-12T23:00:00+01:00","source":"MENPS-MASSAR",
             "subject":{"scheme":"sector-token","value":"edu_0EHG7CY33N48KJNS6574C03H7S"}}
            """;
        var verdict = SomeContract
            .Minimizer(operation, "paper.issued", "paper.seen")
            .Read(SomeContract.Terms(), Encoding.UTF8.GetBytes(body));
        Assert.Equal(left is null ? "provider-invalid-answer" : null, verdict.Refusal?.Problem.Code);
        if (!verdict.Allows(out var answer, out _))
            return;
        Assert.Equal(
            $$$"""{"paper":{"issued":"{{{left}}}","seen":["{{{left}}}","2025-12-31T23:00:00Z"]}}""",
            Encoding.UTF8.GetString(answer.Released.Span)
        );
        Assert.Equal(new DateTimeOffset(2026, 10, 12, 22, 0, 0, TimeSpan.Zero), answer.AsOf);
    }

    [Theory]
    [InlineData("2026-10-12T23:00:00.5+01:00", "2026-10-12T22:00:00.5Z")]
    [InlineData("2026-10-12t22:00:00z", "2026-10-12T22:00:00Z")]
    [InlineData("2026-10-12", "2026-10-12")]
    [InlineData("2026-10", "2026-10")]
    [InlineData("2026-10-12T23:00:00", null)]
    [InlineData("2026-10-12T23:00+01:00", null)]
    public void A_time_of_a_FHIR_answer_leaves_in_UTC_and_a_day_as_it_is(string written, string? left)
    {
        var body = Bundle(
            $$$"""
            {"resourceType":"ImmunizationRecommendation",
             "patient":{"identifier":{"system":"urn:anss:id:health","value":"hea_6E84H0WZF587KJF1648P65M90C"}},"date":"{{{written}}}",
             "recommendation":[{"vaccineCode":[{"coding":[{"system":"urn:ma:pni:calendrier","code":"2026"}]}],
             "forecastStatus":{"coding":[
               {"system":"http://terminology.hl7.org/CodeSystem/immunization-recommendation-status","code":"complete"}]}}]}
            """
        );
        var verdict = FhirMinimizer
            .Compile(SomeFhir.ImmunizationRecommendation, SomeFhir.Vaccination)
            .Read(SomeFhir.Terms(), Encoding.UTF8.GetBytes(body));
        Assert.Equal(left is null ? "provider-invalid-answer" : null, verdict.Refusal?.Problem.Code);
        if (left is null)
            return;
        var bundle = JsonNode.Parse(
            Disclosed(SomeFhir.ImmunizationRecommendation, SomeFhir.Vaccination, SomeFhir.Terms(), body).Body.Span
        )!;
        Assert.Equal(left, (string?)bundle["entry"]![0]!["resource"]!["date"]);
    }

    private static string? Utc(string written)
    {
        Span<char> utc = stackalloc char[Instants.Longest];
        return Instants.TryUtc(written, utc, out var length, out _) ? utc[..length].ToString() : null;
    }
}
