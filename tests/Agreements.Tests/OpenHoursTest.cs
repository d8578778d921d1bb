using System.Collections.Immutable;
using FsCheck;
using FsCheck.Fluent;

namespace Agreements.Tests;

public sealed class OpenHoursTest
{
    private static readonly ImmutableArray<OpenHours> Office =
    [
        new([DayOfWeek.Monday, DayOfWeek.Tuesday, DayOfWeek.Wednesday, DayOfWeek.Thursday], new(8, 30), new(16, 30)),
        new([DayOfWeek.Friday], new(8, 30), new(11, 30)),
    ];

    [Theory]
    [InlineData("2026-11-20 08:29", false)]
    [InlineData("2026-11-20 08:30", true)]
    [InlineData("2026-11-20 11:29", true)]
    [InlineData("2026-11-20 11:30", false)]
    [InlineData("2026-11-21 10:00", false)]
    [InlineData("2026-11-23 16:29", true)]
    public void A_window_begins_with_its_first_minute_and_ends_before_its_last(string local, bool open) =>
        Assert.Equal(open, OpenHours.AreOpen(Office, At(local)));

    [Theory]
    [InlineData("2026-11-20 11:30", "2026-11-23 08:30")]
    [InlineData("2026-11-20 08:00", "2026-11-20 08:30")]
    [InlineData("2026-11-20 08:30", "2026-11-23 08:30")]
    public void The_next_opening_lies_ahead(string local, string opening) =>
        Assert.Equal(CivilTime.InstantOf(At(opening)), OpenHours.NextOpening(Office, At(local)));

    [Fact]
    public void A_window_past_midnight_belongs_to_the_day_on_which_it_begins()
    {
        ImmutableArray<OpenHours> night = [new([DayOfWeek.Friday], new(20, 0), new(6, 0))];
        Assert.True(OpenHours.AreOpen(night, At("2026-11-21 05:59")));
        Assert.False(OpenHours.AreOpen(night, At("2026-11-20 05:59")));
        Assert.False(OpenHours.AreOpen(night, At("2026-11-22 05:59")));
        Assert.Equal(600, night[0].MinutesAWeek);
    }

    [Fact]
    public void In_Ramadan_the_same_wall_clock_opens_an_hour_later_in_the_world()
    {
        // 2026: the clock goes back to UTC on 15 February and forward again on 22 March.
        ImmutableArray<OpenHours> every = [new([.. Enum.GetValues<DayOfWeek>()], new(8, 30), new(16, 30))];
        Assert.Equal(
            new DateTimeOffset(2026, 2, 25, 8, 30, 0, TimeSpan.Zero),
            OpenHours.NextOpening(every, At("2026-02-25 07:00"))!.Value.ToUniversalTime()
        );
        Assert.Equal(
            new DateTimeOffset(2026, 4, 25, 7, 30, 0, TimeSpan.Zero),
            OpenHours.NextOpening(every, At("2026-04-25 07:00"))!.Value.ToUniversalTime()
        );
    }

    [Fact]
    public void From_and_to_alike_are_the_whole_day() =>
        Assert.Equal(24 * 60, new OpenHours([DayOfWeek.Sunday], TimeOnly.MinValue, TimeOnly.MinValue).MinutesAWeek);

    [Fact]
    public void Whatever_the_windows_the_next_opening_is_open_and_nothing_before_it_is()
    {
        var windows =
            from days in Gen.NonEmptyListOf(Gen.Elements(Enum.GetValues<DayOfWeek>()))
            from start in Gen.Choose(0, 1439)
            from end in Gen.Choose(0, 1439)
            select new OpenHours([.. days.Distinct()], TimeOnly.MinValue.AddMinutes(start), TimeOnly.MinValue.AddMinutes(end));
        var cases =
            from list in Gen.NonEmptyListOf(windows)
            from minute in Gen.Choose(0, 7 * 1440)
            select (Windows: list.ToImmutableArray(), Local: At("2026-11-16 00:00").AddMinutes(minute));
        Check.One(Config.QuickThrowOnFailure, Prop.ForAll(cases.ToArbitrary(), some =>
            {
                var next = CivilTime.Local(OpenHours.NextOpening(some.Windows, some.Local)!.Value);
                if (!OpenHours.AreOpen(some.Windows, next) || next <= some.Local)
                    return false;
                if (OpenHours.AreOpen(some.Windows, some.Local))
                    return true;
                for (var at = some.Local; at < next; at = at.AddMinutes(17))
                    if (OpenHours.AreOpen(some.Windows, at))
                        return false;
                return true;
            }));
    }

    private static DateTime At(string text) =>
        DateTime.ParseExact(text, "yyyy-MM-dd HH:mm", System.Globalization.CultureInfo.InvariantCulture);
}
