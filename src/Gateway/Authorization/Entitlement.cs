using System.Collections.Immutable;
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
    private Entitlement(
        Registry registry,
        Caller caller,
        Agreement agreement,
        Grant grant,
        GrantedOperation granted,
        Operation operation
    ) => (Registry, Caller, Agreement, Grant, Granted, Operation) = (registry, caller, agreement, grant, granted, operation);

    /// <summary>Snapshot under which what is asked was handed in; null when that is <see cref="Registry"/>.</summary>
    public Registry? First { get; private init; }

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

    /// <summary>Do persons who are out of the caller's reach look to him as if nobody knew them?</summary>
    public bool HidesPersons => Grant.Population.Gate != "none" && !Caller.IsAgency;

    /// <summary>Decides; deny by default. The first rule that refuses ends it.</summary>
    /// <param name="registry">Snapshot of the exchange.</param>
    /// <param name="caller">Authenticated caller.</param>
    /// <param name="agreement">Agreement in force.</param>
    /// <param name="operation">Operation asked for.</param>
    /// <param name="local">Wall-clock time in Africa/Casablanca.</param>
    public static Verdict<Entitlement> Decide(Registry registry, Caller caller, Agreement agreement, Operation operation, DateTime local)
    {
        if (!Cover(registry, caller, agreement, operation).Allows(out var match, out var refusal))
            return refusal;
        var asked = new Asked(registry, caller, agreement, match.Grant, operation, local);
        foreach (var rule in Rules)
            if (rule(asked) is { } refused)
                return refused;
        return new Entitlement(registry, caller, agreement, match.Grant, match.Operation, operation);
    }

    /// <summary>
    /// The same rules, all asked although one has refused: what a dry run lists. Empty exactly when <see cref="Decide"/> decides for the
    /// caller.
    /// </summary>
    public static ImmutableArray<Refusal> Findings(
        Registry registry,
        Caller caller,
        Agreement agreement,
        Operation operation,
        DateTime local
    )
    {
        if (!Cover(registry, caller, agreement, operation).Allows(out var match, out var refusal))
            return [refusal];
        var asked = new Asked(registry, caller, agreement, match.Grant, operation, local);
        var findings = ImmutableArray.CreateBuilder<Refusal>();
        foreach (var rule in Rules)
            if (rule(asked) is { } refused)
                findings.Add(refused);
        return findings.ToImmutable();
    }

    /// <summary>The same, releasing nothing that <paramref name="other"/> does not release.</summary>
    public Entitlement Within(GrantedOperation other) =>
        new(Registry, Caller, Agreement, Grant, Granted.Within(other), Operation) { First = First };

    /// <summary>The same for what was handed in under <paramref name="first"/>: neither law is passed.</summary>
    public Entitlement Since(Entitlement first) =>
        new(Registry, Caller, Agreement, Grant, Granted.Within(first.Granted), Operation) { First = first.Registry };

    // The one grant; without it there are no terms that a further rule could look at.
    private static Verdict<GrantMatch> Cover(Registry registry, Caller caller, Agreement agreement, Operation operation)
    {
        if (!caller.Operations.Contains(operation.Id, StringComparer.Ordinal))
            return NotCovered(caller, agreement, operation);
        // The ceiling of the registration holds for tokens that were issued before it was lowered, and for those of foreign issuers.
        if (caller.Client.Operations.Length > 0 && !caller.Client.Operations.Contains(operation.Id, StringComparer.Ordinal))
            return NotCovered(caller, agreement, operation);
        if (registry.FindGrant(agreement.Id, caller.Institution.Id, caller.Purpose, operation.Id) is not { } match)
            return Missing(caller, agreement, operation);
        var clients = match.Grant.Clients;
        return clients.Length > 0 && !clients.Contains(caller.Client.Id, StringComparer.Ordinal)
            ? NotCovered(caller, agreement, operation)
            : match;
    }

    private delegate Refusal? Rule(in Asked asked);

    private readonly record struct Asked(
        Registry Registry,
        Caller Caller,
        Agreement Agreement,
        Grant Grant,
        Operation Operation,
        DateTime Local
    )
    {
        public string Clause => $"{Agreement.Reference} {Grant.Clause}";
    }

    // In the order in which they refuse.
    private static readonly Rule[] Rules =
    [
        static (in asked) =>
            AgreementStatus.PriorAuthorizationMissing(
                asked.Registry,
                asked.Agreement,
                asked.Grant.Purpose,
                DateOnly.FromDateTime(asked.Local)
            )
                ? new Refusal(Problem.PriorAuthorizationMissing)
                {
                    Clause = asked.Clause,
                    Words = [asked.Agreement.Reference, asked.Grant.Purpose],
                }
                : null,
        static (in asked) =>
            asked.Operation.EnabledByDefault ? null : new Refusal(Problem.OperationDisabled) { Words = [asked.Operation.Id] },
        static (in asked) =>
            asked.Grant.OfficeProvinceOnly && asked.Caller.Office is null
                ? new Refusal(Problem.OfficeNotAllowed) { Clause = asked.Clause }
                : null,
        static (in asked) =>
            OpenHours.AreOpen(asked.Grant.Hours, asked.Local)
                ? null
                : new Refusal(Problem.OutsideHours)
                {
                    Clause = asked.Clause,
                    Words = [asked.Agreement.Reference],
                    RetryAfterSeconds = SecondsToOpening(asked.Grant, asked.Local),
                },
    ];

    private static int SecondsToOpening(Grant grant, DateTime local) =>
        (int)Math.Ceiling((OpenHours.NextOpening(grant.Hours, local)! - CivilTime.InstantOf(local)).Value.TotalSeconds);

    private static Refusal Missing(Caller caller, Agreement agreement, Operation operation)
    {
        foreach (var other in agreement.Grants)
        {
            if (other.Consumer == caller.Institution.Id && other.Find(operation.Id) is not null)
            {
                return new Refusal(Problem.PurposeNotCovered)
                {
                    Clause = agreement.Reference,
                    Words = [agreement.Reference, operation.Id, caller.Purpose],
                    Missing = [caller.Purpose],
                };
            }
        }

        return NotCovered(caller, agreement, operation);
    }

    private static Refusal NotCovered(Caller caller, Agreement agreement, Operation operation) =>
        new(Problem.OperationNotCovered)
        {
            Clause = agreement.Reference,
            Words = [agreement.Reference, operation.Id],
            Missing = [operation.Id],
            Challenge = Challenges.Of(caller.Scheme, "insufficient_scope", operation.Id),
        };
}
