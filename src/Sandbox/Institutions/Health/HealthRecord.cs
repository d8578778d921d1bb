using System.Collections.Frozen;
using Sandbox.Institutions.Behaviors;
using Sandbox.Persons;

namespace Sandbox.Institutions.Health;

/// <summary>What the stand-in health system knows about a synthetic person.</summary>
/// <param name="Patient">Logical id of the Patient resource.</param>
/// <param name="Idcs">Identifier of the fixture.</param>
/// <param name="IsVaccinated">Vaccination complete by the schedule in force.</param>
/// <param name="AntenatalVisits">Visits counted; null when there is no pregnancy.</param>
/// <param name="IsCovered">Health cover active.</param>
/// <param name="Person">Behavior that this person always causes.</param>
public sealed record HealthRecord(string Patient, string Idcs, bool IsVaccinated, int? AntenatalVisits, bool IsCovered, BehaviorMode Person)
{
    /// <summary>Two Patients carry this identifier.</summary>
    public bool IsAmbiguous => Idcs == Fixtures.TwoRecords;

    /// <summary>Data of this person is 30 days old.</summary>
    public bool IsOld => Idcs == Fixtures.OldData;

    /// <summary>Token of the person in the health sector.</summary>
    public string Token { get; } = SectorToken.Of("health", Idcs);

    /// <summary>The fixtures of the exchanges page, section 14, by sector token and by Patient id.</summary>
    public static FrozenDictionary<string, HealthRecord> All { get; } = Make();

    private static FrozenDictionary<string, HealthRecord> Make()
    {
        HealthRecord[] records =
        [
            new("p-7731", Fixtures.Infant, true, null, true, BehaviorMode.Normal),
            new("p-7732", Fixtures.PregnantWoman, false, 2, true, BehaviorMode.Normal),
            new("p-7733", Fixtures.OldData, true, null, true, BehaviorMode.Normal),
            new("p-7734", Fixtures.TwoRecords, true, null, true, BehaviorMode.Normal),
            new("p-7735", Fixtures.Slow, true, 1, true, BehaviorMode.Slow),
            new("p-7736", Fixtures.Down, true, 1, true, BehaviorMode.Down),
            new("p-7737", Fixtures.Generous, true, 1, true, BehaviorMode.Generous),
            new("p-7738", Fixtures.WrongTypes, true, 1, true, BehaviorMode.WrongType),
            new("p-7739", Fixtures.BrokenBody, true, 1, true, BehaviorMode.ModifierExtension),
            new("p-7740", Fixtures.WrongPerson, true, 1, true, BehaviorMode.WrongSubject),
        ];
        var byKey = new Dictionary<string, HealthRecord>(StringComparer.Ordinal);
        foreach (var record in records)
        {
            byKey.Add(record.Token, record);
            byKey.Add("Patient/" + record.Patient, record);
        }
        return byKey.ToFrozenDictionary(StringComparer.Ordinal);
    }
}
