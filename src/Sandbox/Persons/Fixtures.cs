using System.Collections.Immutable;

namespace Sandbox.Persons;

/// <summary>
/// The persons that every newcomer meets (exchanges page, section 14). All of them are SYNTHETIC: no such person exists.
/// The identifiers pass their check digit and most contain <c>666</c>, which MOSIP's default generator never issues.
/// </summary>
public static class Fixtures
{
    /// <summary>Plain child: enrolled in public lower secondary.</summary>
    public const string PlainChild = "2666041939";

    /// <summary>Infant: too young for school; vaccination complete.</summary>
    public const string Infant = "4666204178";

    /// <summary>Unknown to all three sources of education.</summary>
    public const string UnknownChild = "2666185270";

    /// <summary>Known to the ministry, not enrolled.</summary>
    public const string NotEnrolled = "2666502946";

    /// <summary>Left school on 2 October.</summary>
    public const string DroppedOut = "2666718392";

    /// <summary>Two records with one identifier.</summary>
    public const string TwoRecords = "2666904151";

    /// <summary>Finished the cycle that ends schooling.</summary>
    public const string Completed = "2666100070";

    /// <summary>Rolls not settled, with the source's own date.</summary>
    public const string LateRoll = "3666141181";

    /// <summary>Unknown to the ministry, in vocational training.</summary>
    public const string Apprentice = "5666223409";

    /// <summary>Unknown to the ministry and to vocational training, at university.</summary>
    public const string Student = "4666182296";

    /// <summary>Not enrolled at the ministry; vocational training never answers about this person.</summary>
    public const string PartialOutage = "3666798943";

    /// <summary>Answers after six seconds, everywhere.</summary>
    public const string Slow = "6666264511";

    /// <summary>The connection is reset, everywhere.</summary>
    public const string Down = "7666305620";

    /// <summary>The provider sends much more than it should.</summary>
    public const string Generous = "8666346736";

    /// <summary>Members of the wrong type.</summary>
    public const string WrongTypes = "9666387849";

    /// <summary>Cut, duplicated and badly encoded bodies in turn.</summary>
    public const string BrokenBody = "4666840056";

    /// <summary>The answer is about <see cref="PlainChild"/>.</summary>
    public const string WrongPerson = "5666881161";

    /// <summary>Enrolled according to data that is 30 days old.</summary>
    public const string OldData = "2666428950";

    /// <summary>Registered job seeker.</summary>
    public const string JobSeeker = "3666470066";

    /// <summary>Known to the employment service, never registered.</summary>
    public const string WageEarner = "4666511176";

    /// <summary>Two antenatal visits; cover active.</summary>
    public const string PregnantWoman = "5666552289";

    /// <summary>Orphan in care, enrolled in primary school.</summary>
    public const string Orphan = "6666593394";

    /// <summary>Formerly in care, enrolled.</summary>
    public const string FormerPlacement = "7666634507";

    /// <summary>Deceased.</summary>
    public const string Deceased = "8666675613";

    /// <summary>Would be enrolled, but the agency holds no dossier: the source must receive nothing.</summary>
    public const string NoDossier = "9666716724";

    /// <summary>Would be enrolled; the dossier is in another province.</summary>
    public const string OtherProvince = "2666757831";

    /// <summary>Province of the fixtures' dossiers: El Jadida.</summary>
    public const string Province = "06.181.";

    /// <summary>Province of <see cref="OtherProvince"/>: Sidi Bennour.</summary>
    public const string AnotherProvince = "06.467.";

    /// <summary>All of them, in the order of the table.</summary>
    public static ImmutableArray<string> All { get; } =
    [
        PlainChild,
        Infant,
        UnknownChild,
        NotEnrolled,
        DroppedOut,
        TwoRecords,
        Completed,
        LateRoll,
        Apprentice,
        Student,
        PartialOutage,
        Slow,
        Down,
        Generous,
        WrongTypes,
        BrokenBody,
        WrongPerson,
        OldData,
        JobSeeker,
        WageEarner,
        PregnantWoman,
        Orphan,
        FormerPlacement,
        Deceased,
        NoDossier,
        OtherProvince,
    ];
}
