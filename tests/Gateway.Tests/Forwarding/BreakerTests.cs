using Gateway.Forwarding;
using Xunit;

namespace Gateway.Tests.Forwarding;

public sealed class BreakerTests
{
    private readonly StoppedClock _clock = new();
    private readonly Breaker _breaker;

    public BreakerTests() => _breaker = new Breaker(_clock);

    [Fact]
    public void Ten_calls_of_which_half_failed_open_it_and_nine_do_not()
    {
        Calls(4, CallOutcome.Healthy);
        Calls(5, CallOutcome.Failed);
        Assert.Equal("Closed", _breaker.State);
        Calls(1, CallOutcome.Failed);
        Assert.Equal("Open", _breaker.State);
        Assert.False(_breaker.TryPass(out _));
    }

    [Fact]
    public void Failures_of_more_than_ten_seconds_ago_are_forgotten()
    {
        Calls(9, CallOutcome.Failed);
        _clock.Advance(TimeSpan.FromSeconds(11));
        Calls(9, CallOutcome.Failed);
        Assert.Equal("Closed", _breaker.State);
    }

    [Fact]
    public void A_call_without_outcome_neither_opens_it_nor_waters_failures_down()
    {
        Calls(1000, CallOutcome.None);
        Assert.Equal("Closed", _breaker.State);
        for (var i = 0; i < 10; i++)
        {
            Calls(10, CallOutcome.None);
            Calls(1, CallOutcome.Failed);
        }

        Assert.Equal("Open", _breaker.State);
    }

    [Fact]
    public void A_probe_without_outcome_leaves_it_as_it_was_and_the_next_caller_probes()
    {
        Open();
        Assert.True(_breaker.TryPass(out var probe));
        Assert.True(probe);
        Assert.False(_breaker.TryPass(out _));
        _breaker.Report(probe, CallOutcome.None);
        Assert.Equal("HalfOpen", _breaker.State);
        Assert.True(_breaker.TryPass(out var second));
        _breaker.Report(second, CallOutcome.Healthy);
        Assert.Equal("Closed", _breaker.State);
    }

    [Fact]
    public void A_failed_probe_opens_it_again_for_the_whole_pause()
    {
        Open();
        Assert.True(_breaker.TryPass(out var probe));
        _breaker.Report(probe, CallOutcome.Failed);
        _clock.Advance(TimeSpan.FromSeconds(4));
        Assert.False(_breaker.TryPass(out _));
        _clock.Advance(TimeSpan.FromSeconds(2));
        Assert.True(_breaker.TryPass(out _));
    }

    [Fact]
    public void Calls_that_began_before_it_opened_have_no_say_afterwards()
    {
        Assert.True(_breaker.TryPass(out var early));
        Open();
        _breaker.Report(early, CallOutcome.Healthy);
        Assert.Equal("HalfOpen", _breaker.State);
    }

    private void Open()
    {
        Calls(10, CallOutcome.Failed);
        Assert.Equal("Open", _breaker.State);
        _clock.Advance(TimeSpan.FromSeconds(6));
    }

    private void Calls(int count, CallOutcome outcome)
    {
        for (var i = 0; i < count; i++)
        {
            Assert.True(_breaker.TryPass(out var probe));
            _breaker.Report(probe, outcome);
        }
    }

    private sealed class StoppedClock : TimeProvider
    {
        private long _now;

        public override long TimestampFrequency => TimeSpan.TicksPerSecond;

        public override long GetTimestamp() => _now;

        public void Advance(TimeSpan by) => _now += by.Ticks;
    }
}
