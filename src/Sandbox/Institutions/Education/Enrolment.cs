using System.Runtime.InteropServices;

namespace Sandbox.Institutions.Education;

/// <summary>Enrolment of a person (exchanges page, section 5.1).</summary>
public enum EnrolmentStatus : byte
{
    /// <summary>The register does not know the person.</summary>
    Unknown,

    /// <summary>Enrolled.</summary>
    Enrolled,

    /// <summary>Known, without an enrolment this year.</summary>
    NotEnrolled,

    /// <summary>Was enrolled this year and left.</summary>
    DroppedOut,

    /// <summary>Finished the cycle that ends schooling.</summary>
    Completed,

    /// <summary>Rolls not settled.</summary>
    Pending,

    /// <summary>Two records with one identifier.</summary>
    Ambiguous,
}

/// <summary>Cycle of schooling.</summary>
public enum Cycle : byte
{
    /// <summary>None.</summary>
    None,

    /// <summary>Preschool.</summary>
    Preschool,

    /// <summary>Primary.</summary>
    Primary,

    /// <summary>Lower secondary.</summary>
    LowerSecondary,

    /// <summary>Upper secondary.</summary>
    UpperSecondary,

    /// <summary>Vocational training.</summary>
    Vocational,

    /// <summary>Higher education.</summary>
    Higher,

    /// <summary>Second-chance school.</summary>
    SecondChance,
}

/// <summary>Who runs the school.</summary>
public enum SchoolSector : byte
{
    /// <summary>Public.</summary>
    Public,

    /// <summary>Private.</summary>
    Private,

    /// <summary>Other, for example an association.</summary>
    Other,
}

/// <summary>What an education source knows about a person in a school year.</summary>
/// <param name="Status">Status on the day asked for.</param>
/// <param name="Cycle">Cycle; <see cref="Cycle.None"/> when there is none.</param>
/// <param name="Sector">Sector of the school.</param>
/// <param name="Since">Since when the status holds; default when the source does not say.</param>
/// <param name="School">Number of the school, which makes its code; negative when there is none.</param>
/// <param name="Pending">The source's own date from which it can be relied on; default when it names none.</param>
/// <param name="IsOld">Data is 30 days old.</param>
/// <param name="Person">Behavior that this person always causes.</param>
[StructLayout(LayoutKind.Auto)]
public readonly record struct Enrolment(
    EnrolmentStatus Status,
    Cycle Cycle,
    SchoolSector Sector,
    DateOnly Since,
    int School,
    DateOnly Pending,
    bool IsOld,
    Behaviors.BehaviorMode Person
)
{
    /// <summary>Someone whom the register does not know.</summary>
    public static Enrolment Unknown { get; } =
        new(EnrolmentStatus.Unknown, Cycle.None, SchoolSector.Public, default, -1, default, false, Behaviors.BehaviorMode.Normal);

    /// <summary>Is the answer a negative, which a season can hold back?</summary>
    public bool IsNegative => Status is EnrolmentStatus.NotEnrolled or EnrolmentStatus.DroppedOut or EnrolmentStatus.Completed;
}
