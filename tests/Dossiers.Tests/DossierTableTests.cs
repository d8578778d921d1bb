using Dossiers.Tests.Support;
using Gateway.Authorization.Dossiers;
using Xunit;

namespace Dossiers.Tests;

public sealed class DossierTableTests
{
    [Fact]
    public void Two_hundred_thousand_persons_are_found_and_nobody_else_is()
    {
        var table = new DossierTable();
        for (var i = 0; i < 200_000; i++)
            table.Replace(1 + i % 3, Some.Person(i), [new Period(10, 20, Some.Here, Continues: false, (uint)i)]);
        for (var i = 0; i < 200_000; i++)
        {
            Assert.True(table.TryFind(1 + i % 3, Some.Person(i), 15, out var period));
            Assert.Equal((uint)i, period.Declared);
            Assert.False(table.TryFind(1 + (i + 1) % 3, Some.Person(i), 15, out _));
            Assert.False(table.TryFind(1 + i % 3, Some.Person(i), 21, out _));
        }

        Assert.Equal(200_000, table.Count(1) + table.Count(2) + table.Count(3));
        Assert.InRange(table.Bytes / 200_000.0, 28, 42);
    }

    [Fact]
    public void A_person_keeps_a_closed_period_and_a_new_one()
    {
        var table = new DossierTable();
        table.Replace(
            1,
            Some.Person(1),
            [new Period(10, 20, Some.Here, Continues: false, 1), new Period(40, DossierDay.Open, Some.There, Continues: false, 2)]
        );
        Assert.True(table.TryFind(1, Some.Person(1), 20, out var closed));
        Assert.False(table.TryFind(1, Some.Person(1), 30, out _));
        Assert.True(table.TryFind(1, Some.Person(1), 60_000, out var open));
        Assert.Equal((Some.Here, Some.There), (closed.Province, open.Province));
    }

    [Fact]
    public void What_goes_leaves_no_hole_for_others()
    {
        var table = new DossierTable();
        var persons = Enumerable.Range(0, 5000).Select(Some.Person).ToList();
        foreach (var person in persons)
            table.Replace(1, person, [new Period(1, 2, Some.Here, Continues: false, 1), new Period(3, 4, Some.Here, Continues: true, 2)]);
        for (var i = 0; i < persons.Count; i += 2)
            table.Replace(1, persons[i], []);
        for (var i = 0; i < persons.Count; i++)
            Assert.Equal(i % 2 == 1, table.TryFind(1, persons[i], 4, out _));
        Assert.Equal(5000, table.Count(1));
    }

    [Fact]
    public void A_look_up_allocates_nothing()
    {
        var table = new DossierTable();
        table.Replace(1, Some.Person(1), [new Period(10, 20, Some.Here, Continues: false, 1)]);
        var person = Some.Person(1);
        for (var i = 0; i < 100; i++)
            table.TryFind(1, person, 15, out _);
        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var i = 0; i < 1000; i++)
            table.TryFind(1, person, 15, out _);
        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
    }
}
