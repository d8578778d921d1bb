using Gateway.Problems;

namespace Gateway.Quotas;

/// <summary>Looks at one limit after the other: remembers the first that is used up, or the tightest.</summary>
/// <param name="passing">When it is worth trying again if only calls under way stand in the way.</param>
internal ref struct QuotaCheck(DateTimeOffset passing)
{
    /// <summary>Code of the refusal; null while nothing is used up.</summary>
    public Problem? Refused { get; private set; }

    /// <summary>The quota that is used up, or else the tightest.</summary>
    public QuotaState State { get; private set; } = new("", long.MaxValue, long.MaxValue, passing);

    /// <summary>A quota on calls.</summary>
    public void Look(Problem problem, string quota, long? limit, Tally tally, DateTimeOffset resets)
    {
        if (limit is not { } size || Exceeds(problem, quota, size, tally, resets))
            return;
        if (size - tally.Taken - 1 < State.Remaining)
            State = new QuotaState(quota, size, size - tally.Taken - 1, resets);
    }

    /// <summary>
    /// A budget on misses: a call under way may become one, so it holds a place, but what is left is what has not been missed.
    /// </summary>
    public void LookAtMisses(string quota, long? limit, Tally tally, DateTimeOffset resets, bool show)
    {
        if (limit is not { } size || Exceeds(Problem.MissBudgetExhausted, quota, size, tally, resets) || !show)
            return;
        if (size - tally.Kept < State.Remaining)
            State = new QuotaState(quota, size, size - tally.Kept, resets);
    }

    private bool Exceeds(Problem problem, string quota, long size, Tally tally, DateTimeOffset resets)
    {
        if (Refused is not null)
            return true;
        if (tally.Taken < size)
            return false;
        Refused = problem;
        State = tally.Kept < size ? new QuotaState(quota, size, 0, passing, IsPassing: true) : new QuotaState(quota, size, 0, resets);
        return true;
    }
}
