using System.Text;
using Agreements.Contracts;
using Gateway.Minimization;
using Gateway.Requests;
using Gateway.Tests.Requests;
using Xunit;

namespace Gateway.Tests.Minimization;

/// <summary>What an answer states of the question must be what was asked, and nothing that it tells of lies ahead.</summary>
public sealed class AnotherQuestionTests
{
    private static readonly JsonMinimizer Schooling = SomeContract.Minimizer(
        SomeContract.SchoolEnrolment,
        "enrolment.status",
        "enrolment.schoolYear",
        "enrolment.since"
    );

    private static readonly AccessRequest Asked = Question(
        """{"subject":{"scheme":"sector-token","value":"edu_0EHG7CY33N48KJNS6574C03H7S"},"schoolYear":"2026-202\u0037"}"""
    );

    private static AccessRequest Question(string body, Operation? operation = null)
    {
        Assert.True(
            RequestReader
                .ReadJson(
                    operation ?? SomeContract.SchoolEnrolment,
                    SomeGrant.Of(SomeGrant.Schooling, "sector-token"),
                    SomeGrant.Schooling,
                    Encoding.UTF8.GetBytes(body),
                    SomeContract.Today,
                    isLine: false,
                    out _
                )
                .Allows(out var request, out var refusal),
            refusal?.Reason
        );
        return request;
    }

    private static string? Code(
        string enrolment,
        string extra = "",
        string asOf = "2026-10-12T22:00:00Z",
        AccessRequest? asked = null,
        string match = "MATCHED"
    )
    {
        var answer = enrolment.Length == 0 ? "" : $"\"enrolment\":{enrolment},";
        var body =
            $$"""{"schemaVersion":"1.0","matchStatus":"{{match}}",{{answer}}"asOf":"{{asOf}}","source":"MENPS-MASSAR",{{extra}}"subject":{"scheme":"sector-token","value":"edu_0EHG7CY33N48KJNS6574C03H7S"} }""";
        return Schooling.Read(SomeContract.Terms() with { Question = asked ?? Asked }, Encoding.UTF8.GetBytes(body)).Refusal?.Problem.Code;
    }

    [Theory]
    [InlineData("2026-2027", null)]
    [InlineData("2026-202\\u0037", null)]
    [InlineData("2025-2026", "provider-invalid-answer")]
    [InlineData("2027-2028", "provider-invalid-answer")]
    public void A_school_year_that_was_not_asked_about_is_no_answer(string year, string? code)
    {
        foreach (var status in new[] { "ENROLLED", "NOT_ENROLLED", "PENDING" })
            Assert.Equal(code, Code($$"""{"status":"{{status}}","schoolYear":"{{year}}"}"""));
        Assert.Equal(code, Code("""{"status":"ENROLLED","schoolYear":"2026-2027"}""", $"\"schoolYear\":\"{year}\","));
        Assert.Equal(code, Code("", $"\"schoolYear\":\"{year}\",", match: "NOT_FOUND"));
    }

    [Theory]
    [InlineData("\"2026-10-15\"", null)]
    [InlineData("\"2026-10-14\"", "provider-invalid-answer")]
    [InlineData("20261015", "provider-invalid-answer")]
    [InlineData("{\"day\":14}", "provider-invalid-answer")]
    [InlineData("null", null)]
    public void A_day_that_is_repeated_beside_the_answer_is_compared_with_the_day_that_was_sent(string day, string? code) =>
        Assert.Equal(code, Code("""{"status":"ENROLLED","schoolYear":"2026-2027"}""", $"\"referenceDate\":{day},"));

    [Fact]
    public void Every_kind_of_member_is_compared_by_its_name_wherever_it_stands()
    {
        var number = new Shape { Kind = ShapeKind.Integer };
        var operation = new Operation
        {
            Id = "some.counted.read",
            Protocol = OperationProtocol.Json,
            Method = "POST",
            Path = "/some",
            ProviderPath = "/some",
            Sector = "education",
            AuditClass = AuditClass.Status,
            Purposes = [],
            Request = SomeContract.Object([
                .. SomeContract.SchoolEnrolment.Request!.Members,
                SomeContract.May("month", SomeContract.Format(ShapeFormat.Month)),
                SomeContract.May("days", number),
                SomeContract.May("whole", new Shape { Kind = ShapeKind.Boolean }),
            ]),
            Answer = SomeContract.Object([
                .. SomeContract.SchoolEnrolment.Answer!.Members.Where(static member => member.Name != "enrolment"),
                SomeContract.May(
                    "pay",
                    SomeContract.Object(
                        SomeContract.May(
                            "paid",
                            SomeContract.Object(
                                SomeContract.May("month", SomeContract.Format(ShapeFormat.Month)),
                                SomeContract.May("days", number),
                                SomeContract.May("whole", new Shape { Kind = ShapeKind.Boolean }),
                                SomeContract.May("count", number)
                            )
                        )
                    )
                ),
            ]),
        };
        var asked = Question(
            """{"subject":{"scheme":"sector-token","value":"edu_0EHG7CY33N48KJNS6574C03H7S"},"schoolYear":"2026-2027","month":"2026-09","days":7,"whole":true}""",
            operation
        );
        string? Said(string paid) =>
            SomeContract
                .Minimizer(operation, "pay.paid.count")
                .Read(
                    SomeContract.Terms() with
                    {
                        Question = asked,
                    },
                    Encoding.UTF8.GetBytes(
                        $$"""{"schemaVersion":"1.0","matchStatus":"MATCHED","pay":{"paid":{{paid}}},"asOf":"2026-10-12T22:00:00Z","source":"MENPS-MASSAR","subject":{"scheme":"sector-token","value":"edu_0EHG7CY33N48KJNS6574C03H7S"} }"""
                    )
                )
                .Refusal?.Problem.Code;
        Assert.Null(Said("""{"month":"2026-09","days":7,"whole":true,"count":3}"""));
        Assert.Null(Said("""{"count":3}"""));
        Assert.Equal("provider-invalid-answer", Said("""{"month":"2026-08"}"""));
        Assert.Equal("provider-invalid-answer", Said("""{"days":8}"""));
        Assert.Equal("provider-invalid-answer", Said("""{"whole":false}"""));
    }

    [Theory]
    [InlineData("2026-10-15T09:02:00Z", null)]
    [InlineData("2026-10-15T09:02:01Z", "provider-invalid-answer")]
    [InlineData("2099-01-01T00:00:00Z", "provider-invalid-answer")]
    [InlineData("9999-12-31T23:59:59Z", "provider-invalid-answer")]
    public void Data_of_the_future_is_a_fault_of_the_source(string asOf, string? code)
    {
        Assert.Equal(code, Code("""{"status":"ENROLLED","schoolYear":"2026-2027"}""", asOf: asOf));
        Assert.Equal(code, Code("", asOf: asOf, match: "NOT_FOUND"));
    }

    [Theory]
    [InlineData("2026-10-15", null)]
    [InlineData("2026-10-16", "provider-invalid-answer")]
    [InlineData("2099-01-01", "provider-invalid-answer")]
    public void A_status_that_has_not_begun_is_a_fault_of_the_source(string since, string? code) =>
        Assert.Equal(code, Code($$"""{"status":"NOT_ENROLLED","schoolYear":"2026-2027","since":"{{since}}"}"""));

    [Fact]
    public void Any_instant_of_an_answer_may_be_two_minutes_ahead_and_no_more()
    {
        var operation = new Operation
        {
            Id = "some.timed.read",
            Protocol = OperationProtocol.Json,
            Method = "POST",
            Path = "/some",
            ProviderPath = "/some",
            Sector = "education",
            AuditClass = AuditClass.Status,
            Purposes = [],
            Answer = SomeContract.Object([
                .. SomeContract.SchoolEnrolment.Answer!.Members.Where(static member => member.Name != "enrolment"),
                SomeContract.May("last", SomeContract.Object(SomeContract.May("seen", SomeContract.Format(ShapeFormat.DateTime)))),
            ]),
        };
        string? Said(string seen) =>
            SomeContract
                .Minimizer(operation, "last.seen")
                .Read(
                    SomeContract.Terms(),
                    Encoding.UTF8.GetBytes(
                        $$"""{"schemaVersion":"1.0","matchStatus":"MATCHED","last":{"seen":"{{seen}}"},"asOf":"2026-10-12T22:00:00Z","source":"MENPS-MASSAR","subject":{"scheme":"sector-token","value":"edu_0EHG7CY33N48KJNS6574C03H7S"} }"""
                    )
                )
                .Refusal?.Problem.Code;
        Assert.Null(Said("2026-10-15T09:01:59Z"));
        Assert.Equal("provider-invalid-answer", Said("2026-10-15T09:03:00Z"));
    }
}
