using System.Collections.Immutable;
using Sandbox.Institutions.Education;
using Sandbox.Institutions.Employment;
using Sandbox.Institutions.Health;
using Sandbox.Persons;

namespace Sandbox.Institutions;

/// <summary>
/// The institutions that the town plays, and the questions each answers. A further exchange adds its questions here and
/// nothing else in this project.
/// </summary>
public static class InstitutionCatalogue
{
    /// <summary>Institution ids, in the order in which they get their ports.</summary>
    public static ImmutableArray<string> Ids { get; } = ["menps", "dfp", "mesri", "anapec", "msps", "cnss"];

    /// <summary>Questions of an institution.</summary>
    /// <param name="institution">Institution id.</param>
    /// <param name="calendar">School year and time.</param>
    /// <param name="pupils">Size of the ministry's register.</param>
    public static ImmutableArray<StandInOperation> Operations(string institution, SchoolCalendar calendar, int pupils) =>
        institution switch
        {
            "menps" => Education(EducationSource.Massar(calendar, PupilGenerator.Make(pupils)), calendar),
            "dfp" => Education(EducationSource.Vocational(calendar), calendar),
            "mesri" => Education(EducationSource.Higher(calendar), calendar),
            "anapec" => [new JobSeekerQuestion(calendar)],
            "msps" => [new ImmunizationRecommendationSearch(calendar), new ObservationSearch(calendar), new PatientSearch(calendar)],
            "cnss" => [new CoverageSearch(calendar), new PatientSearch(calendar)],
            _ => throw new ArgumentException($"unknown institution; the town plays {string.Join(", ", Ids)}", nameof(institution)),
        };

    private static ImmutableArray<StandInOperation> Education(EducationSource source, SchoolCalendar calendar) =>
        [new EnrolmentQuestion(source, calendar), new EnrolmentChunk(source, calendar)];
}
