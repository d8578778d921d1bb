using Sandbox.Persons;

namespace Sandbox.Institutions.Education;

/// <summary>
/// Makes the synthetic register: the same seed gives the same pupils. Shares by age follow the shape of Moroccan schooling
/// (near full enrolment in primary school, falling from fifteen on; a fifth in private schools in towns); they are
/// plausible, not statistics.
/// </summary>
public static class PupilGenerator
{
    /// <summary>Seed of the sandbox's population.</summary>
    public const ulong Seed = 0x5EED_2026_0001;

    /// <summary>Pupils of the sandbox.</summary>
    public const int Population = 100_000;
    private const int YoungestAge = 4;
    private const int OldestAge = 20;

    /// <summary>Enrolled per thousand, by age from four to twenty.</summary>
    private static ReadOnlySpan<short> EnrolledPerMille =>
        [760, 850, 985, 992, 994, 993, 990, 985, 965, 945, 915, 790, 715, 640, 420, 260, 150];

    /// <summary>Makes pupils.</summary>
    /// <param name="count">How many; at most <see cref="Pupil.Serials"/> less the fixtures.</param>
    /// <param name="seed">Seed.</param>
    public static Pupil[] Make(int count = Population, ulong seed = Seed)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(count, Pupil.Serials - Fixtures.All.Length);
        var random = new SplitMix(seed);
        var taken = new HashSet<int>();
        foreach (var fixture in Fixtures.All)
            taken.Add(((fixture[0] - '2') * 100_000) + int.Parse(fixture.AsSpan(4, 5)));
        var provinces = new WeightedProvinces();
        var pupils = new Pupil[count];
        // An affine walk with a step that shares no factor with the range meets every serial once: unique without a second look.
        const int Step = 387_431;
        var serial = random.Below(Pupil.Serials);
        for (var made = 0; made < count; serial = (serial + Step) % Pupil.Serials)
            if (!taken.Contains(serial))
                pupils[made++] = One(serial, ref random, provinces);
        return pupils;
    }

    private static Pupil One(int serial, ref SplitMix random, WeightedProvinces provinces)
    {
        var age = Age(ref random);
        var status = Status(age, ref random);
        var province = provinces.Pick(ref random);
        var cycle = status == EnrolmentStatus.Completed ? Cycle.UpperSecondary : CycleAt(age, ref random);
        var sector = SectorOf(cycle, ref random);
        var school = (province * 1_300) + random.Below(1_300);
        return new Pupil(serial, school, Since(status, ref random), (byte)province, (byte)age, status, cycle, sector);
    }

    /// <summary>Birth cohorts shrink a little each year, so older ages are slightly more numerous.</summary>
    private static int Age(ref SplitMix random)
    {
        while (true)
        {
            var age = YoungestAge + random.Below(OldestAge - YoungestAge + 1);
            if (random.PerMille(880 + ((age - YoungestAge) * 7)))
                return age;
        }
    }

    private static EnrolmentStatus Status(int age, ref SplitMix random)
    {
        if (random.PerMille(EnrolledPerMille[age - YoungestAge]))
            return EnrolmentStatus.Enrolled;
        if (age >= 17 && random.PerMille(age >= 18 ? 480 : 150))
            return EnrolmentStatus.Completed;
        return age >= 6 && random.PerMille(age >= 12 ? 140 : 60) ? EnrolmentStatus.DroppedOut : EnrolmentStatus.NotEnrolled;
    }

    private static Cycle CycleAt(int age, ref SplitMix random)
    {
        // Repeaters are a year behind; a few go to second-chance schools or to training.
        var level = random.PerMille(age >= 12 ? 190 : 60) ? age - 1 : age;
        return level switch
        {
            <= 5 => Cycle.Preschool,
            <= 11 => Cycle.Primary,
            <= 14 => Cycle.LowerSecondary,
            _ when random.PerMille(30) => Cycle.SecondChance,
            _ when random.PerMille(60) => Cycle.Vocational,
            _ => Cycle.UpperSecondary,
        };
    }

    private static SchoolSector SectorOf(Cycle cycle, ref SplitMix random)
    {
        var (privately, otherwise) = cycle switch
        {
            Cycle.Preschool => (300, 220),
            Cycle.Primary => (180, 4),
            Cycle.SecondChance => (0, 900),
            _ => (110, 2),
        };
        var roll = random.Below(1000);
        if (roll < privately)
            return SchoolSector.Private;
        return roll < privately + otherwise ? SchoolSector.Other : SchoolSector.Public;
    }

    private static short Since(EnrolmentStatus status, ref SplitMix random) =>
        status switch
        {
            EnrolmentStatus.Enrolled => (short)(random.PerMille(900) ? 6 : 6 + random.Below(21)),
            EnrolmentStatus.DroppedOut => (short)(20 + random.Below(25)),
            EnrolmentStatus.Completed => -62,
            _ => 0,
        };

    private sealed class WeightedProvinces
    {
        private readonly int[] _upTo = new int[Province.All.Length];

        public WeightedProvinces()
        {
            var sum = 0;
            for (var i = 0; i < _upTo.Length; i++)
                _upTo[i] = sum += Province.All[i].Weight;
        }

        public int Pick(ref SplitMix random)
        {
            var found = Array.BinarySearch(_upTo, random.Below(_upTo[^1]) + 1);
            return found >= 0 ? found : ~found;
        }
    }
}
