using System.Collections.Frozen;
using System.Collections.Immutable;
using System.Text.RegularExpressions;
using Agreements.Contracts;
using Gateway.Minimization;
using Gateway.Requests;

namespace Gateway.Tests.Minimization;

/// <summary>Contracts built by hand, so that these rooms are tested without files.</summary>
internal static class SomeContract
{
    public static readonly DateTimeOffset Now = new(2026, 10, 15, 9, 0, 0, TimeSpan.Zero);
    public static readonly DateOnly Today = new(2026, 10, 15);
    public static readonly DataSubject Child = new("sector-token", "edu_0EHG7CY33N48KJNS6574C03H7S");

    public static Shape Text(int longest = 256, string? pattern = null) =>
        new()
        {
            Kind = ShapeKind.String,
            MaxLength = longest,
            Pattern = pattern is null
                ? null
                : new Regex(pattern, RegexOptions.NonBacktracking | RegexOptions.CultureInvariant, TimeSpan.FromSeconds(1)),
        };

    public static Shape Format(ShapeFormat format) => new() { Kind = ShapeKind.String, Format = format };

    public static Shape Enum(params string[] values) => new() { Kind = ShapeKind.String, Values = values.ToFrozenSet() };

    public static Shape Object(params Member[] members) => new() { Kind = ShapeKind.Object, Members = [.. members] };

    public static Shape List(Shape items, int most = 256) =>
        new()
        {
            Kind = ShapeKind.Array,
            Items = items,
            MaxLength = most,
        };

    public static Member Must(string name, Shape shape) => new(name, shape, Required: true, Envelope: false, WrittenByGateway: false);

    public static Member May(string name, Shape shape) => new(name, shape, Required: false, Envelope: false, WrittenByGateway: false);

    public static Member Envelope(string name, Shape shape, bool required = true, bool written = false) =>
        new(name, shape, required, Envelope: true, written);

    private static readonly Shape DataSubjectShape = Object(
        Must("scheme", Enum("sector-token", "idcs", "household-id")),
        Must("value", Text(64))
    );

    private static Member[] Head(params Member[] answer) =>
        [
            Envelope("schemaVersion", Enum("1.0")),
            Envelope("matchStatus", Enum("MATCHED", "NOT_FOUND", "AMBIGUOUS", "UNAVAILABLE")),
            .. answer,
            Envelope("reliableFrom", Format(ShapeFormat.Date), required: false),
            Envelope("stale", new Shape { Kind = ShapeKind.Boolean }, required: false, written: true),
            Envelope("asOf", Format(ShapeFormat.DateTime)),
            Envelope("source", Text(32, "^[A-Z-]+$")),
        ];

    public static readonly Shape Enrolment = Object(
        Must("status", Enum("ENROLLED", "NOT_ENROLLED", "DROPPED_OUT", "COMPLETED", "PENDING")),
        May("schoolYear", Text(9, @"^\d{4}-\d{4}$")),
        May("since", Format(ShapeFormat.Date)),
        May("cycle", Enum("PRIMARY", "LOWER_SECONDARY", "VOCATIONAL")),
        May("sector", Enum("PUBLIC", "PRIVATE", "OTHER")),
        May("schoolCode", Text(6, @"^\d{5}[A-Z]$"))
    );

    public static readonly StatusRule EnrolmentStatus = new(
        "enrolment.status",
        "enrolment.since",
        ["ENROLLED"],
        ["NOT_ENROLLED", "DROPPED_OUT", "COMPLETED"],
        "PENDING"
    );

    public static readonly Operation SchoolEnrolment = new()
    {
        Id = "education.school-enrolment.read",
        Protocol = OperationProtocol.Json,
        Method = "POST",
        Path = "/education/v1/school-enrolments/query",
        ProviderPath = "/v1/school-enrolments/query",
        Sector = "education",
        AuditClass = AuditClass.Status,
        Purposes = ["ASD_SCHOOLING"],
        Status = EnrolmentStatus,
        Request = Object(
            Must("subject", DataSubjectShape),
            Must("schoolYear", Text(9, @"^\d{4}-\d{4}$")) with
            {
                Rule = "school-year",
            },
            May("referenceDate", Format(ShapeFormat.Date)) with
            {
                Rule = "within-school-year",
            },
            May("fields", List(Text(128), 64)) with
            {
                Rule = "fields",
            }
        ),
        Answer = Object([
            .. Head(May("enrolment", Enrolment)),
            Envelope("sourcesConsulted", List(Text(32)), required: false, written: true),
            Envelope("sourcesUnavailable", List(Text(32)), required: false, written: true),
            Envelope("contest", Object(), required: false, written: true),
        ]),
    };

    public static readonly Operation JobSeeker = new()
    {
        Id = "employment.job-seeker-status.read",
        Protocol = OperationProtocol.Json,
        Method = "POST",
        Path = "/employment/v1/job-seeker-status/query",
        ProviderPath = "/v1/job-seeker-status/query",
        Sector = "employment",
        AuditClass = AuditClass.Status,
        Purposes = ["ASD_ELIGIBILITY"],
        Request = Object(Must("subject", DataSubjectShape), May("fields", List(Text(128), 64)) with { Rule = "fields" }),
        Answer = Object(
            Head(
                May(
                    "jobSeeker",
                    Object(Must("status", Enum("REGISTERED", "LAPSED", "NOT_REGISTERED")), May("since", Format(ShapeFormat.Date)))
                )
            )
        ),
    };

    /// <summary>Arrays, numbers, booleans and depth, which the first operations do not have.</summary>
    public static readonly Operation Nested = new()
    {
        Id = "some.nested.read",
        Protocol = OperationProtocol.Json,
        Method = "POST",
        Path = "/some",
        ProviderPath = "/some",
        Sector = "education",
        AuditClass = AuditClass.Status,
        Purposes = [],
        Answer = Object(
            Head(
                May(
                    "months",
                    List(
                        Object(
                            May("month", Format(ShapeFormat.Month)),
                            May("declared", new Shape { Kind = ShapeKind.Boolean }),
                            May(
                                "days",
                                new Shape
                                {
                                    Kind = ShapeKind.Integer,
                                    Minimum = 0,
                                    Maximum = 31,
                                }
                            ),
                            May("tags", List(Text(8), 4))
                        ),
                        12
                    )
                ),
                May("note", Object(May("inner", Object(May("text", Text(20))))))
            )
        ),
    };

    public static readonly AnswerTree EnrolmentTree = new(SchoolEnrolment);

    public static JsonMinimizer Minimizer(Operation operation, params ImmutableArray<string> release) =>
        JsonMinimizer.Compile(new AnswerTree(operation), release);

    public static ReleaseTerms Terms(string source = "MENPS-MASSAR") =>
        new()
        {
            Source = source,
            Provider = "menps",
            Sent = Child,
            Asked = Child,
            Now = Now,
            Today = Today,
            Freshness = TimeSpan.FromDays(7),
        };
}
