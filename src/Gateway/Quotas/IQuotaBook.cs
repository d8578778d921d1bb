using Agreements;
using Gateway.Authorization;

namespace Gateway.Quotas;

/// <summary>
/// Step 4: the quotas of every grant (exchanges page, section 1.15). Two implementations: <see cref="LocalQuotas"/> for one node, counted
/// in memory and again from its records at a start; <c>PostgresQuotas</c> for several nodes.
/// </summary>
internal interface IQuotaBook
{
    /// <summary>Whether shares can be taken now. Readiness follows it.</summary>
    bool IsHealthy { get; }

    /// <summary>
    /// Takes one person's share, or says which quota is used up and when it starts anew. Asked before anything about the person is looked
    /// up, so that what is used up is told of everybody alike.
    /// </summary>
    /// <param name="entitlement">What the caller may ask.</param>
    /// <param name="person">The person.</param>
    /// <param name="exchange">Exchange id; its time decides the day that is charged.</param>
    /// <param name="agent">Agent who asks; null when none is named.</param>
    ValueTask<Verdict<QuotaLease>> TakeAsync(Entitlement entitlement, Person person, string exchange, string? agent);

    /// <summary>
    /// Takes a miss of the calling system, for a declaration that may be refused with words about its person; asked before anything about
    /// the person is looked
    /// up. It counts for no other quota.
    /// </summary>
    /// <param name="entitlement">What the caller may declare.</param>
    /// <param name="exchange">Exchange id; its time decides the day that is charged.</param>
    ValueTask<Verdict<QuotaLease>> TakeMissAsync(Entitlement entitlement, string exchange);

    /// <summary>Charges or gives back. Called once for each lease, by the lease.</summary>
    void Settle(QuotaLease lease, Charge charge);

    /// <summary>Takes a place among the open batches; a refusal when there is none.</summary>
    ValueTask<Verdict<QuotaState>> OpenBatchAsync(Entitlement entitlement, string batch);

    /// <summary>Gives the place of a batch back.</summary>
    void CloseBatch(Entitlement entitlement, string batch);

    /// <summary>
    /// What is left of each quota of a grant that does not belong to a person or an agent; a refusal while nobody can say.
    /// </summary>
    /// <param name="agreement">Agreement of the grant.</param>
    /// <param name="grant">The grant.</param>
    /// <param name="office">Office whose share is told too; null for none.</param>
    ValueTask<Verdict<IReadOnlyList<QuotaState>>> UsageAsync(Agreement agreement, Grant grant, string? office);
}
