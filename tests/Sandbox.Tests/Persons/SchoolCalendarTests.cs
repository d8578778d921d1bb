using Sandbox.Persons;
using Xunit;

namespace Sandbox.Tests.Persons;

public sealed class SchoolCalendarTests
{
    [Theory]
    [InlineData("2026-11-21T12:00:00Z", 2026)]
    [InlineData("2027-08-31T22:59:00Z", 2026)]
    [InlineData("2027-08-31T23:01:00Z", 2027)] // midnight in Morocco comes an hour before UTC
    [InlineData("2029-02-01T00:00:00Z", 2028)]
    public void The_school_year_turns_on_the_first_of_September_in_Morocco(string now, int startYear)
    {
        var calendar = new SchoolCalendar(new ManualClock(DateTimeOffset.Parse(now)));
        Assert.Equal(startYear, calendar.StartYear);
        Assert.Equal(startYear - 2026, calendar.Shift);
    }

    [Fact]
    public void Days_before_the_summer_lie_in_the_second_calendar_year()
    {
        var calendar = new SchoolCalendar(new ManualClock(DateTimeOffset.Parse("2026-11-21T12:00:00Z")));
        Assert.Equal(new DateOnly(2026, 10, 2), calendar.Day(10, 2));
        Assert.Equal(new DateOnly(2027, 3, 1), calendar.Day(3, 1));
        Assert.Equal("2026-2027", calendar.Name);
    }

    [Fact]
    public void Sources_are_loaded_at_midnight_in_Morocco()
    {
        var calendar = new SchoolCalendar(new ManualClock(DateTimeOffset.Parse("2026-11-21T12:00:00Z")));
        Assert.Equal(DateTimeOffset.Parse("2026-11-20T23:00:00Z"), calendar.LastLoad);
    }
}
