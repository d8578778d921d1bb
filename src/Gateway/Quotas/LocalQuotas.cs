using System.Collections.Concurrent;
using Agreements;
using Gateway.Authorization;
using Ledger;

namespace Gateway.Quotas;

/// <summary>
/// Quotas of one node, counted in memory. Nothing is written for them: an answer leaves only after its record is durable, and that record
/// is the charge. At a start the records of the month are counted again (<see cref="Restore"/>), so a killed process neither forgets nor
/// invents a call.
/// </summary>
internal sealed class LocalQuotas(RecordPersons persons, WalkAlarm alarm, TimeProvider time) : IQuotaBook
{
    private readonly ConcurrentDictionary<QuotaGrant, GrantCounters> _grants = new();

    /// <inheritdoc/>
    public bool IsHealthy => true;

    /// <inheritdoc/>
    public ValueTask<Verdict<QuotaLease>> TakeAsync(Entitlement entitlement, Person person, string exchange, string? agent) =>
        ValueTask.FromResult(Take(entitlement, person, exchange, agent));

    /// <inheritdoc/>
    public ValueTask<Verdict<QuotaLease>> TakeMissAsync(Entitlement entitlement, string exchange)
    {
        return ValueTask.FromResult(Take(entitlement, QuotaAsk.OfMiss(entitlement.Caller.Client.Id, exchange), alias: null, exchange));
    }

    /// <inheritdoc/>
    public void Settle(QuotaLease lease, Charge charge)
    {
        var (counters, whole) = (Of(lease.Grant), Of(lease.Grant.Whole));
        lock (counters)
            counters.Settle(lease.Ask, charge);
        lock (whole)
            whole.SettleWhole(lease.Ask.Period, charge);
    }

    /// <inheritdoc/>
    public ValueTask<Verdict<QuotaState>> OpenBatchAsync(Entitlement entitlement, string batch)
    {
        var (counters, limit) = (Of(GrantOf(entitlement)), entitlement.Grant.Quotas.OpenBatches);
        lock (counters)
        {
            if (counters.OpenBatches >= limit)
                return ValueTask.FromResult<Verdict<QuotaState>>(QuotaRefusals.NoPlace(entitlement, time.GetUtcNow()));
            counters.OpenBatches++;
            return ValueTask.FromResult<Verdict<QuotaState>>(
                new QuotaState("openBatches", limit ?? long.MaxValue, (limit ?? long.MaxValue) - counters.OpenBatches, time.GetUtcNow())
            );
        }
    }

    /// <inheritdoc/>
    public void CloseBatch(Entitlement entitlement, string batch)
    {
        var counters = Of(GrantOf(entitlement));
        lock (counters)
            counters.OpenBatches--;
    }

    /// <inheritdoc/>
    public ValueTask<Verdict<IReadOnlyList<QuotaState>>> UsageAsync(Agreement agreement, Grant grant, string? office)
    {
        var (counters, period) = (Of(new QuotaGrant(agreement.Id, grant.Id)), QuotaPeriod.At(time.GetUtcNow()));
        var whole = Of(new QuotaGrant(agreement.Id, grant.Id).Whole);
        lock (counters)
            lock (whole)
                return new(
                    new Verdict<IReadOnlyList<QuotaState>>(
                        QuotaRefusals.Usage(grant.Quotas, counters, agreement.Quotas, whole, period, office)
                    )
                );
    }

    /// <summary>Counts an answer that a record tells of.</summary>
    public void Restore(QuotaGrant grant, in QuotaAsk ask, Charge charge)
    {
        var counters = Of(grant);
        lock (counters)
            counters.Restore(ask, charge);
        RestoreWhole(grant, ask.Period, charge);
    }

    /// <summary>Counts it for the agreement alone: the grant that it was charged to stands in no agreement any more.</summary>
    public void RestoreWhole(QuotaGrant grant, QuotaPeriod period, Charge charge)
    {
        var whole = Of(grant.Whole);
        lock (whole)
            whole.RestoreWhole(period, charge);
    }

    private static QuotaGrant GrantOf(Entitlement entitlement) => new(entitlement.Agreement.Id, entitlement.Grant.Id);

    private GrantCounters Of(QuotaGrant grant) => _grants.GetOrAdd(grant, static _ => new GrantCounters());

    private Verdict<QuotaLease> Take(Entitlement entitlement, Person about, string exchange, string? agent)
    {
        var (terms, period) = (entitlement.Grant.Quotas, QuotaPeriod.At(Ulid.TimeOf(exchange)));
        var (person, alias) = terms.CountsPersons ? persons.Of(about, period) : (null, null);
        var ask = new QuotaAsk(period, person, entitlement.Caller.Client.Id, entitlement.Caller.Office?.Code, agent)
        {
            IsBulk = entitlement.Operation.BatchOf is not null,
        };
        return Take(entitlement, ask, alias, exchange);
    }

    private Verdict<QuotaLease> Take(Entitlement entitlement, in QuotaAsk ask, UInt128? alias, string exchange)
    {
        var (grant, now) = (GrantOf(entitlement), time.GetUtcNow());
        var (counters, whole) = (Of(grant), Of(grant.Whole));
        QuotaDecision decision;
        lock (counters)
        {
            if (alias is { } other)
                counters.Day(ask.Period).Join(other, ask.Person!.Value);
            // Always the grant before the agreement: whoever settles holds one at a time.
            lock (whole)
                decision = counters.Take(ask, entitlement.Grant.Quotas, now, whole, entitlement.Agreement.Quotas);
        }

        alarm.Look(decision, grant, ask, entitlement);
        if (decision.Refused is { } problem)
            return QuotaRefusals.Of(problem, decision.State, entitlement, now);
        return new QuotaLease(this, grant, exchange, ask, decision.State);
    }
}
