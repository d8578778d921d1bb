using System.Buffers;
using Sandbox.Institutions.Behaviors;
using Sandbox.Persons;

namespace Sandbox.Institutions.Education;

/// <summary><c>POST /v1/school-enrolments/query</c>: one child.</summary>
/// <param name="source">What the institution knows.</param>
/// <param name="calendar">School year and time.</param>
public sealed class EnrolmentQuestion(EducationSource source, SchoolCalendar calendar)
    : StandInOperation("education.school-enrolment.read", "/v1/school-enrolments/query")
{
    private readonly EnrolmentWriter _answers = new(source.Code, calendar);

    /// <inheritdoc/>
    public override string AnswerMember => "enrolment";

    /// <inheritdoc/>
    public override string AnotherPerson { get; } = SectorToken.Of("education", Fixtures.PlainChild);

    /// <inheritdoc/>
    public override Told Answer(ReadOnlySpan<byte> body, BehaviorMode mode, ArrayBufferWriter<byte> output)
    {
        var question = new Question(body);
        if (!question.TryRead("edu"u8))
            return Told.Unreadable;
        var enrolment = source.Find(question.Person, question.StartYear, question.ReferenceDate);
        var json = PooledJson.Rent(output);
        _answers.Write(json, question, enrolment, mode);
        json.Flush();
        return new Told(200, enrolment.Person, enrolment.Status == EnrolmentStatus.Unknown);
    }
}
