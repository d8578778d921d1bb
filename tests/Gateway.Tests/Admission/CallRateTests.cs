using Gateway.Admission;
using Gateway.Tests.Authentication;
using Xunit;

namespace Gateway.Tests.Admission;

public sealed class CallRateTests
{
    private static readonly TimeSpan Second = TimeSpan.FromSeconds(1);
    private readonly ShiftedClock _clock = new();

    [Fact]
    public void As_many_calls_as_registered_pass_in_any_one_second_and_the_next_is_told_when()
    {
        var rate = new CallRate(_clock);
        for (var call = 0; call < 20; call++)
            Assert.Null(rate.Take(20));
        var wait = rate.Take(20);
        Assert.InRange(wait!.Value, TimeSpan.Zero, Second);
        _clock.Advance(Second);
        for (var call = 0; call < 20; call++)
            Assert.Null(rate.Take(20));
        Assert.NotNull(rate.Take(20));
    }

    [Fact]
    public void The_second_begins_anywhere_so_that_nobody_gets_twice_the_rate_around_its_end()
    {
        var rate = new CallRate(_clock);
        _clock.Advance(TimeSpan.FromMilliseconds(900));
        for (var call = 0; call < 10; call++)
            Assert.Null(rate.Take(10));
        _clock.Advance(TimeSpan.FromMilliseconds(200));
        Assert.NotNull(rate.Take(10));
    }

    [Fact]
    public void Calls_that_were_turned_away_do_not_lengthen_the_wait()
    {
        var rate = new CallRate(_clock);
        Assert.Null(rate.Take(1));
        for (var call = 0; call < 100; call++)
            Assert.NotNull(rate.Take(1));
        _clock.Advance(Second);
        Assert.Null(rate.Take(1));
    }

    [Fact]
    public void A_rate_that_was_changed_holds_at_once()
    {
        var rate = new CallRate(_clock);
        for (var call = 0; call < 5; call++)
            Assert.Null(rate.Take(5));
        Assert.NotNull(rate.Take(5));
        Assert.Null(rate.Take(6));
        Assert.NotNull(rate.Take(2));
    }
}
