using Agreements.Contracts;

namespace Agreements.Loading.Conventions;

/// <summary>
/// Checks <c>under</c>: the other agreement exists, covers the leg, and leads to no circle (exchanges page, sections 1.7 and 16.3).
/// </summary>
internal sealed class UnderRules(IReadOnlyDictionary<string, AgreementEntry> agreements, IReadOnlySet<string> files, LoadContext context)
{
    public void Check()
    {
        foreach (var entry in agreements.Values)
            foreach (var grant in entry.Grants)
                for (var i = 0; i < grant.Grant.Sources.Length; i++)
                    if (grant.Grant.Sources[i].Under is { } under)
                        Leg(entry, grant.Grant, grant.Grant.Sources[i], under, grant.UnderLines[i]);
    }

    private void Leg(AgreementEntry entry, Grant asked, Source source, string under, int line)
    {
        if (!files.Contains(under))
            entry.Report.Error(line, "agreement-unknown", FindingWords.Found(under));
        else if (Reaches(under, entry.Agreement.Id, []))
            entry.Report.Error(line, "under-circle", "under");
        else if (agreements.TryGetValue(under, out var other))
            foreach (var operation in asked.Operations)
                if (
                    Asks(operation.Id)
                    && !other.Agreement.Grants.Any(grant =>
                        grant.Consumer == asked.Consumer
                        && grant.Purpose == asked.Purpose
                        && grant.Provider == source.Institution
                        && grant.Find(operation.Id) is not null
                    )
                )
                    entry.Report.Error(line, "under-ungranted", under, operation.Id, asked.Purpose, source.Institution);
    }

    // Declarations, linking and writes go to the provider of the grant; only questions have legs.
    private bool Asks(string operation) =>
        context.Operations.TryGetValue(operation, out var known) && known.HasDataSubject && known.AuditClass is not AuditClass.Write;

    private bool Reaches(string from, string target, HashSet<string> seen)
    {
        if (from == target)
            return true;
        if (!seen.Add(from) || !agreements.TryGetValue(from, out var entry))
            return false;
        return entry.Grants.SelectMany(grant => grant.Grant.Sources).Any(source => source.Under is { } next && Reaches(next, target, seen));
    }
}
