using System.Collections.Immutable;
using Agreements;

namespace Admin.Conventions;

/// <summary>What a draft says to a past call.</summary>
/// <param name="Refused">Code of the refusal; null when it would be answered, or nobody can tell.</param>
/// <param name="Untold">What the record does not tell and the answer depends on: <c>gate</c>, <c>territory</c> or <c>quota</c>; null when
/// all is known.</param>
internal readonly record struct Judgement(string? Refused, string? Untold)
{
    /// <summary>It would be answered.</summary>
    internal static Judgement Allowed => default;

    /// <summary>It would be refused.</summary>
    internal static Judgement Of(string code) => new(code, Untold: null);

    /// <summary>Nobody can tell.</summary>
    internal static Judgement Unknown(string what) => new(Refused: null, what);
}

/// <summary>
/// The rules of the exchange in their order, run on a past call under a draft, as far as its record tells what they look at. Of the person
/// a record tells whether the gate and the territory of the clause of its day let the call pass, no more: where the draft asks the same or
/// less of him the outcome is known, where it asks more or something else it is not.
/// </summary>
/// <param name="registry">The registry with the draft in it.</param>
/// <param name="draft">The draft.</param>
/// <param name="inForce">The version that is law now; null when there is none. Calls under other versions were judged by clauses that
/// nobody holds here.</param>
internal sealed class DraftJudge(Registry registry, Agreement draft, Agreement? inForce)
{
    // Refusals of step 4 come after step 3 let the call pass.
    private static readonly string[] BehindTheGate =
    [
        "quota-exhausted",
        "subject-quota-exhausted",
        "agent-quota-exhausted",
        "miss-budget-exhausted",
        "rate-exceeded",
    ];

    /// <summary>Judges without the quotas; gives the grant of the draft that the call falls under.</summary>
    internal Judgement Judge(PastCall call, out Grant? grant, out GrantedOperation? operation)
    {
        (grant, operation) = (null, null);
        if (
            registry.Clients.GetValueOrDefault(call.Client) is not { } client
            || registry.FindGrant(draft.Id, client.Institution, call.Purpose, call.Operation) is not { } match
        )
        {
            var consumer = registry.Clients.GetValueOrDefault(call.Client)?.Institution;
            return Judgement.Of(
                draft.Grants.Any(other => other.Consumer == consumer && other.Find(call.Operation) is not null)
                    ? "purpose-not-covered"
                    : "operation-not-covered"
            );
        }

        (grant, operation) = (match.Grant, match.Operation);
        if (Clauses(call, match.Grant, client) is { } refused)
            return Judgement.Of(refused);
        // What asks nobody about a person passes neither gate nor territory.
        if (call is { Refused: null, Match: null })
            return Judgement.Allowed;
        var was = ClauseThen(call, client);
        var gate = Gate(call, match.Grant.Population, was?.Population);
        return gate == Judgement.Allowed ? Territory(call, match.Grant, was, client) : gate;
    }

    private string? Clauses(PastCall call, Grant grant, Client client)
    {
        if (!grant.Clients.IsEmpty && !grant.Clients.Contains(client.Id))
            return "operation-not-covered";
        if (AgreementStatus.PriorAuthorizationMissing(registry, draft, call.Purpose, Later(DateOnly.FromDateTime(call.Local))))
            return "prior-authorization-missing";
        if (grant.OfficeProvinceOnly && client.Office is null)
            return "office-not-allowed";
        if (!OpenHours.AreOpen(grant.Hours, call.Local))
            return "outside-hours";
        if (grant.CaseReference is Demand.Required && !call.HasCase)
            return "case-reference-required";
        if (grant.Agent is Demand.Required && call.Agent is null)
            return "agent-required";
        return grant.Consent is Demand.Required && !call.HasConsent ? "consent-required" : null;
    }

    // A draft begins later than the calls it is tried on: they are judged as if it had begun.
    private DateOnly Later(DateOnly day) => draft.PriorAuthorization is { } prior && day < prior.On ? prior.On : day;

    private Grant? ClauseThen(PastCall call, Client client) =>
        inForce is null || call.Reference != inForce.Reference
            ? null
            : inForce.Grants.FirstOrDefault(grant =>
                grant.Consumer == client.Institution && grant.Purpose == call.Purpose && grant.Find(call.Operation) is not null
            );

    private static Judgement Gate(PastCall call, Population now, Population? was)
    {
        if (now.Gate == "none")
            return Judgement.Allowed;
        // Another register, or one that nobody asked.
        if (was is null || was.Gate != now.Gate || was.DeclaredBy != now.DeclaredBy)
            return Judgement.Unknown("gate");
        var (more, less) = (was.Qualities.All(now.Qualities.Contains), now.Qualities.All(was.Qualities.Contains));
        if (call.Refused is "dossier-not-open" or "population-out-of-scope")
            return less ? Judgement.Of(call.Refused) : Judgement.Unknown("gate");
        return HasPassedTheGate(call) && more ? Judgement.Allowed : Judgement.Unknown("gate");
    }

    private Judgement Territory(PastCall call, Grant now, Grant? was, Client client)
    {
        if (now is { OfficeProvinceOnly: false, Provinces.IsEmpty: true })
            return Judgement.Allowed;
        if (was is null || call.Refused is not (null or "territory-out-of-scope") && !BehindTheGate.Contains(call.Refused))
            return Judgement.Unknown("territory");
        var office = client.Office is { } code
            ? registry.Institutions[client.Institution].Offices.FirstOrDefault(one => one.Code == code)?.Province
            : null;
        if (call.OutOfArea)
            return !now.OfficeProvinceOnly ? Judgement.Unknown("territory")
                : now.BreakGlass ? Judgement.Allowed
                : Judgement.Of("territory-out-of-scope");
        var (old, next) = (Areas(was, office), Areas(now, office));
        if (call.Refused == "territory-out-of-scope")
            return next.All(area => IsWithin(area, old)) ? Judgement.Of(call.Refused) : Judgement.Unknown("territory");
        if (!old.IsEmpty && old.All(area => IsWithin(area, next)))
            return Judgement.Allowed;
        // No area of the draft reaches into one of those in which the person must be.
        return !old.IsEmpty && !old.Any(area => next.Any(other => IsWithin(other, [area])))
            ? Judgement.Of("territory-out-of-scope")
            : Judgement.Unknown("territory");
    }

    private static bool HasPassedTheGate(PastCall call) =>
        call.Refused is null or "territory-out-of-scope" || BehindTheGate.Contains(call.Refused);

    // Empty for all: then a passed call says nothing of the person's province.
    private static ImmutableArray<string> Areas(Grant grant, string? office) =>
        !grant.OfficeProvinceOnly ? grant.Provinces
        : office is null ? []
        : [office];

    private static bool IsWithin(string area, ImmutableArray<string> areas) =>
        areas.Any(other => area.StartsWith(other, StringComparison.Ordinal));
}
