using System.Collections.Immutable;
using FsCheck;
using FsCheck.Fluent;

namespace Agreements.Tests;

/// <summary>Laws that hold for every registry and request (authority page, section 5.1).</summary>
public sealed class GrantResolverLawsTest
{
    private static readonly string[] Operations = ["o.a.read", "o.b.read", "o.c.read"];
    private static readonly string[] Purposes = ["P1", "P2"];
    private static readonly string[] Institutions = ["anss", "menps"];
    private static readonly string[] Clients = ["anss-one", "anss-two"];
    private static readonly DateOnly Today = TheContracts.Today;

    public sealed record Case(Registry Registry, Client Client, ImmutableArray<string> Scopes, RequestedDetails? Details);

    private static Gen<string[]> Subset(string[] of) =>
        Gen.Choose(0, (1 << of.Length) - 1).Select(mask => of.Where((_, i) => (mask >> i & 1) == 1).ToArray());

    private static Gen<Grant> Grants =>
        from consumer in Gen.Elements(Institutions)
        from purpose in Gen.Elements(Purposes)
        from clients in Subset(Clients)
        from operations in Subset(Operations)
        select Some.Grant("g", consumer, purpose, clients, operations);

    private static Gen<Agreement> Agreement(string id) =>
        from grants in Gen.Choose(1, 3).SelectMany(count => Gen.ArrayOf(Grants, count))
        from signed in Gen.Frequency((6, Gen.Constant(true)), (1, Gen.Constant(false)))
        from start in Gen.Choose(-40, 5)
        from length in Gen.Choose(0, 400)
        from authorized in Subset(Purposes)
        select Some.Agreement(id, signed, Today.AddDays(start), Today.AddDays(start + length), authorized, grants);

    private static Gen<Case> Cases =>
        from one in Agreement("A-1")
        from two in Agreement("A-2")
        from suspended in Gen.Frequency((5, Gen.Constant(false)), (1, Gen.Constant(true)))
        from scopes in Subset(Operations)
        from ceiling in Gen.Frequency((3, Gen.Constant(Array.Empty<string>())), (1, Subset(Operations)))
        from client in Gen.Elements(Clients)
        from agreement in Gen.Elements("A-1", "A-1@1", "A-2", "A-2@9", "A-3")
        from purpose in Gen.Elements(Purposes)
        from wanted in Gen.Frequency((2, Gen.Constant(Array.Empty<string>())), (1, Subset(Operations)))
        from detailed in Gen.Elements(true, false)
        select new Case(
            Some.Registry([one, two], suspended ? [new Suspension(SuspendedKind.Agreement, "A-1", "anss", Today)] : []),
            Some.Client(client, ceiling),
            [.. scopes],
            detailed ? new RequestedDetails(agreement, purpose, [.. wanted]) : null
        );

    private static void Holds(Func<Case, Resolution, bool> law) =>
        Check.One(Config.QuickThrowOnFailure.WithMaxTest(2000), Prop.ForAll(Cases.ToArbitrary(), some => law(some, Resolve(some))));

    private static Resolution Resolve(Case some) => GrantResolver.Resolve(some.Registry, some.Client, some.Scopes, some.Details, Today);

    private static bool Covered(Case some, Agreement agreement, string purpose, string operation) =>
        agreement.Grants.Any(grant =>
            grant.Consumer == "anss"
            && grant.Purpose == purpose
            && (grant.Clients.IsEmpty || grant.Clients.Contains(some.Client.Id))
            && grant.Find(operation) is not null
        ) && (some.Client.Operations.IsEmpty || some.Client.Operations.Contains(operation));

    [Fact]
    public void What_is_granted_is_covered_by_an_agreement_in_force() =>
        Holds(
            (some, resolution) =>
                resolution is not ResolvedGrant grant
                || (
                    AgreementStatus.Of(some.Registry, grant.Agreement, Today) is AgreementState.InForce
                    && !AgreementStatus.PriorAuthorizationMissing(some.Registry, grant.Agreement, grant.Purpose, Today)
                    && grant.Operations.Length > 0
                    && grant.Operations.All(operation => Covered(some, grant.Agreement, grant.Purpose, operation))
                )
        );

    [Fact]
    public void Nothing_is_narrowed_or_widened_silently() =>
        Holds(
            (some, resolution) =>
                resolution is not ResolvedGrant grant
                || grant.Operations.ToHashSet().SetEquals(some.Scopes.Length > 0 ? some.Scopes : some.Details!.Operations)
        );

    [Fact]
    public void Details_are_taken_at_their_word() =>
        Holds(
            (some, resolution) =>
                resolution is not ResolvedGrant grant
                || some.Details is null
                || (
                    some.Details.Purpose == grant.Purpose
                    && (some.Details.Agreement == grant.Agreement.Id || some.Details.Agreement == grant.Agreement.Reference)
                )
        );

    [Fact]
    public void Without_details_a_grant_is_the_only_one_possible() =>
        Holds(
            (some, resolution) =>
            {
                if (some.Details is not null || some.Scopes.IsEmpty)
                    return true;
                var possible = some
                    .Registry.Agreements.Values.SelectMany(agreement => Purposes.Select(purpose => (agreement, purpose)))
                    .Count(pair =>
                        some.Scopes.All(scope => Covered(some, pair.agreement, pair.purpose, scope))
                        && AgreementStatus.Of(some.Registry, pair.agreement, Today) is AgreementState.InForce
                        && !AgreementStatus.PriorAuthorizationMissing(some.Registry, pair.agreement, pair.purpose, Today)
                    );
                return resolution switch
                {
                    ResolvedGrant => possible == 1,
                    ResolutionRefused { Code: "agreement-choice-required" } refused => possible > 1 && refused.Choices.Length == possible,
                    _ => possible == 0,
                };
            }
        );

    [Fact]
    public void What_is_wholly_covered_is_granted() =>
        Holds(
            (some, resolution) =>
            {
                if (
                    some.Details is not { } details
                    || some.Scopes.IsEmpty
                    || !(details.Operations.IsEmpty || details.Operations.ToHashSet().SetEquals(some.Scopes))
                )
                    return true;
                return !some.Registry.Agreements.TryGetValue(details.Agreement.Split('@')[0], out var agreement)
                    || (details.Agreement != agreement.Id && details.Agreement != agreement.Reference)
                    || AgreementStatus.Of(some.Registry, agreement, Today) is not AgreementState.InForce
                    || AgreementStatus.PriorAuthorizationMissing(some.Registry, agreement, details.Purpose, Today)
                    || !some.Scopes.All(scope => Covered(some, agreement, details.Purpose, scope))
                    || resolution is ResolvedGrant;
            }
        );

    [Fact]
    public void The_order_of_scopes_changes_nothing_but_the_order_of_the_answer() =>
        Holds(
            (some, resolution) =>
            {
                var turned = GrantResolver.Resolve(some.Registry, some.Client, [.. some.Scopes.Reverse()], some.Details, Today);
                return (resolution, turned) switch
                {
                    (ResolvedGrant a, ResolvedGrant b) => a.Agreement == b.Agreement
                        && a.Purpose == b.Purpose
                        && a.Operations.ToHashSet().SetEquals(b.Operations),
                    (ResolutionRefused a, ResolutionRefused b) => a.Code == b.Code && a.Part == b.Part,
                    _ => false,
                };
            }
        );
}
