using System.Globalization;
using System.Text.Json;
using Sandbox.Institutions.Behaviors;
using Sandbox.Persons;

namespace Sandbox.Institutions.Education;

/// <summary>Writes an answer of the school-enrolment question (exchanges page, sections 1.5, 1.6, 5.1).</summary>
/// <param name="source">Code of the source.</param>
/// <param name="calendar">School year and time.</param>
public sealed class EnrolmentWriter(string source, SchoolCalendar calendar)
{
    private static readonly string[] StatusNames = ["", "ENROLLED", "NOT_ENROLLED", "DROPPED_OUT", "COMPLETED", "PENDING", ""];
    private static readonly string[] CycleNames =
    [
        "",
        "PRESCHOOL",
        "PRIMARY",
        "LOWER_SECONDARY",
        "UPPER_SECONDARY",
        "VOCATIONAL",
        "HIGHER",
        "SECOND_CHANCE",
    ];
    private static readonly string[] SectorNames = ["PUBLIC", "PRIVATE", "OTHER"];

    /// <summary>Writes one object.</summary>
    /// <param name="json">Writer at the start of a document.</param>
    /// <param name="question">The question, whose subject and reference are echoed.</param>
    /// <param name="enrolment">What is known.</param>
    /// <param name="mode">Mode that changes what is true.</param>
    public void Write(Utf8JsonWriter json, in Question question, Enrolment enrolment, BehaviorMode mode)
    {
        if (mode == BehaviorMode.PendingSeason && enrolment.IsNegative)
            enrolment = enrolment with
            {
                Status = EnrolmentStatus.Pending,
                Since = default,
                Cycle = Cycle.None,
                Pending = calendar.Today.AddDays(20),
            };
        json.WriteStartObject();
        if (!question.Reference.IsEmpty)
            json.WriteString("reference"u8, question.Reference);
        json.WriteString("schemaVersion"u8, "1.0"u8);
        json.WriteString(
            "matchStatus"u8,
            enrolment.Status switch
            {
                EnrolmentStatus.Unknown => "NOT_FOUND"u8,
                EnrolmentStatus.Ambiguous => "AMBIGUOUS"u8,
                _ => "MATCHED"u8,
            }
        );
        json.WriteStartObject("subject"u8);
        json.WriteString("scheme"u8, question.Scheme);
        json.WriteString("value"u8, question.Value);
        json.WriteEndObject();
        if (enrolment.Status is not (EnrolmentStatus.Unknown or EnrolmentStatus.Ambiguous))
            WriteEnrolment(json, question, enrolment);
        if (enrolment.Pending != default)
            WriteDate(json, "reliableFrom"u8, enrolment.Pending);
        WriteAsOf(json, enrolment.IsOld || mode == BehaviorMode.Stale);
        json.WriteString("source"u8, source);
        json.WriteEndObject();
    }

    private void WriteEnrolment(Utf8JsonWriter json, in Question question, Enrolment enrolment)
    {
        json.WriteStartObject("enrolment"u8);
        json.WriteString("status"u8, StatusNames[(int)enrolment.Status]);
        Span<char> year = stackalloc char[9];
        var start = question.StartYear == 0 ? calendar.StartYear : question.StartYear;
        year.TryWrite(CultureInfo.InvariantCulture, $"{start:D4}-{start + 1:D4}", out _);
        json.WriteString("schoolYear"u8, year);
        if (enrolment.Since != default)
            WriteDate(json, "since"u8, enrolment.Since);
        if (enrolment.Status == EnrolmentStatus.Enrolled)
        {
            json.WriteString("cycle"u8, CycleNames[(int)enrolment.Cycle]);
            json.WriteString("sector"u8, SectorNames[(int)enrolment.Sector]);
            if (enrolment.School >= 0)
                WriteSchool(json, enrolment.School);
        }
        json.WriteEndObject();
    }

    /// <summary>Codes have five digits and a letter; these are invented.</summary>
    private static void WriteSchool(Utf8JsonWriter json, int school)
    {
        Span<char> code = stackalloc char[6];
        (school % 100_000).TryFormat(code, out _, "D5", CultureInfo.InvariantCulture);
        code[5] = (char)('A' + (school % 23));
        json.WriteString("schoolCode"u8, code);
    }

    private static void WriteDate(Utf8JsonWriter json, ReadOnlySpan<byte> name, DateOnly date)
    {
        Span<char> text = stackalloc char[10];
        date.TryFormat(text, out _, "yyyy-MM-dd", CultureInfo.InvariantCulture);
        json.WriteString(name, text);
    }

    private void WriteAsOf(Utf8JsonWriter json, bool old)
    {
        Span<char> text = stackalloc char[20];
        var asOf = old ? calendar.LastLoad.AddDays(-30) : calendar.LastLoad;
        asOf.UtcDateTime.TryFormat(text, out _, "yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture);
        json.WriteString("asOf"u8, text);
    }
}
