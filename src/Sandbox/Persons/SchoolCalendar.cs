namespace Sandbox.Persons;

/// <summary>
/// The school year in which the town lives, so that fixtures stay "this year" whenever the sandbox is started.
/// A school year runs from 1 September to 31 August, in civil days of Africa/Casablanca.
/// </summary>
public sealed class SchoolCalendar
{
    /// <summary>School year in which the contracts and fixtures were written down: 2026-2027.</summary>
    public const int WrittenFor = 2026;
    private static readonly TimeZoneInfo Casablanca = TimeZoneInfo.FindSystemTimeZoneById("Africa/Casablanca");
    private readonly TimeProvider _clock;

    /// <summary>Looks at the clock once: a town does not change its school year while it runs.</summary>
    public SchoolCalendar(TimeProvider clock)
    {
        this._clock = clock;
        var today = Today;
        StartYear = today.Month >= 9 ? today.Year : today.Year - 1;
    }

    /// <summary>Calendar year in which the current school year starts.</summary>
    public int StartYear { get; }

    /// <summary>Years by which dates written for <see cref="WrittenFor"/> are moved.</summary>
    public int Shift => StartYear - WrittenFor;

    /// <summary>The current school year as it stands on the wire, for example <c>2026-2027</c>.</summary>
    public string Name => NameOf(StartYear);

    /// <summary>Today's civil day in Morocco.</summary>
    public DateOnly Today => DateOnly.FromDateTime(TimeZoneInfo.ConvertTime(_clock.GetUtcNow(), Casablanca).DateTime);

    /// <summary>Name of the school year that starts in a calendar year.</summary>
    public static string NameOf(int startYear) => $"{startYear:D4}-{startYear + 1:D4}";

    /// <summary>A day of the current school year.</summary>
    /// <param name="month">From September on it lies in the first calendar year.</param>
    /// <param name="day">Day.</param>
    public DateOnly Day(int month, int day) => new(month >= 9 ? StartYear : StartYear + 1, month, day);

    /// <summary>How old the sources' data is: they are loaded each night, at midnight in Morocco.</summary>
    /// <returns>The last midnight, UTC.</returns>
    public DateTimeOffset LastLoad
    {
        get
        {
            var midnight = Today.ToDateTime(TimeOnly.MinValue);
            return new DateTimeOffset(midnight, Casablanca.GetUtcOffset(midnight)).ToUniversalTime();
        }
    }
}
