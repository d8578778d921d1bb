using Agreements;
using Agreements.Contracts;
using Gateway.Authentication;
using Gateway.Problems;

namespace Gateway.Authorization;

/// <summary>
/// Step 3, first half: what the caller may ask at all, before the person is looked at. It exists only if an agreement in
/// force grants this operation to this client for this purpose.
/// </summary>
internal sealed class Entitlement
{
    private Entitlement(Registry registry, Caller caller, Agreement agreement, Grant grant, GrantedOperation granted, Operation operation) =>
        (Registry, Caller, Agreement, Grant, Granted, Operation) = (registry, caller, agreement, grant, granted, operation);

    /// <summary>Snapshot under which it was decided.</summary>
    public Registry Registry { get; }
    /// <summary>Who asks.</summary>
    public Caller Caller { get; }
    /// <summary>Agreement in force.</summary>
    public Agreement Agreement { get; }
    /// <summary>The one grant for (consumer, purpose, operation).</summary>
    public Grant Grant { get; }
    /// <summary>The operation with what it releases.</summary>
    public GrantedOperation Granted { get; }
    /// <summary>The operation's contract.</summary>
    public Operation Operation { get; }
    /// <summary><c>agreement@version article</c>, for refusals.</summary>
    public string Clause => field ??= $"{Agreement.Reference} {Grant.Clause}";

    /// <summary>Decides; deny by default.</summary>
    /// <param name="registry">Snapshot of the exchange.</param>
    /// <param name="caller">Authenticated caller.</param>
    /// <param name="agreement">Agreement in force.</param>
    /// <param name="operation">Operation asked for.</param>
    /// <param name="local">Wall-clock time in Africa/Casablanca.</param>
    public static Verdict<Entitlement> Decide(Registry registry, Caller caller, Agreement agreement, Operation operation, DateTime local)
    {
        var today = DateOnly.FromDateTime(local);
        if (!caller.Operations.Contains(operation.Id, StringComparer.Ordinal)) return NotCovered(caller, agreement, operation);
        // The ceiling of the registration holds for tokens that were issued before it was lowered, and for those of foreign issuers.
        if (caller.Client.Operations.Length > 0 && !caller.Client.Operations.Contains(operation.Id, StringComparer.Ordinal)) return NotCovered(caller, agreement, operation);
        var match = registry.FindGrant(agreement.Id, caller.Institution.Id, caller.Purpose, operation.Id);
        if (match is null) return Missing(caller, agreement, operation);
        var grant = match.Grant;
        if (grant.Clients.Length > 0 && !grant.Clients.Contains(caller.Client.Id, StringComparer.Ordinal)) return NotCovered(caller, agreement, operation);
        if (AgreementStatus.PriorAuthorizationMissing(registry, agreement, grant.Purpose, today))
            return new Refusal(Problem.PriorAuthorizationMissing) { Clause = $"{agreement.Reference} {grant.Clause}", Words = [agreement.Reference, grant.Purpose] };
        if (!operation.EnabledByDefault) return new Refusal(Problem.OperationDisabled) { Words = [operation.Id] };
        if (grant.OfficeProvinceOnly && caller.Office is null) return new Refusal(Problem.OfficeNotAllowed) { Clause = $"{agreement.Reference} {grant.Clause}" };
        if (!OpenHours.AreOpen(grant.Hours, local)) return Closed(agreement, grant, local);
        return new Entitlement(registry, caller, agreement, grant, match.Operation, operation);
    }

    /// <summary>Seconds until the grant answers again; null while it does.</summary>
    public int? ClosedForSeconds(DateTime local) => OpenHours.AreOpen(Grant.Hours, local) ? null : SecondsToOpening(Grant, local);

    private static Refusal Closed(Agreement agreement, Grant grant, DateTime local) => new(Problem.OutsideHours)
    { Clause = $"{agreement.Reference} {grant.Clause}", Words = [agreement.Reference], RetryAfterSeconds = SecondsToOpening(grant, local) };

    private static int SecondsToOpening(Grant grant, DateTime local) =>
        (int)Math.Ceiling((OpenHours.NextOpening(grant.Hours, local)! - CivilTime.InstantOf(local)).Value.TotalSeconds);

    private static Refusal Missing(Caller caller, Agreement agreement, Operation operation)
    {
        foreach (var other in agreement.Grants)
        {
            if (other.Consumer == caller.Institution.Id && other.Find(operation.Id) is not null)
            {
                return new Refusal(Problem.PurposeNotCovered)
                { Clause = agreement.Reference, Words = [agreement.Reference, operation.Id, caller.Purpose], Missing = [caller.Purpose] };
            }
        }

        return NotCovered(caller, agreement, operation);
    }

    private static Refusal NotCovered(Caller caller, Agreement agreement, Operation operation) => new(Problem.OperationNotCovered)
    {
        Clause = agreement.Reference,
        Words = [agreement.Reference, operation.Id],
        Missing = [operation.Id],
        Challenge = Challenges.Of(caller.Scheme, "insufficient_scope", operation.Id),
    };
}
