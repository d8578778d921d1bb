using System.Buffers;
using Sandbox.Institutions.Behaviors;
using Sandbox.Persons;

namespace Sandbox.Institutions.Education;

/// <summary>
/// <c>POST /v1/school-enrolments/query-chunk</c>: many children, one NDJSON line each, matched by <c>reference</c>.
/// A person who misbehaves spoils one line only; the switch spoils the whole response.
/// </summary>
/// <param name="source">What the institution knows.</param>
/// <param name="calendar">School year and time.</param>
public sealed class EnrolmentChunk(EducationSource source, SchoolCalendar calendar)
    : StandInOperation("education.school-enrolment.batch", "/v1/school-enrolments/query-chunk")
{
    private readonly EnrolmentWriter _answers = new(source.Code, calendar);
    private readonly ArrayBufferWriter<byte> _spoiled = new();
    private readonly Lock _gate = new();

    /// <inheritdoc/>
    public override string AnswerType => "application/x-ndjson";

    /// <inheritdoc/>
    public override string AnswerMember => "enrolment";

    /// <inheritdoc/>
    public override string AnotherPerson { get; } = SectorToken.Of("education", Fixtures.PlainChild);

    /// <inheritdoc/>
    public override bool Accepts(string operation) => operation is "education.school-enrolment.batch" or "education.school-enrolment.read";

    /// <inheritdoc/>
    public override Told Answer(ReadOnlySpan<byte> body, BehaviorMode mode, ArrayBufferWriter<byte> output)
    {
        var slow = false;
        while (!body.IsEmpty)
        {
            var end = body.IndexOf((byte)'\n');
            var line = end < 0 ? body : body[..end];
            body = end < 0 ? [] : body[(end + 1)..];
            if (line.IsEmpty)
                continue;
            var question = new Question(line);
            if (!question.TryRead("edu"u8) || question.Reference.IsEmpty)
                return Told.Unreadable;
            var enrolment = source.Find(question.Person, question.StartYear, question.ReferenceDate);
            slow |= enrolment.Person == BehaviorMode.Slow;
            Write(question, enrolment, mode, output);
            output.Write("\n"u8);
        }
        return new Told(200, slow ? BehaviorMode.Slow : BehaviorMode.Normal, false);
    }

    private void Write(in Question question, Enrolment enrolment, BehaviorMode mode, ArrayBufferWriter<byte> output)
    {
        if (enrolment.Person is BehaviorMode.Normal or BehaviorMode.Slow)
        {
            var json = PooledJson.Rent(output);
            _answers.Write(json, question, enrolment, mode);
            json.Flush();
            return;
        }
        lock (_gate)
        {
            _spoiled.ResetWrittenCount();
            var json = PooledJson.Rent(_spoiled);
            _answers.Write(json, question, enrolment, mode);
            json.Flush();
            // A person about whom nothing can be said does not silence the other lines: the source says so on this one.
            if (enrolment.Person is BehaviorMode.Down or BehaviorMode.Silent)
                WriteUnavailable(question, output);
            else
                output.Write(Distortion.Apply(enrolment.Person, _spoiled.WrittenSpan, AnswerMember, AnotherPerson));
        }
    }

    private void WriteUnavailable(in Question question, ArrayBufferWriter<byte> output)
    {
        var json = PooledJson.Rent(output);
        json.WriteStartObject();
        json.WriteString("reference"u8, question.Reference);
        json.WriteString("schemaVersion"u8, "1.0"u8);
        json.WriteString("matchStatus"u8, "UNAVAILABLE"u8);
        json.WriteStartObject("subject"u8);
        json.WriteString("scheme"u8, question.Scheme);
        json.WriteString("value"u8, question.Value);
        json.WriteEndObject();
        json.WriteString(
            "asOf"u8,
            calendar.LastLoad.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", System.Globalization.CultureInfo.InvariantCulture)
        );
        json.WriteString("source"u8, source.Code);
        json.WriteEndObject();
        json.Flush();
    }
}
