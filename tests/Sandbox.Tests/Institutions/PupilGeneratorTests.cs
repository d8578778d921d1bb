using Sandbox.Institutions.Education;
using Sandbox.Persons;
using Xunit;

namespace Sandbox.Tests.Institutions;

public sealed class PupilGeneratorTests
{
    private static readonly Pupil[] Pupils = PupilGenerator.Make();

    [Fact]
    public void There_are_a_hundred_thousand_and_the_same_ones_each_time()
    {
        Assert.Equal(100_000, Pupils.Length);
        Assert.Equal(Pupils, PupilGenerator.Make());
        Assert.NotEqual(Pupils, PupilGenerator.Make(seed: PupilGenerator.Seed + 1));
    }

    [Fact]
    public void The_first_pupils_are_these_on_every_machine() =>
        Assert.Equal(["7666045917", "2666920221", "6666794536"], Pupils.Take(3).Select(p => p.Idcs));

    [Fact]
    public void Identifiers_are_valid_of_the_never_issued_kind_and_nobody_elses()
    {
        var fixtures = Fixtures.All.ToHashSet();
        var seen = new HashSet<string>();
        foreach (var pupil in Pupils)
        {
            var idcs = pupil.Idcs;
            Assert.True(Verhoeff.IsValid(idcs) && idcs.Length == 10 && idcs[0] >= '2' && idcs.Contains("666", StringComparison.Ordinal));
            Assert.True(seen.Add(idcs) && !fixtures.Contains(idcs));
        }
    }

    [Fact]
    public void Enrolment_by_age_has_the_shape_of_a_school_system()
    {
        double Share(int from, int to) =>
            Pupils.Where(p => p.Age >= from && p.Age <= to).Average(p => p.Status == EnrolmentStatus.Enrolled ? 1.0 : 0.0);
        Assert.InRange(Share(4, 5), 0.75, 0.88);
        Assert.InRange(Share(6, 11), 0.97, 1.0);
        Assert.InRange(Share(12, 14), 0.91, 0.97);
        Assert.InRange(Share(15, 17), 0.66, 0.76);
        Assert.InRange(Share(18, 20), 0.20, 0.36);
    }

    [Fact]
    public void Every_status_cycle_and_sector_occurs_and_fits_the_age()
    {
        Assert.All(Pupils, p => Assert.InRange(p.Age, 4, 20));
        Assert.All(Pupils.Where(p => p.Cycle == Cycle.Preschool), p => Assert.InRange(p.Age, 4, 6));
        Assert.All(Pupils.Where(p => p.Cycle == Cycle.Primary), p => Assert.InRange(p.Age, 6, 12));
        Assert.All(Pupils.Where(p => p.Status == EnrolmentStatus.Completed), p => Assert.InRange(p.Age, 17, 20));
        foreach (
            var status in new[]
            {
                EnrolmentStatus.Enrolled,
                EnrolmentStatus.NotEnrolled,
                EnrolmentStatus.DroppedOut,
                EnrolmentStatus.Completed,
            }
        )
            Assert.Contains(Pupils, p => p.Status == status);
        var enrolled = Pupils.Where(p => p.Status == EnrolmentStatus.Enrolled).ToArray();
        Assert.InRange(enrolled.Average(p => p.Sector == SchoolSector.Public ? 1.0 : 0.0), 0.75, 0.90);
        Assert.InRange(enrolled.Average(p => p.Sector == SchoolSector.Private ? 1.0 : 0.0), 0.10, 0.22);
        foreach (
            var cycle in new[]
            {
                Cycle.Preschool,
                Cycle.Primary,
                Cycle.LowerSecondary,
                Cycle.UpperSecondary,
                Cycle.Vocational,
                Cycle.SecondChance,
            }
        )
            Assert.Contains(enrolled, p => p.Cycle == cycle);
    }

    [Fact]
    public void Every_province_has_pupils_and_Casablanca_the_most()
    {
        var count = Pupils.CountBy(p => Province.All[p.Province].Code).ToDictionary();
        Assert.Equal(Province.All.Length, count.Count);
        Assert.Equal("06.141.", count.MaxBy(p => p.Value).Key);
        Assert.All(Province.All, p => Assert.Matches(@"^\d{2}\.\d{3}\.$", p.Code));
        Assert.Contains(Province.All, p => p.Code == Fixtures.Province);
        Assert.Contains(Province.All, p => p.Code == Fixtures.AnotherProvince);
    }
}
