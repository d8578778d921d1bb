using System.Collections.Immutable;
using System.Text;
using Agreements;
using Gateway.Minimization;
using Gateway.Problems;
using Xunit;

namespace Gateway.Tests.Minimization;

/// <summary>The examples of the exchanges page, sections 5.1 and 5.2, byte for byte but for white space.</summary>
public sealed class DisclosureTest
{
    private static readonly ImmutableArray<Source> Three =
    [
        new("MENPS-MASSAR", "menps", null),
        new("DFP", "dfp", null),
        new("MESRI", "mesri", null),
    ];
    private static readonly JsonMinimizer Schooling = SomeContract.Minimizer(
        SomeContract.SchoolEnrolment,
        "enrolment.status",
        "enrolment.schoolYear",
        "enrolment.since"
    );
    private static readonly Contest Contest = new("/education/v1/enrolment-reviews", new(2026, 11, 15), "TICKET");

    private static Verdict<SourceAnswer> Say(JsonMinimizer minimizer, ReleaseTerms terms, string status, string? enrolment = null)
    {
        var reference = terms.Line is null ? "" : $"\"reference\":\"{terms.Line.Reference}\",";
        var answer = enrolment is null ? "" : $"\"enrolment\":{enrolment},";
        return minimizer.Read(
            terms,
            Encoding.UTF8.GetBytes(
                $$"""
                { {{reference}} "schemaVersion":"1.0","matchStatus":"{{status}}",{{answer}}"asOf":"2026-10-12T22:00:00Z","source":"{{terms.Source}}",
                  "subject":{"scheme":"sector-token","value":"edu_0EHG7CY33N48KJNS6574C03H7S"} }
                """
            )
        );
    }

    private static Disclosure Disclosed(
        JsonMinimizer minimizer,
        ImmutableArray<Source> sources,
        ReleaseTerms terms,
        params (string Status, string? Enrolment)[] said
    )
    {
        var combination = new Combination(sources, minimizer.Tree.Status);
        while (combination.Next is { } source)
        {
            var (status, enrolment) = said[sources.IndexOf(source)];
            var leg = terms with { Source = source.Code };
            combination.Add(
                source,
                status.Length == 0
                    ? new Refusal(Problem.ProviderTimeout) { Provider = source.Institution }
                    : Say(minimizer, leg, status, enrolment)
            );
        }

        Assert.True(combination.Conclude().Allows(out var answer, out _));
        return minimizer.Write(terms, answer);
    }

    private static string Text(Disclosure disclosure) => Encoding.UTF8.GetString(disclosure.Body.Span);

    [Fact]
    public void The_answer_for_the_premium()
    {
        var premium = SomeContract.Minimizer(
            SomeContract.SchoolEnrolment,
            "enrolment.status",
            "enrolment.schoolYear",
            "enrolment.cycle",
            "enrolment.sector"
        );
        var disclosure = Disclosed(
            premium,
            [Three[0]],
            SomeContract.Terms(),
            (
                "MATCHED",
                """{"status":"ENROLLED","cycle":"LOWER_SECONDARY","sector":"PUBLIC","schoolYear":"2026-2027","since":"2026-09-07"}"""
            )
        );
        Assert.Equal(
            """{"schemaVersion":"1.0","matchStatus":"MATCHED","enrolment":{"status":"ENROLLED","cycle":"LOWER_SECONDARY","sector":"PUBLIC","schoolYear":"2026-2027"},"asOf":"2026-10-12T22:00:00Z","source":"MENPS-MASSAR","sourcesConsulted":["MENPS-MASSAR"],"sourcesUnavailable":[]}""",
            Text(disclosure)
        );
        Assert.Equal(["enrolment.status", "enrolment.schoolYear", "enrolment.cycle", "enrolment.sector"], disclosure.ReleasedPaths);
        Assert.Equal(["enrolment.since"], disclosure.StrippedPaths);
        Assert.Equal("application/json", disclosure.ContentType);
    }

    [Fact]
    public void The_answer_in_the_pending_season_shows_nothing_that_would_be_read_as_settled()
    {
        var terms = SomeContract.Terms() with
        {
            Now = new(2026, 10, 13, 9, 0, 0, TimeSpan.Zero),
            Today = new(2026, 10, 13),
            ReliableFrom = new(2026, 10, 15),
            Freshness = null,
        };
        var disclosure = Disclosed(
            Schooling,
            Three,
            terms,
            ("MATCHED", """{"status":"NOT_ENROLLED","schoolYear":"2026-2027","since":"2026-07-01"}"""),
            ("NOT_FOUND", null),
            ("NOT_FOUND", null)
        );
        Assert.Equal(
            """{"schemaVersion":"1.0","matchStatus":"MATCHED","enrolment":{"status":"PENDING","schoolYear":"2026-2027"},"reliableFrom":"2026-10-15","asOf":"2026-10-12T22:00:00Z","source":"MENPS-MASSAR","sourcesConsulted":["MENPS-MASSAR","DFP","MESRI"],"sourcesUnavailable":[]}""",
            Text(disclosure)
        );
        Assert.Equal(["enrolment.status", "enrolment.schoolYear"], disclosure.ReleasedPaths);
        Assert.Equal(["enrolment.since"], disclosure.StrippedPaths);
    }

    [Fact]
    public void A_reliable_negative_opens_a_contest()
    {
        var disclosure = Disclosed(
            Schooling,
            Three,
            SomeContract.Terms() with
            {
                Contest = Contest,
            },
            ("MATCHED", """{"status":"DROPPED_OUT","schoolYear":"2026-2027","since":"2026-10-02"}"""),
            ("NOT_FOUND", null),
            ("NOT_FOUND", null)
        );
        Assert.Equal(
            """{"schemaVersion":"1.0","matchStatus":"MATCHED","enrolment":{"status":"DROPPED_OUT","schoolYear":"2026-2027","since":"2026-10-02"},"asOf":"2026-10-12T22:00:00Z","source":"MENPS-MASSAR","sourcesConsulted":["MENPS-MASSAR","DFP","MESRI"],"sourcesUnavailable":[],"contest":{"reviewPath":"/education/v1/enrolment-reviews","openUntil":"2026-11-15","ticket":"TICKET"}}""",
            Text(disclosure)
        );
    }

    [Fact]
    public void A_positive_or_a_stale_answer_opens_none()
    {
        var terms = SomeContract.Terms() with { Contest = Contest };
        Assert.DoesNotContain(
            "contest",
            Text(Disclosed(Schooling, [Three[0]], terms, ("MATCHED", """{"status":"ENROLLED"}"""))),
            StringComparison.Ordinal
        );
        var stale = Text(
            Disclosed(Schooling, [Three[0]], terms with { Freshness = TimeSpan.FromDays(1) }, ("MATCHED", """{"status":"NOT_ENROLLED"}"""))
        );
        Assert.Contains("\"stale\":true,\"asOf\"", stale, StringComparison.Ordinal);
        Assert.DoesNotContain("contest", stale, StringComparison.Ordinal);
    }

    [Fact]
    public void A_partial_outage_is_unavailable()
    {
        var disclosure = Disclosed(
            Schooling,
            Three,
            SomeContract.Terms(),
            ("MATCHED", """{"status":"NOT_ENROLLED","schoolYear":"2026-2027"}"""),
            ("", null),
            ("NOT_FOUND", null)
        );
        Assert.Equal(
            """{"schemaVersion":"1.0","matchStatus":"UNAVAILABLE","asOf":"2026-10-12T22:00:00Z","source":"MENPS-MASSAR","sourcesConsulted":["MENPS-MASSAR","DFP","MESRI"],"sourcesUnavailable":["DFP"]}""",
            Text(disclosure)
        );
        Assert.Empty(disclosure.ReleasedPaths);
        Assert.Equal(["enrolment.status", "enrolment.schoolYear"], disclosure.StrippedPaths);
    }

    [Fact]
    public void Result_lines_begin_with_reference_and_exchange_id()
    {
        var terms = SomeContract.Terms() with { Line = new("b7-000016", "01M50STXN9RJ11EB7MQFDZ4S4X") };
        Assert.Equal(
            """{"reference":"b7-000016","exchangeId":"01M50STXN9RJ11EB7MQFDZ4S4X","outcome":"answered","schemaVersion":"1.0","matchStatus":"MATCHED","enrolment":{"status":"ENROLLED","schoolYear":"2026-2027","since":"2026-09-07"},"asOf":"2026-10-12T22:00:00Z","source":"MENPS-MASSAR","sourcesConsulted":["MENPS-MASSAR"],"sourcesUnavailable":[]}""",
            Text(
                Disclosed(
                    Schooling,
                    Three,
                    terms,
                    ("MATCHED", """{"status":"ENROLLED","schoolYear":"2026-2027","since":"2026-09-07"}"""),
                    ("NOT_FOUND", null),
                    ("NOT_FOUND", null)
                )
            )
        );
        Assert.Equal(
            """{"reference":"b7-000016","exchangeId":"01M50STXN9RJ11EB7MQFDZ4S4X","outcome":"unavailable","schemaVersion":"1.0","code":"provider-timeout","rule":"FWD-04","fixableBy":"provider","retryable":true,"provider":"dfp","asOf":"2026-10-12T22:00:00Z","source":"MENPS-MASSAR","sourcesConsulted":["MENPS-MASSAR","DFP","MESRI"],"sourcesUnavailable":["DFP"]}""",
            Text(Disclosed(Schooling, Three, terms, ("NOT_FOUND", null), ("", null), ("NOT_FOUND", null)))
        );
        Assert.Equal(
            """{"reference":"line:2","exchangeId":"01M50STXNBYV125VKWSYCDRNEK","outcome":"invalid","schemaVersion":"1.0","code":"request-invalid","rule":"REQ-01","fixableBy":"consumer-developer","retryable":false,"errors":[{"pointer":"/schoolYear","code":"missing-member"}]}""",
            Encoding.UTF8.GetString(
                DisclosureWriter.WriteUnanswered(
                    new("line:2", "01M50STXNBYV125VKWSYCDRNEK"),
                    new Refusal(Problem.RequestInvalid) { Errors = [new RequestError("/schoolYear", "missing-member")] },
                    SomeContract.Terms().Now
                )
            )
        );
    }

    [Fact]
    public void A_line_of_a_chunk_must_carry_its_own_reference()
    {
        var terms = SomeContract.Terms() with { Line = new("b7-000016", "01M50STXN9RJ11EB7MQFDZ4S4X") };
        Assert.Null(Say(Schooling, terms, "NOT_FOUND").Refusal);
        var line =
            """{"reference":"b7-000017","schemaVersion":"1.0","matchStatus":"NOT_FOUND","asOf":"2026-10-12T22:00:00Z","source":"MENPS-MASSAR","subject":{"scheme":"sector-token","value":"edu_0EHG7CY33N48KJNS6574C03H7S"}}""";
        Assert.Equal("provider-invalid-answer", Schooling.Read(terms, Encoding.UTF8.GetBytes(line)).Refusal!.Problem.Code);
        Assert.Equal(
            "provider-invalid-answer",
            Schooling
                .Read(terms, Encoding.UTF8.GetBytes(line.Replace("\"reference\":\"b7-000017\",", "", StringComparison.Ordinal)))
                .Refusal!.Problem.Code
        );
        Assert.Equal(
            "provider-invalid-answer",
            Schooling
                .Read(
                    terms,
                    Encoding.UTF8.GetBytes(
                        line.Replace(
                            "\"reference\":\"b7-000017\",",
                            "\"reference\":\"b7-000016\",\"r\\u0065ference\":\"b7-000016\",",
                            StringComparison.Ordinal
                        )
                    )
                )
                .Refusal!.Problem.Code
        );
    }

    [Fact]
    public void Operations_without_fan_out_have_no_lists_of_sources()
    {
        var minimizer = SomeContract.Minimizer(SomeContract.JobSeeker, "jobSeeker.status", "jobSeeker.since");
        var terms = SomeContract.Terms("ANAPEC") with
        {
            Now = new(2026, 11, 2, 0, 0, 0, TimeSpan.Zero),
            Sent = new("sector-token", "emp_6P7W1VFQ5RP29W1N98E3X9YSF6"),
        };
        Assert.True(
            minimizer
                .Read(
                    terms,
                    """{"schemaVersion":"1.0","matchStatus":"MATCHED","jobSeeker":{"status":"REGISTERED","since":"2026-03-14","email":"x"},"asOf":"2026-11-01T23:00:00Z","source":"ANAPEC","subject":{"value":"emp_6P7W1VFQ5RP29W1N98E3X9YSF6","scheme":"sector-token"}}"""u8.ToArray()
                )
                .Allows(out var answer, out _)
        );
        Assert.Equal(
            """{"schemaVersion":"1.0","matchStatus":"MATCHED","jobSeeker":{"status":"REGISTERED","since":"2026-03-14"},"asOf":"2026-11-01T23:00:00Z","source":"ANAPEC"}""",
            JsonMinimizerTest.Written(minimizer, terms, answer)
        );
    }

    [Fact]
    public void A_leg_under_a_wider_agreement_is_narrowed_to_the_exchanges_own()
    {
        var wide = SomeContract.Minimizer(SomeContract.SchoolEnrolment, "enrolment.status", "enrolment.cycle", "enrolment.schoolCode");
        Assert.True(
            Say(wide, SomeContract.Terms(), "MATCHED", """{"status":"ENROLLED","cycle":"PRIMARY","schoolCode":"12345A"}""")
                .Allows(out var answer, out _)
        );
        var combination = new Combination([Three[0]], Schooling.Tree.Status);
        combination.Add(Three[0], answer);
        Assert.True(combination.Conclude().Allows(out var combined, out _));
        var disclosure = Schooling.Write(SomeContract.Terms(), combined);
        Assert.Contains("\"enrolment\":{\"status\":\"ENROLLED\"},", Text(disclosure), StringComparison.Ordinal);
        Assert.Equal(["enrolment.status"], disclosure.ReleasedPaths);
        Assert.Equal(["enrolment.cycle", "enrolment.schoolCode"], disclosure.StrippedPaths);
    }
}
