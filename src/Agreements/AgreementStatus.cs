namespace Agreements;

/// <summary>Where an agreement stands on a civil day.</summary>
public enum AgreementState
{
    /// <summary>Its operations may be asked.</summary>
    InForce,
    /// <summary>Before its first day.</summary>
    NotYetInForce,
    /// <summary>Not every party has signed: not in force either.</summary>
    Unsigned,
    /// <summary>After its last day.</summary>
    Expired,
    /// <summary>Suspended by a party or the security officer.</summary>
    Suspended,
}

/// <summary>Is an agreement in force, and may a purpose of it start (exchanges page, sections 2 and 16.3)?</summary>
public static class AgreementStatus
{
    /// <summary>State on a civil day. What cannot come back is named first: an expired agreement that was also suspended is expired.</summary>
    public static AgreementState Of(Registry registry, Agreement agreement, DateOnly today)
    {
        if (today > agreement.Until) return AgreementState.Expired;
        if (registry.IsSuspended(SuspendedKind.Agreement, agreement.Id, today)) return AgreementState.Suspended;
        if (today < agreement.From) return AgreementState.NotYetInForce;
        return agreement.Signed ? AgreementState.InForce : AgreementState.Unsigned;
    }

    /// <summary>The code of the refusal for a state (exchanges page, section 4); null when the agreement is in force.</summary>
    public static string? Code(AgreementState state) => state switch
    {
        AgreementState.InForce => null,
        AgreementState.Expired => "agreement-expired",
        AgreementState.Suspended => "agreement-suspended",
        _ => "agreement-not-in-force",
    };

    /// <summary>
    /// Does the purpose need a CNDP authorisation that the agreement does not have: no number, purpose not listed, or run out?
    /// A purpose that the registry does not know needs one.
    /// </summary>
    public static bool PriorAuthorizationMissing(Registry registry, Agreement agreement, string purpose, DateOnly today)
    {
        if (registry.Purposes.TryGetValue(purpose, out var terms) && terms.Authorization is not AuthorizationNeed.Required) return false;
        return agreement.PriorAuthorization is not { } prior || today < prior.On || today > prior.Until || !prior.Purposes.Contains(purpose);
    }
}
