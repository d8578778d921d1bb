namespace Gateway.Quotas;

/// <summary>
/// A share of the quotas, taken before the provider is asked. Disposed on every path: unless it was charged, everything is given
/// back, so that nothing is charged for a provider's failure.
/// </summary>
/// <param name="book">Who settles it.</param>
/// <param name="grant">Grant whose quotas these are.</param>
/// <param name="exchange">Exchange id.</param>
/// <param name="ask">Counters that it touched.</param>
/// <param name="state">The tightest quota.</param>
internal sealed class QuotaLease(IQuotaBook book, QuotaGrant grant, string exchange, in QuotaAsk ask, in QuotaState state) : IDisposable
{
    private readonly QuotaAsk _ask = ask;
    private readonly QuotaState _state = state;
    private bool _settled,
        _givenBack;

    /// <summary>Grant.</summary>
    public QuotaGrant Grant { get; } = grant;

    /// <summary>Exchange id.</summary>
    public string Exchange { get; } = exchange;

    /// <summary>Counters that it touched.</summary>
    public ref readonly QuotaAsk Ask => ref _ask;

    /// <summary>State for the response headers: what is left after this call.</summary>
    public QuotaState State => _givenBack && _state.Remaining < _state.Limit ? _state with { Remaining = _state.Remaining + 1 } : _state;

    /// <summary>
    /// Charges the lease, once the record of the answer is durable. <i>A crash before this line and after the record: the record is the
    /// charge, and is found at the next start.</i>
    /// </summary>
    public void Settle(Charge charge)
    {
        if (_settled)
            return;
        _settled = true;
        _givenBack = charge == Charge.Void;
        book.Settle(this, charge);
    }

    /// <summary>Gives back what was not charged.</summary>
    public void Dispose() => Settle(Charge.Void);
}
