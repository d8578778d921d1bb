using Agreements;
using Gateway.Authentication;
using Tokens.Status;

namespace Gateway.Catalogue;

/// <summary>
/// What of the law bears on a caller: its agreements, its grants, what ends soon for it. Nothing of it is about a person.
/// </summary>
internal sealed class CallerLaw(CertificateSightings sightings, TimeProvider time)
{
    /// <summary>Civil day in Africa/Casablanca.</summary>
    public DateOnly Today => CivilTime.Today(time);

    /// <summary>Agreements to which the caller's institution is a party, and which are in force.</summary>
    public IEnumerable<Agreement> InForce(CatalogueCall call) =>
        call
            .Registry.AgreementsWith(call.Caller.Institution.Id)
            .Where(agreement => StandingOf(call, agreement).State == AgreementState.InForce);

    /// <summary>Where an agreement stands, what was stopped at once included: the exchange refuses by both.</summary>
    public AgreementStanding StandingOf(CatalogueCall call, Agreement agreement)
    {
        var (standing, status) = (AgreementStatus.StandingOf(call.Registry, agreement, Today), call.Facts.Status);
        if (standing.State != AgreementState.InForce || !status.IsSuspended(StoppedKind.Agreement, agreement.Id))
            return standing;
        var now = time.GetUtcNow();
        var by = status
            .SaidAbout(agreement.Id)
            .Where(said => said.StopsAt(now))
            .Select(static said => said.Party)
            .Order(StringComparer.Ordinal);
        return new AgreementStanding(
            AgreementState.Suspended,
            "suspended-by-party",
            On: null,
            string.Join(", ", status.IsSuspendedByOperators(StoppedKind.Agreement, agreement.Id) ? by.Append("operators") : by)
        );
    }

    /// <summary>Grants of an agreement that this very system may use.</summary>
    public static IEnumerable<Grant> GrantsOf(Agreement agreement, Caller caller) =>
        agreement.Grants.Where(grant =>
            grant.Consumer == caller.Institution.Id && (grant.Clients.IsEmpty || grant.Clients.Contains(caller.Client.Id))
        );

    /// <summary>
    /// What a grant lets this system ask, on this day: the gateway's own rules, save those that look at a single request.
    /// </summary>
    public IEnumerable<GrantedOperation> OperationsOf(Registry registry, Agreement agreement, Grant grant, Caller caller) =>
        AgreementStatus.PriorAuthorizationMissing(registry, agreement, grant.Purpose, Today)
        || (grant.OfficeProvinceOnly && caller.Office is null)
            ? []
            : grant.Operations.Where(operation =>
                registry.Operations[operation.Id].EnabledByDefault
                && (caller.Client.Operations.IsEmpty || caller.Client.Operations.Contains(operation.Id))
            );

    /// <summary>
    /// What ends within 60, 30 or 7 days for this system: its agreements, their authorizations, its keys and certificates.
    /// </summary>
    public IReadOnlyList<Expiry> Warnings(CatalogueCall call) =>
        Expiry.Sorted(
            InForce(call)
                .Where(agreement => GrantsOf(agreement, call.Caller).Any())
                .SelectMany(agreement => Expiry.Of(call.Registry, agreement, Today))
                .Concat(Expiry.Of(call.Caller.Client, Today))
                .Concat(SeenCertificates.Expiring(sightings.Of(call.Caller.Client), Today))
        );
}
