using Agreements;
using Gateway.Quotas;

namespace Gateway.Tests.Quotas;

/// <summary>Calls as the counters see them.</summary>
internal static class Calls
{
    public static readonly DateTimeOffset Noon = new(2026, 11, 3, 11, 0, 0, TimeSpan.Zero);

    public static QuotaTerms Terms { get; } = new() { BurstPerSecond = 1_000_000 };

    public static QuotaAsk Of(
        int person,
        string client = "anss-eligibility",
        string? agent = null,
        string? office = null,
        DateTimeOffset? at = null
    ) => new(QuotaPeriod.At(at ?? Noon), (UInt128)person, client, office, agent);

    /// <summary>Asks and is answered at once; the code of the refusal, or null.</summary>
    public static string? Ask(this GrantCounters counters, QuotaTerms terms, in QuotaAsk ask, Charge charge = Charge.Match)
    {
        var decision = counters.Take(ask, terms, ask.Period.DayEnds.AddHours(-12));
        if (decision.Refused is { } problem)
            return problem.Code;
        counters.Settle(ask, charge);
        return null;
    }
}
