using Agreements;
using Gateway.Authorization;
using Gateway.Problems;

namespace Gateway.Quotas;

/// <summary>Says which quota is used up and when to come back.</summary>
internal static class QuotaRefusals
{
    /// <summary>The refusal of a decision.</summary>
    public static Refusal Of(Problem problem, in QuotaState state, Entitlement entitlement, DateTimeOffset now) =>
        new(problem)
        {
            Clause = entitlement.Clause,
            RetryAfterSeconds = state.SecondsTo(now),
            Words = [entitlement.Agreement.Reference],
            Quota = state,
        };

    /// <summary>No place among the open batches.</summary>
    public static Refusal NoPlace(Entitlement entitlement, DateTimeOffset now) =>
        Of(
            Problem.BatchLimitReached,
            new QuotaState("openBatches", entitlement.Grant.Quotas.OpenBatches ?? 0, 0, now.AddSeconds(30)),
            entitlement,
            now
        );

    /// <summary>Nobody can say what is left: nothing is asked.</summary>
    public static Refusal Unknown(string reason) => new(Problem.Overloaded) { RetryAfterSeconds = 2, Reason = reason };

    /// <summary>What is left of the quotas that belong to the grant as a whole, to the office that asks, and to the agreement.</summary>
    public static IReadOnlyList<QuotaState> Usage(
        QuotaTerms terms,
        GrantCounters counters,
        TotalQuotas? totals,
        GrantCounters whole,
        QuotaPeriod period,
        string? office
    )
    {
        var states = new List<QuotaState>(7);
        var day = counters.Days.GetValueOrDefault(period.Day) ?? new DayCounters();
        Add("perDay", terms.PerDay, day.Calls.Taken, period.DayEnds);
        Add("perMonth", terms.PerMonth, counters.Month(period.Month).Taken, period.MonthEnds);
        Add("personsPerDay", terms.PersonsPerDay, day.People.Taken, period.DayEnds);
        Add("missesPerDay", terms.MissesPerDay, day.Misses.Kept, period.DayEnds);
        if (office is not null)
            Add("perOfficePerDay", terms.PerOfficePerDay, day.Of(TallyKind.Office, office).Taken, period.DayEnds);
        Add("openBatches", terms.OpenBatches, counters.OpenBatches, period.DayEnds);
        Add("agreementPerDay", totals?.PerDay, whole.Days.GetValueOrDefault(period.Day)?.Calls.Taken ?? 0, period.DayEnds);
        Add("agreementPerMonth", totals?.PerMonth, whole.Month(period.Month).Taken, period.MonthEnds);
        return states;

        void Add(string quota, long? limit, long used, DateTimeOffset resets)
        {
            if (limit is { } size)
                states.Add(new QuotaState(quota, size, Math.Max(0, size - used), resets));
        }
    }
}
