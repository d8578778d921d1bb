using Agreements;
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
    public static Verdict<Permit> Decide(Entitlement entitlement, AccessRequest request, Person person, DossierRegister dossiers, DateOnly today)
    {
        var grant = entitlement.Grant;
        var (problem, gate) = Look(entitlement, person, dossiers, today);
        if (problem is not null && entitlement.Caller.IsAgency)
            return new Refusal(problem) { Clause = entitlement.Clause, Words = [entitlement.Agreement.Reference, grant.Purpose] };
        return new Permit(entitlement, request, person, new Obligations(
            problem is null ? grant.Sources : [], grant.Deadline, grant.MaxAnswerBytes, gate, problem?.Rule));
    }

    private static (Problem? Problem, string? Gate) Look(Entitlement entitlement, Person person, DossierRegister dossiers, DateOnly today)
    {
        var grant = entitlement.Grant;
        if (grant.Population.Gate == "none") return (null, null);
        // own-placement needs the register of placements; until that exists nobody passes it.
        if (grant.Population.Gate != "open-dossier") return (Problem.DossierNotOpen, "none");
        var found = dossiers.Find(entitlement.Agreement.Id, grant.Population.Qualities, person, today);
        if (found is null)
            return (HasAnother(entitlement, person, dossiers, today) ? Problem.PopulationOutOfScope : Problem.DossierNotOpen, "none");
        var province = found.Value.Province;
        var inside = grant.OfficeProvinceOnly
            ? province == entitlement.Caller.Office!.Province
            : grant.Provinces.Length == 0 || Covers(grant, province);
        return inside ? (null, "open") : (Problem.TerritoryOutOfScope, "open");
    }

    // A dossier in a quality that another grant of the agreement asks for.
    private static bool HasAnother(Entitlement entitlement, Person person, DossierRegister dossiers, DateOnly today)
    {
        foreach (var grant in entitlement.Agreement.Grants)
            if (dossiers.Find(entitlement.Agreement.Id, grant.Population.Qualities, person, today) is not null) return true;
        return false;
    }

    // An area covers itself and everything below it: 06. covers 06.181.
    private static bool Covers(Grant grant, string province)
    {
        foreach (var area in grant.Provinces) if (province.StartsWith(area, StringComparison.Ordinal)) return true;
        return false;
    }
}
