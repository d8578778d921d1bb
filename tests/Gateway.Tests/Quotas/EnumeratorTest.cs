using Agreements;
using Gateway.Quotas;
using Xunit;

namespace Gateway.Tests.Quotas;

/// <summary>
/// Somebody tries numbers: with a stolen client of a grant that admits the IDCS, and nothing but the default of the loader.
/// </summary>
public sealed class EnumeratorTest
{
    private static readonly QuotaTerms Terms = Calls.Terms with { MissesPerDay = 150_000, MissAllowance = QuotaTerms.EnumerationAllowance };

    [Fact]
    public void Is_stopped_within_100_misses()
    {
        var counters = new GrantCounters();
        var misses = Enumerable.Range(1, 10_000).TakeWhile(number => counters.Ask(Terms, Calls.Of(number), Charge.Miss) is null).Count();
        Assert.Equal(100, misses);
        Assert.Equal("miss-budget-exhausted", counters.Ask(Terms, Calls.Of(20_000)));
    }

    [Fact]
    public void Gains_nothing_by_asking_for_known_persons_again_and_again()
    {
        var counters = new GrantCounters();
        var misses = 0;
        for (var number = 1000; number < 10_000; number++)
        {
            counters.Ask(Terms, Calls.Of(number % 5), Charge.Match);
            if (counters.Ask(Terms, Calls.Of(number), Charge.Miss) is null)
                misses++;
        }

        Assert.Equal(105, misses);
    }

    [Fact]
    public void Gains_nothing_by_trying_all_at_once()
    {
        var counters = new GrantCounters();
        var underWay = Enumerable
            .Range(1, 1000)
            .Select(static number => Calls.Of(number))
            .Where(ask => counters.Take(ask, Terms, Calls.Noon).Refused is null)
            .ToList();
        foreach (var ask in underWay)
            counters.Settle(ask, Charge.Miss);
        Assert.Equal(100, underWay.Count);
    }

    [Fact]
    public void Stops_himself_and_no_other_system()
    {
        var counters = new GrantCounters();
        for (var number = 0; number < 1000; number++)
            counters.Ask(Terms, Calls.Of(number, "stolen"), Charge.Miss);
        Assert.Null(counters.Ask(Terms, Calls.Of(5000, "honest"), Charge.Miss));
    }

    [Fact]
    public void Honest_sweeps_with_a_third_of_unknown_persons_go_through()
    {
        var counters = new GrantCounters();
        for (var number = 0; number < 30_000; number++)
            Assert.Null(counters.Ask(Terms, Calls.Of(number), number % 3 == 0 ? Charge.Miss : Charge.Match));
    }
}
