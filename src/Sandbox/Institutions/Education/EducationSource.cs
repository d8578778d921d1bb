using Sandbox.Institutions.Behaviors;
using Sandbox.Persons;

namespace Sandbox.Institutions.Education;

/// <summary>What one education source knows: the fixtures of the exchanges page, section 14, and (the ministry) the register.</summary>
public sealed class EducationSource
{
    private readonly Dictionary<UInt128, Enrolment> _fixtures = [];
    private readonly Dictionary<UInt128, int> _index = [];
    private readonly Pupil[] _pupils;
    private readonly SchoolCalendar _calendar;
    private readonly byte[] _key = SectorToken.SandboxKey("education");

    private EducationSource(string code, SchoolCalendar calendar, Pupil[] pupils)
    {
        Code = code;
        this._calendar = calendar;
        this._pupils = pupils;
        Index();
        Everywhere();
    }

    /// <summary>Source code, for example <c>MENPS-MASSAR</c>.</summary>
    public string Code { get; }

    /// <summary>The ministry's register with its pupils.</summary>
    public static EducationSource Massar(SchoolCalendar calendar, Pupil[] pupils)
    {
        var source = new EducationSource("MENPS-MASSAR", calendar, pupils);
        var start = calendar.Day(9, 7);
        source.Add(Fixtures.PlainChild, source.Enrolled(Cycle.LowerSecondary));
        source.Add(Fixtures.NotEnrolled, source.Known(EnrolmentStatus.NotEnrolled, calendar.Day(9, 1)));
        source.Add(Fixtures.DroppedOut, source.Known(EnrolmentStatus.DroppedOut, calendar.Day(10, 2)));
        source.Add(Fixtures.TwoRecords, source.Known(EnrolmentStatus.Ambiguous, default));
        source.Add(Fixtures.Completed, source.Known(EnrolmentStatus.Completed, start.AddDays(-68)));
        source.Add(Fixtures.LateRoll, source.Known(EnrolmentStatus.Pending, default) with { Pending = calendar.Today.AddDays(20) });
        source.Add(Fixtures.PartialOutage, source.Known(EnrolmentStatus.NotEnrolled, calendar.Day(9, 1)));
        source.Add(Fixtures.OldData, source.Enrolled(Cycle.Primary) with { IsOld = true });
        source.Add(Fixtures.Orphan, source.Enrolled(Cycle.Primary));
        source.Add(Fixtures.FormerPlacement, source.Enrolled(Cycle.Primary));
        source.Add(Fixtures.NoDossier, source.Enrolled(Cycle.Primary));
        source.Add(Fixtures.OtherProvince, source.Enrolled(Cycle.LowerSecondary));
        source.Add(Fixtures.Generous, source.Enrolled(Cycle.LowerSecondary) with { Person = BehaviorMode.Generous });
        source.Add(Fixtures.WrongTypes, source.Enrolled(Cycle.Primary) with { Person = BehaviorMode.WrongType });
        source.Add(Fixtures.BrokenBody, source.Enrolled(Cycle.Primary) with { Person = BehaviorMode.Cut });
        source.Add(Fixtures.WrongPerson, source.Enrolled(Cycle.Primary) with { Person = BehaviorMode.WrongSubject });
        return source;
    }

    /// <summary>Vocational training.</summary>
    public static EducationSource Vocational(SchoolCalendar calendar)
    {
        var source = new EducationSource("DFP", calendar, []);
        source.Add(Fixtures.Apprentice, source.Enrolled(Cycle.Vocational));
        source.Add(Fixtures.PartialOutage, Enrolment.Unknown with { Person = BehaviorMode.Silent });
        return source;
    }

    /// <summary>Higher education.</summary>
    public static EducationSource Higher(SchoolCalendar calendar)
    {
        var source = new EducationSource("MESRI", calendar, []);
        source.Add(Fixtures.Student, source.Enrolled(Cycle.Higher));
        return source;
    }

    /// <summary>Looks a person up.</summary>
    /// <param name="person">The 128 bits of the sector token.</param>
    /// <param name="startYear">School year asked for, by the year in which it starts; 0 for the current one.</param>
    /// <param name="day">Day asked for; default for today.</param>
    public Enrolment Find(UInt128 person, int startYear, DateOnly day)
    {
        var known =
            _fixtures.TryGetValue(person, out var fixture) ? fixture
            : _index.TryGetValue(person, out var at) ? FromRegister(_pupils[at])
            : Enrolment.Unknown;
        return InYear(known, startYear == 0 ? _calendar.StartYear : startYear, day);
    }

    private Enrolment InYear(Enrolment known, int startYear, DateOnly day)
    {
        if (known.Status is EnrolmentStatus.Unknown or EnrolmentStatus.Ambiguous)
            return known;
        if (startYear > _calendar.StartYear)
            return known with
            {
                Status = EnrolmentStatus.Pending,
                Cycle = Cycle.None,
                Since = default,
                Pending = new DateOnly(startYear, 10, 15),
            };
        if (startYear < _calendar.StartYear)
        {
            // Last year: everybody who attends this year, or left during it, attended.
            return known.Status == EnrolmentStatus.NotEnrolled
                ? known with
                {
                    Since = known.Since.AddYears(-1),
                }
                : known with
                {
                    Status = EnrolmentStatus.Enrolled,
                    Since = new DateOnly(startYear, 9, 7),
                    Pending = default,
                };
        }
        return known.Status == EnrolmentStatus.DroppedOut && day != default && day < known.Since
            ? known with
            {
                Status = EnrolmentStatus.Enrolled,
                Since = _calendar.Day(9, 7),
            }
            : known;
    }

    private Enrolment FromRegister(Pupil pupil) =>
        new(
            pupil.Status,
            pupil.Cycle,
            pupil.Sector,
            _calendar.Day(9, 1).AddDays(pupil.SinceDay),
            pupil.School,
            default,
            false,
            BehaviorMode.Normal
        );

    private Enrolment Enrolled(Cycle cycle) =>
        new(EnrolmentStatus.Enrolled, cycle, SchoolSector.Public, _calendar.Day(9, 7), 18_104, default, false, BehaviorMode.Normal);

    private Enrolment Known(EnrolmentStatus status, DateOnly since) =>
        new(status, Cycle.None, SchoolSector.Public, since, -1, default, false, BehaviorMode.Normal);

    private void Add(string idcs, Enrolment enrolment) => _fixtures[SectorToken.Number(_key, idcs)] = enrolment;

    /// <summary>Two persons behave the same at every institution.</summary>
    private void Everywhere()
    {
        Add(Fixtures.Slow, Enrolled(Cycle.Primary) with { Person = BehaviorMode.Slow });
        Add(Fixtures.Down, Enrolled(Cycle.Primary) with { Person = BehaviorMode.Down });
    }

    /// <summary>One HMAC for each pupil, on all cores.</summary>
    private void Index()
    {
        var tokens = new UInt128[_pupils.Length];
        Parallel.For(0, _pupils.Length, i => tokens[i] = SectorToken.Number(_key, _pupils[i].Idcs));
        _index.EnsureCapacity(_pupils.Length);
        for (var i = 0; i < tokens.Length; i++)
            _index.Add(tokens[i], i);
    }
}
