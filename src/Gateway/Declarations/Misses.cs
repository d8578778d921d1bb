using Gateway.Audit;
using Gateway.Quotas;

namespace Gateway.Declarations;

/// <summary>
/// Misses of the system that declares, for the lines of a chunk: one is always in hand before a person is looked at, so what is used up
/// says nothing about
/// anybody, and it is spent by a line that was refused with words about its person.
/// </summary>
internal sealed class Misses(IQuotaBook quotas) : IDisposable
{
    private readonly List<QuotaLease> _spent = [];
    private QuotaLease? _inHand;
    private Refusal? _usedUp;

    /// <summary>Takes one in hand for a line; why no person is looked at any more when there is none.</summary>
    public async ValueTask<Refusal?> TakeAsync(ExchangeFacts facts)
    {
        if (_inHand is not null || _usedUp is not null)
            return _usedUp;
        return (await quotas.TakeMissAsync(facts.Entitlement!, facts.Id)).Allows(out _inHand, out _usedUp) ? null : _usedUp;
    }

    /// <summary>What became of the line.</summary>
    public void Note(Refusal? refusal)
    {
        if (_inHand is null || refusal?.Gate is null)
            return;
        _spent.Add(_inHand);
        _inHand = null;
    }

    /// <summary>The records of the lines are durable.</summary>
    public void Charge()
    {
        foreach (var lease in _spent)
            lease.Settle(Quotas.Charge.Refused);
    }

    /// <summary>Gives back what was not spent.</summary>
    public void Dispose()
    {
        _inHand?.Dispose();
        foreach (var lease in _spent)
            lease.Dispose();
    }
}
