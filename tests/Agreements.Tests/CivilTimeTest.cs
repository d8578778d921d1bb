using FsCheck;
using FsCheck.Fluent;

namespace Agreements.Tests;

public sealed class CivilTimeTest
{
    [Fact]
    public void A_day_begins_at_midnight_in_Casablanca()
    {
        Assert.Equal(new DateOnly(2026, 11, 22), CivilTime.DateOf(new DateTimeOffset(2026, 11, 21, 23, 0, 0, TimeSpan.Zero)));
        Assert.Equal(new DateOnly(2026, 11, 21), CivilTime.DateOf(new DateTimeOffset(2026, 11, 21, 22, 59, 59, TimeSpan.Zero)));
        Assert.Equal(new DateTimeOffset(2026, 11, 30, 23, 0, 0, TimeSpan.Zero), CivilTime.EndOfMonth(new DateOnly(2026, 11, 5)));
    }

    [Fact]
    public void In_Ramadan_the_offset_is_another() =>
        Assert.NotEqual(CivilTime.StartOf(new DateOnly(2026, 3, 1)).Offset, CivilTime.StartOf(new DateOnly(2026, 7, 1)).Offset);

    [Fact]
    public void Days_follow_one_another_without_gap_and_hold_their_instants() =>
        Check.One(Config.QuickThrowOnFailure.WithMaxTest(2000), Prop.ForAll(Gen.Choose(0, 365 * 12).ToArbitrary(), offset =>
            {
                var day = new DateOnly(2024, 1, 1).AddDays(offset);
                var (start, end) = (CivilTime.StartOf(day), CivilTime.EndOf(day));
                return end == CivilTime.StartOf(day.AddDays(1))
                    && CivilTime.DateOf(start) == day
                    && CivilTime.DateOf(end.AddTicks(-1)) == day
                    && CivilTime.DateOf(start.AddTicks(-1)) == day.AddDays(-1)
                    && end - start >= TimeSpan.FromHours(23)
                    && end - start <= TimeSpan.FromHours(25);
            }));

    [Fact]
    public void A_period_ends_on_the_last_day_of_a_short_month() =>
        Assert.Equal(new DateOnly(2027, 2, 28), new CivilPeriod(1, 0).After(new DateOnly(2027, 1, 31)));
}
