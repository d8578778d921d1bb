using System.Collections.Concurrent;
using Gateway.Authorization;

namespace Gateway.Quotas;

/// <summary>
/// Step 4: quotas of every grant, counted in memory by civil day and month of Africa/Casablanca (exchanges page, section 1.15).
/// Counters belong to (agreement, grant): a new version of an agreement goes on counting where the old one stood.
/// </summary>
internal sealed class QuotaBook(TimeProvider time)
{
    private readonly ConcurrentDictionary<(string Agreement, string Grant), GrantQuotas> _grants = new();

    /// <summary>Takes one person's share for <paramref name="permit"/>.</summary>
    public Verdict<QuotaLease> Take(Permit permit, string? agent)
    {
        var entitlement = permit.Entitlement;
        return Of(entitlement).Take(entitlement, permit.Person.SectorToken, agent);
    }

    /// <summary>Counters of a grant.</summary>
    public GrantQuotas Of(Entitlement entitlement) =>
        _grants.GetOrAdd((entitlement.Agreement.Id, entitlement.Grant.Id), static (_, clock) => new GrantQuotas(clock), time);
}
