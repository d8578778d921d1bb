namespace Gateway.Quotas;

/// <summary>What the tightest quota that applied says, for the <c>RateLimit-*</c> headers.</summary>
/// <param name="Limit">Size of the quota.</param>
/// <param name="Remaining">What is left of it.</param>
/// <param name="ResetSeconds">Seconds until it starts anew.</param>
internal readonly record struct QuotaState(long Limit, long Remaining, int ResetSeconds);

/// <summary>
/// A share of the quotas, taken before the provider is asked. Disposed on every path: unless it was kept, everything is given
/// back, so that nothing is charged for a provider's failure.
/// </summary>
internal sealed class QuotaLease(GrantQuotas quotas, QuotaClaim claim, QuotaState state) : IDisposable
{
    private bool _kept;

    /// <summary>State for the response headers.</summary>
    public QuotaState State { get; } = state;

    /// <summary>Charges the lease for good; a miss also counts against the budget on misses.</summary>
    public void Keep(bool miss)
    {
        if (_kept) return;
        _kept = true;
        if (miss) quotas.CountMiss(claim);
    }

    /// <summary>Gives back what was not kept.</summary>
    public void Dispose()
    {
        if (_kept) return;
        _kept = true;
        quotas.GiveBack(claim);
    }
}
