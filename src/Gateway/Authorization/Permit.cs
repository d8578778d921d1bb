using Agreements;
using Gateway.Authorization.Dossiers;
using Gateway.Problems;
using Gateway.Requests;

namespace Gateway.Authorization;

/// <summary>
/// Step 3, second half: the decision about this question on this person, now. Made only by <see cref="Decide"/>; every later
/// step demands one, so nothing is asked of a provider without it.
/// </summary>
internal sealed class Permit
{
    private Permit(Entitlement entitlement, AccessRequest request, Person person, Obligations obligations) =>
        (Entitlement, Request, Person, Obligations) = (entitlement, request, person, obligations);

    /// <summary>What the caller may ask at all.</summary>
    public Entitlement Entitlement { get; }

    /// <summary>The question, checked against its contract.</summary>
    public AccessRequest Request { get; }

    /// <summary>The person asked about.</summary>
    public Person Person { get; }

    /// <summary>What the permit obliges the gateway to.</summary>
    public Obligations Obligations { get; }

    /// <summary>
    /// Decides gate, population and territory on the dossier register, before any source learns of the question
    /// (exchanges page, section 1.9). The agency's own clients get the reason; to everybody else the person is not found.
    /// </summary>
    public static Verdict<Permit> Decide(
        Entitlement entitlement,
        AccessRequest request,
        Person person,
        DossierRegister dossiers,
        DateOnly today
    )
    {
        var grant = entitlement.Grant;
        if (Unready(entitlement, dossiers) is { } unready)
            return unready;
        var (problem, gate) = Look(entitlement, person, dossiers, today);
        if (problem is not null && entitlement.Caller.IsAgency)
            return new Refusal(problem)
            {
                Clause = entitlement.Clause,
                Gate = gate,
                Words = problem == Problem.DossierNotOpen ? [] : [entitlement.Agreement.Reference, grant.Purpose],
            };
        return new Permit(
            entitlement,
            request,
            person,
            new Obligations(problem is null ? grant.Sources : [], grant.Deadline, grant.MaxAnswerBytes, gate, problem?.Rule)
        );
    }

    /// <summary>The same permit, releasing nothing that <paramref name="other"/> does not release.</summary>
    public Permit Within(GrantedOperation other) => new(Entitlement.Within(other), Request, Person, Obligations);

    // Neither says anything about the person, so everybody is told: the register has lost touch with its log, or nobody was ever declared
    // under this grant, which then refuses everybody.
    private static Refusal? Unready(Entitlement entitlement, DossierRegister dossiers)
    {
        var population = entitlement.Grant.Population;
        if (population.Gate != "open-dossier")
            return null;
        if (!dossiers.IsFresh)
            return new Refusal(Problem.Overloaded)
            {
                RetryAfterSeconds = 5,
                Reason = "the register of dossiers could not be confirmed for a minute",
            };
        if (!dossiers.IsEmpty(entitlement.Agreement.Id, population.Qualities))
            return null;
        return new Refusal(Problem.DossierNotOpen)
        {
            Clause = entitlement.Clause,
            Words = [entitlement.Agreement.Reference, .. population.Qualities],
            Reason = "no dossier was ever declared under this grant",
        };
    }

    private static (Problem? Problem, string? Gate) Look(Entitlement entitlement, Person person, DossierRegister dossiers, DateOnly today)
    {
        var grant = entitlement.Grant;
        if (grant.Population.Gate == "none")
            return (null, null);
        // own-placement needs the register of placements; until that exists nobody passes it.
        if (grant.Population.Gate != "open-dossier")
            return (Problem.DossierNotOpen, "none");
        var handle = dossiers.HandleOf(person);
        if (!dossiers.TryFind(entitlement.Agreement.Id, grant.Population.Qualities, handle, today, out var found))
            return (HasAnother(entitlement, handle, dossiers, today) ? Problem.PopulationOutOfScope : Problem.DossierNotOpen, "none");
        var inside = grant.OfficeProvinceOnly
            ? found.Province == entitlement.Caller.Office!.Province
            : grant.Provinces.Length == 0 || Covers(grant, found.Province);
        return inside ? (null, "open") : (Problem.TerritoryOutOfScope, "open");
    }

    // A dossier in a quality that another grant of the agreement asks for.
    private static bool HasAnother(Entitlement entitlement, UInt128 handle, DossierRegister dossiers, DateOnly today)
    {
        foreach (var grant in entitlement.Agreement.Grants)
            if (dossiers.TryFind(entitlement.Agreement.Id, grant.Population.Qualities, handle, today, out _))
                return true;
        return false;
    }

    // An area covers itself and everything below it: 06. covers 06.181.
    private static bool Covers(Grant grant, string province)
    {
        foreach (var area in grant.Provinces)
            if (province.StartsWith(area, StringComparison.Ordinal))
                return true;
        return false;
    }
}
