using System.Buffers;
using System.Globalization;
using Sandbox.Institutions.Behaviors;
using Sandbox.Persons;

namespace Sandbox.Institutions.Employment;

/// <summary><c>POST /v1/job-seeker-status/query</c> of the employment service (exchanges page, section 6.1).</summary>
public sealed class JobSeekerQuestion : StandInOperation
{
    private readonly SchoolCalendar _calendar;
    private readonly Dictionary<UInt128, JobSeeker> _persons = [];

    /// <summary>Makes the question with the fixtures of section 14.</summary>
    public JobSeekerQuestion(SchoolCalendar calendar)
        : base("employment.job-seeker-status.read", "/v1/job-seeker-status/query")
    {
        this._calendar = calendar;
        var registered = new JobSeeker("REGISTERED", new DateOnly(calendar.StartYear, 3, 14), BehaviorMode.Normal);
        Add(Fixtures.JobSeeker, registered);
        Add(Fixtures.WageEarner, new JobSeeker("NOT_REGISTERED", default, BehaviorMode.Normal));
        Add(Fixtures.OldData, registered with { Status = "LAPSED", IsOld = true });
        Add(Fixtures.TwoRecords, registered with { Status = null });
        Add(Fixtures.Slow, registered with { Person = BehaviorMode.Slow });
        Add(Fixtures.Down, registered with { Person = BehaviorMode.Down });
        Add(Fixtures.Generous, registered with { Person = BehaviorMode.Generous });
        Add(Fixtures.WrongTypes, registered with { Person = BehaviorMode.WrongType });
        Add(Fixtures.BrokenBody, registered with { Person = BehaviorMode.Cut });
        Add(Fixtures.WrongPerson, registered with { Person = BehaviorMode.WrongSubject });
    }

    /// <inheritdoc/>
    public override string AnswerMember => "jobSeeker";

    /// <inheritdoc/>
    public override string AnotherPerson { get; } = SectorToken.Of("employment", Fixtures.PlainChild);

    /// <inheritdoc/>
    public override Told Answer(ReadOnlySpan<byte> body, BehaviorMode mode, ArrayBufferWriter<byte> output)
    {
        var question = new Question(body);
        if (!question.TryRead("emp"u8))
            return Told.Unreadable;
        var known = _persons.GetValueOrDefault(question.Person);
        Write(question, known, known is { IsOld: true } || mode == BehaviorMode.Stale, output);
        return new Told(200, known?.Person ?? BehaviorMode.Normal, known is null);
    }

    private void Write(in Question question, JobSeeker? known, bool old, ArrayBufferWriter<byte> output)
    {
        var json = PooledJson.Rent(output);
        json.WriteStartObject();
        json.WriteString("schemaVersion"u8, "1.0"u8);
        json.WriteString(
            "matchStatus"u8,
            known is null ? "NOT_FOUND"u8
                : known.Status is null ? "AMBIGUOUS"u8
                : "MATCHED"u8
        );
        json.WriteStartObject("subject"u8);
        json.WriteString("scheme"u8, question.Scheme);
        json.WriteString("value"u8, question.Value);
        json.WriteEndObject();
        if (known?.Status is { } status)
        {
            json.WriteStartObject("jobSeeker"u8);
            json.WriteString("status"u8, status);
            if (known.Since != default)
                json.WriteString("since"u8, known.Since.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture));
            json.WriteEndObject();
        }
        var asOf = old ? _calendar.LastLoad.AddDays(-30) : _calendar.LastLoad;
        json.WriteString("asOf"u8, asOf.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture));
        json.WriteString("source"u8, "ANAPEC"u8);
        json.WriteEndObject();
        json.Flush();
    }

    private void Add(string idcs, JobSeeker seeker) => _persons.Add(SectorToken.Number(SectorToken.SandboxKey("employment"), idcs), seeker);

    /// <summary>What the service knows; without a status there are two records.</summary>
    private sealed record JobSeeker(string? Status, DateOnly Since, BehaviorMode Person)
    {
        public bool IsOld { get; init; }
    }
}
