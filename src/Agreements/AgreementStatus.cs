namespace Agreements;

/// <summary>Where an agreement stands on a civil day.</summary>
public enum AgreementState
{
    /// <summary>Its operations may be asked.</summary>
    InForce,

    /// <summary>Before its first day.</summary>
    NotYetInForce,

    /// <summary>A draft: not every party has signed. Not in force either.</summary>
    Unsigned,

    /// <summary>After its last day.</summary>
    Expired,

    /// <summary>Suspended by a party or the security officer.</summary>
    Suspended,

    /// <summary>Ended by a party before its last day.</summary>
    Ended,
}

/// <summary>Is an agreement in force, and may a purpose of it start (exchanges page, sections 2 and 16.3)?</summary>
public static class AgreementStatus
{
    /// <summary>
    /// State on a civil day. What cannot come back is named first: an expired agreement that was also suspended is expired.
    /// </summary>
    public static AgreementState Of(Registry registry, Agreement agreement, DateOnly today)
    {
        if (today > agreement.Until)
            return AgreementState.Expired;
        if (registry.EndingOf(agreement.Id, today) is not null)
            return AgreementState.Ended;
        if (registry.IsSuspended(SuspendedKind.Agreement, agreement.Id, today))
            return AgreementState.Suspended;
        if (today < agreement.From)
            return AgreementState.NotYetInForce;
        return agreement.Signed ? AgreementState.InForce : AgreementState.Unsigned;
    }

    /// <summary>State on a civil day with the reason for it, as people are shown it.</summary>
    public static AgreementStanding StandingOf(Registry registry, Agreement agreement, DateOnly today) =>
        Of(registry, agreement, today) switch
        {
            AgreementState.Expired => new(AgreementState.Expired, "after-last-day", agreement.Until, null),
            AgreementState.Ended => Standing(registry.EndingOf(agreement.Id, today)!),
            AgreementState.Suspended => Standing(registry.SuspensionOf(SuspendedKind.Agreement, agreement.Id, today)!),
            AgreementState.NotYetInForce => new(AgreementState.NotYetInForce, "before-first-day", agreement.From, null),
            AgreementState.Unsigned => new(
                AgreementState.Unsigned,
                "signatures-missing",
                null,
                string.Join(", ", agreement.Parties.Where(party => agreement.Signatures.All(signature => signature.Institution != party)))
            ),
            _ => new(AgreementState.InForce, "signed-and-in-term", agreement.From, null),
        };

    /// <summary>The code of the refusal for a state (exchanges page, section 4); null when the agreement is in force.</summary>
    public static string? Code(AgreementState state) =>
        state switch
        {
            AgreementState.InForce => null,
            AgreementState.Expired or AgreementState.Ended => "agreement-expired",
            AgreementState.Suspended => "agreement-suspended",
            _ => "agreement-not-in-force",
        };

    /// <summary>
    /// Does the purpose need a CNDP authorisation that the agreement does not have: no number, purpose not listed, or run out?
    /// A purpose that the registry does not know needs one.
    /// </summary>
    public static bool PriorAuthorizationMissing(Registry registry, Agreement agreement, string purpose, DateOnly today)
    {
        if (registry.Purposes.TryGetValue(purpose, out var terms) && terms.Authorization is not AuthorizationNeed.Required)
            return false;
        return agreement.PriorAuthorization is not { } prior
            || today < prior.On
            || today > prior.Until
            || !prior.Purposes.Contains(purpose);
    }

    private static AgreementStanding Standing(Ending ending) => new(AgreementState.Ended, "ended-by-party", ending.On, ending.By);

    private static AgreementStanding Standing(Suspension suspension) =>
        new(AgreementState.Suspended, "suspended-by-party", suspension.Since, suspension.By);
}

/// <summary>Where an agreement stands, as one value with its reason.</summary>
/// <param name="State">State.</param>
/// <param name="Reason">
/// Code of the reason: <c>after-last-day</c>, <c>ended-by-party</c>, <c>suspended-by-party</c>, <c>before-first-day</c>,
/// <c>signatures-missing</c>, <c>signed-and-in-term</c>.
/// </param>
/// <param name="On">Day from which it stands so; null when no day says so.</param>
/// <param name="By">Institution that suspended or ended it; of a draft, those that have not signed. Null otherwise.</param>
public sealed record AgreementStanding(AgreementState State, string Reason, DateOnly? On, string? By)
{
    /// <summary><c>draft</c>, <c>not-yet-in-force</c>, <c>in-force</c>, <c>suspended</c>, <c>expired</c> or <c>ended</c>.</summary>
    public string Word =>
        State switch
        {
            AgreementState.Unsigned => "draft",
            AgreementState.NotYetInForce => "not-yet-in-force",
            AgreementState.InForce => "in-force",
            AgreementState.Suspended => "suspended",
            AgreementState.Expired => "expired",
            _ => "ended",
        };
}
