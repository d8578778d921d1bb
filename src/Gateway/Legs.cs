using Agreements;
using Agreements.Loading;
using Gateway.Authorization;
using Tokens.Status;

namespace Gateway;

/// <summary>Under which agreement a source is asked, at this moment: an exchange's sources may be covered by several.</summary>
internal sealed class Legs(RegistryWatcher law, ITokenStatus status, TimeProvider time)
{
    /// <summary>Is the law that the exchange began under the law of this moment?</summary>
    public bool AreOfNow(Entitlement entitlement) => ReferenceEquals(law.Current, entitlement.Registry);

    /// <summary>The same under the law that the exchange began under.</summary>
    public GrantMatch? Then(Entitlement entitlement, Source source) => Under(entitlement, source, entitlement.Registry);

    /// <summary>
    /// The grant that covers a leg: the exchange's own, or that of the agreement named by <c>under</c>; null when that one is not in
    /// force, or no longer. The source before may have had the question for long: what changed meanwhile holds for the next one, as far
    /// as it is narrower.
    /// </summary>
    public GrantMatch? Of(Entitlement entitlement, Source source)
    {
        var now = law.Current;
        var leg = Then(entitlement, source);
        if (leg is null || ReferenceEquals(now, entitlement.Registry))
            return leg;
        if (Under(entitlement, source, now) is not { } newer)
            return null;
        return leg with { Agreement = newer.Agreement, Operation = leg.Operation.Within(newer.Operation) };
    }

    private GrantMatch? Under(Entitlement entitlement, Source source, Registry registry)
    {
        // A suspended institution is not asked either, whether a file says so or the list of what was stopped at once.
        var stopped = status.Current;
        if (registry.IsSuspended(SuspendedKind.Institution, source.Institution))
            return null;
        if (stopped.IsSuspended(StoppedKind.Institution, source.Institution))
            return null;
        if (source.Under is null)
            return new GrantMatch(entitlement.Agreement, entitlement.Grant, entitlement.Granted);
        var match = registry.FindGrant(source.Under, entitlement.Grant.Consumer, entitlement.Grant.Purpose, entitlement.Operation.Id);
        if (match is null)
            return null;
        // Of a batch, no more than this leg released when it was handed in.
        if (entitlement.First is { } first && !ReferenceEquals(first, registry))
        {
            var earlier = first.FindGrant(source.Under, entitlement.Grant.Consumer, entitlement.Grant.Purpose, entitlement.Operation.Id);
            if (earlier is not { } before)
                return null;
            match = match with { Operation = match.Operation.Within(before.Operation) };
        }

        var local = CivilTime.Local(time.GetUtcNow());
        var today = DateOnly.FromDateTime(local);
        var isInForce =
            AgreementStatus.Of(registry, match.Agreement, today) == AgreementState.InForce
            && !stopped.IsSuspended(StoppedKind.Agreement, match.Agreement.Id)
            && OpenHours.AreOpen(match.Grant.Hours, local)
            && !AgreementStatus.PriorAuthorizationMissing(registry, match.Agreement, match.Grant.Purpose, today);
        return isInForce ? match : null;
    }
}
