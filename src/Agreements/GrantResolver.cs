using System.Collections.Immutable;

namespace Agreements;

/// <summary>
/// Finds the one agreement and purpose of a token request (authority page, section 5.1). Pure: the same registry, request and day give the
/// same answer. Nothing is narrowed silently: what is granted is what was asked, or nothing.
/// </summary>
public static class GrantResolver
{
    private const int MaxChoices = 20;

    /// <summary>Resolves a request of an authenticated client.</summary>
    /// <param name="registry">Snapshot.</param>
    /// <param name="client">Authenticated client.</param>
    /// <param name="scopes">Requested scopes; empty when none was sent.</param>
    /// <param name="details">Requested details; null when none was sent.</param>
    /// <param name="today">Civil day (<see cref="CivilTime"/>).</param>
    public static Resolution Resolve(
        Registry registry,
        Client client,
        ImmutableArray<string> scopes,
        RequestedDetails? details,
        DateOnly today
    )
    {
        if (
            !client.Active
            || registry.IsSuspended(SuspendedKind.Client, client.Id, today)
            || registry.IsSuspended(SuspendedKind.Institution, client.Institution, today)
        )
            return new ResolutionRefused(RefusedPart.Client, "client-suspended");
        var asked = scopes.IsDefaultOrEmpty ? [] : scopes.Distinct(StringComparer.Ordinal).ToImmutableArray();
        if (details is null)
            return WithoutDetails(registry, client, asked, today);
        var wanted = details.Operations.IsDefaultOrEmpty ? [] : details.Operations.Distinct(StringComparer.Ordinal).ToImmutableArray();
        if (asked.Length > 0 && wanted.Length > 0 && !asked.ToHashSet(StringComparer.Ordinal).SetEquals(wanted))
            return new ResolutionRefused(RefusedPart.Details, "request-invalid");
        var part = asked.Length > 0 || wanted.Length == 0 ? RefusedPart.Scope : RefusedPart.Details;
        return WithDetails(registry, client, asked.Length > 0 ? asked : wanted, part, details, today);
    }

    private static Resolution WithDetails(
        Registry registry,
        Client client,
        ImmutableArray<string> operations,
        RefusedPart part,
        RequestedDetails details,
        DateOnly today
    )
    {
        if (Own(registry, client, details.Agreement) is not { } agreement)
            return new ResolutionRefused(RefusedPart.Details, "agreement-unknown");
        var state = AgreementStatus.Of(registry, agreement, today);
        if (AgreementStatus.Code(state) is { } code)
            return NotInForce(RefusedPart.Details, code, state, agreement);
        var rights = Rights(agreement, client, details.Purpose);
        if (rights.Count == 0)
            return new ResolutionRefused(RefusedPart.Details, "purpose-not-covered") { Agreement = agreement.Reference };
        if (AgreementStatus.PriorAuthorizationMissing(registry, agreement, details.Purpose, today))
            return new ResolutionRefused(RefusedPart.Details, "prior-authorization-missing") { Agreement = agreement.Reference };
        return operations.Length > 0 && operations.All(operation => Within(client, rights, operation))
            ? new ResolvedGrant(agreement, details.Purpose, operations)
            : new ResolutionRefused(part, "operation-not-covered") { Agreement = agreement.Reference };
    }

    private static Resolution WithoutDetails(Registry registry, Client client, ImmutableArray<string> scopes, DateOnly today)
    {
        var covering =
            scopes.Length == 0
                ? []
                : Pairs(registry, client)
                    .Where(pair => scopes.All(scope => Within(client, Rights(pair.Agreement, client, pair.Purpose), scope)))
                    .ToImmutableArray();
        var usable = covering.Where(pair => Usable(registry, pair, today)).ToImmutableArray();
        return usable.Length switch
        {
            1 => new ResolvedGrant(usable[0].Agreement, usable[0].Purpose, scopes),
            > 1 => new ResolutionRefused(RefusedPart.Details, "agreement-choice-required")
            {
                Choices = [.. usable.Take(MaxChoices).Select(pair => new GrantChoice(pair.Agreement.Id, pair.Purpose))],
            },
            _ => Nearest(registry, covering, today),
        };
    }

    // Nothing usable covers the scopes. If an agreement of the caller's own would, were it in force, the caller is told what is wrong with
    // it.
    private static ResolutionRefused Nearest(Registry registry, ImmutableArray<Pair> covering, DateOnly today)
    {
        foreach (
            var state in (ImmutableArray<AgreementState>)
                [
                    AgreementState.Suspended,
                    AgreementState.InForce,
                    AgreementState.Unsigned,
                    AgreementState.NotYetInForce,
                    AgreementState.Expired,
                ]
        )
            foreach (var pair in covering)
                if (AgreementStatus.Of(registry, pair.Agreement, today) == state)
                    return AgreementStatus.Code(state) is { } code
                        ? NotInForce(RefusedPart.Scope, code, state, pair.Agreement)
                        : new ResolutionRefused(RefusedPart.Scope, "prior-authorization-missing") { Agreement = pair.Agreement.Reference };
        return new ResolutionRefused(RefusedPart.Scope, "operation-not-covered");
    }

    private static ResolutionRefused NotInForce(RefusedPart part, string code, AgreementState state, Agreement agreement) =>
        new(part, code)
        {
            Agreement = agreement.Reference,
            On = state switch
            {
                AgreementState.Expired => agreement.Until,
                AgreementState.NotYetInForce => agreement.From,
                _ => null,
            },
        };

    // An agreement that is not the caller's, one that does not exist, and a version that is not the registered one look alike.
    private static Agreement? Own(Registry registry, Client client, string reference)
    {
        var at = reference.IndexOf('@', StringComparison.Ordinal);
        if (!registry.Agreements.TryGetValue(at < 0 ? reference : reference[..at], out var agreement))
            return null;
        if (at >= 0 && agreement.Reference != reference)
            return null;
        return agreement.Grants.Any(grant => grant.Consumer == client.Institution) ? agreement : null;
    }

    private static IEnumerable<Pair> Pairs(Registry registry, Client client) =>
        registry
            .AgreementsOf(client.Institution)
            .SelectMany(agreement =>
                agreement.Grants.Where(grant => Names(grant, client)).Select(grant => new Pair(agreement, grant.Purpose))
            )
            .Distinct()
            .OrderBy(pair => pair.Agreement.Id, StringComparer.Ordinal)
            .ThenBy(pair => pair.Purpose, StringComparer.Ordinal);

    private static HashSet<string> Rights(Agreement agreement, Client client, string purpose) =>
        agreement
            .Grants.Where(grant => grant.Purpose == purpose && Names(grant, client))
            .SelectMany(grant => grant.Operations)
            .Select(operation => operation.Id)
            .ToHashSet(StringComparer.Ordinal);

    private static bool Names(Grant grant, Client client) =>
        grant.Consumer == client.Institution && (grant.Clients.IsDefaultOrEmpty || grant.Clients.Contains(client.Id));

    private static bool Within(Client client, HashSet<string> rights, string operation) =>
        rights.Contains(operation) && (client.Operations.IsDefaultOrEmpty || client.Operations.Contains(operation));

    private static bool Usable(Registry registry, Pair pair, DateOnly today) =>
        AgreementStatus.Of(registry, pair.Agreement, today) is AgreementState.InForce
        && !AgreementStatus.PriorAuthorizationMissing(registry, pair.Agreement, pair.Purpose, today);

    private sealed record Pair(Agreement Agreement, string Purpose);
}
