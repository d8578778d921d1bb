using System.Collections.Immutable;
using Admin.CommandLine;
using Admin.Texts;
using Agreements;
using Agreements.Texts;
using Wording;

namespace Admin.Conventions;

/// <summary>An agreement as people read it.</summary>
/// <param name="Agreement">Reference.</param>
/// <param name="State">One word for where it stands.</param>
/// <param name="Reason">Why.</param>
/// <param name="Lines">All of it, in words.</param>
internal sealed record AgreementSheet(string Agreement, string State, string Reason, ImmutableArray<string> Lines)
{
    internal static AgreementSheet Of(Registry registry, Agreement agreement, DateOnly today, string language)
    {
        var standing = AgreementStatus.StandingOf(registry, agreement, today);
        return new(agreement.Reference, standing.Word, standing.Reason, [.. new Writer(registry, language).Lines(agreement, standing)]);
    }

    /// <summary>An agreement of a registry.</summary>
    /// <exception cref="Declined">There is none of this id; says which ones are near.</exception>
    internal static Agreement Known(Registry registry, string id)
    {
        if (registry.Agreements.TryGetValue(id, out var agreement))
            return agreement;
        var near = Near.Of(id, registry.Agreements.Keys);
        throw near.Count > 0 ? new Declined("no-agreement-near", id, Blank.List(near)) : new Declined("no-agreement", id);
    }

    // Names, not codes; a code where the contracts have no name for it.
    private sealed class Writer(Registry registry, string language)
    {
        internal IEnumerable<string> Lines(Agreement agreement, AgreementStanding standing)
        {
            yield return Words("sheet-agreement", agreement.Title.In(language), agreement.Reference);
            yield return "  " + StandingWords.Of(standing, language, registry);
            yield return "  " + Words("sheet-parties", Blank.List(agreement.Parties.Select(Institution)));
            yield return "  " + Words("sheet-term", agreement.From, agreement.Until);
            foreach (var one in agreement.Signatures)
                yield return "  " + Words("sheet-signature", Institution(one.Institution), one.Function, one.On, one.KeyId);
            if (agreement.Signatures.IsEmpty)
                yield return "  " + Words("sheet-unsigned");
            if (agreement.PriorAuthorization is { } prior)
                yield return "  "
                    + Words("sheet-authorization", prior.Number, prior.On, prior.Until, Blank.List(prior.Purposes.Select(Purpose)));
            foreach (var (name, limit) in agreement.Quotas?.Stated() ?? [])
                yield return "  " + Quota(name, limit);
            foreach (var line in agreement.Grants.SelectMany(Lines))
                yield return line;
        }

        private IEnumerable<string> Lines(Grant grant)
        {
            yield return "  " + Words("sheet-grant", Purpose(grant.Purpose), grant.Id, Clause(grant));
            yield return "    " + Words("sheet-asks", Institution(grant.Consumer), Institution(grant.Provider));
            yield return "    "
                + Words(
                    "sheet-legal-basis",
                    Blank.List(grant.LegalBasis.Select(code => registry.LegalBases.GetValueOrDefault(code)?.In(language) ?? code))
                );
            yield return "    "
                + (
                    grant.Clients.IsEmpty
                        ? Words("sheet-all-systems")
                        : Words(
                            "sheet-systems",
                            Blank.List(grant.Clients.Select(id => registry.Clients.GetValueOrDefault(id)?.Names.In(language) ?? id))
                        )
                );
            yield return "    " + Persons(grant.Population);
            yield return "    "
                + (
                    grant.OfficeProvinceOnly ? Words("sheet-territory-office")
                    : grant.Provinces.IsEmpty ? Words("sheet-territory-all")
                    : Words(
                        "sheet-territory",
                        Blank.List(grant.Provinces.Select(code => registry.Areas.GetValueOrDefault(code)?.In(language) ?? code))
                    )
                );
            foreach (var window in grant.Hours)
                yield return "    "
                    + Words("sheet-hours", Blank.List(window.Days.Select(Day)), Days.Hours(window.From, window.To, language));
            foreach (var (name, limit) in grant.Quotas.Stated())
                yield return "    " + Quota(name, limit);
            foreach (var operation in grant.Operations)
                yield return "    " + Operation(operation);
        }

        private string Persons(Population population) =>
            population.Gate switch
            {
                "open-dossier" => Words(
                    "sheet-persons-open-dossier",
                    Institution(population.DeclaredBy ?? ""),
                    Blank.List(population.Qualities.Select(code => registry.Qualities.GetValueOrDefault(code)?.In(language) ?? code))
                ),
                "own-placement" => Words("sheet-persons-own-placement"),
                _ => Words("sheet-persons-none"),
            };

        private string Operation(GrantedOperation operation)
        {
            var title = FieldTitles.Of(registry, operation.Id, language);
            var fields = FieldTitles.Of(registry, operation, language).Select(static one => one.Title).ToList();
            return fields.Count == 0
                ? Words("sheet-operation-bare", title, operation.Id)
                : Words("sheet-operation", title, operation.Id, Blank.List(fields));
        }

        private string Clause(Grant grant) =>
            grant.Clause.StartsWith("art. ", StringComparison.Ordinal)
                ? Words("sheet-article", grant.Clause["art. ".Length..])
                : grant.Clause;

        private string Quota(string name, long limit) => ConventionWords.Of("page-quota-" + name, language, limit);

        private string Day(DayOfWeek day) => ConventionWords.Of("page-" + day.ToString().ToLowerInvariant(), language);

        private string Institution(string id) => registry.Institutions.GetValueOrDefault(id)?.Names.In(language) ?? id;

        private string Purpose(string code) => registry.Purposes.GetValueOrDefault(code)?.Names.In(language) ?? code;

        private string Words(string key, params ReadOnlySpan<Blank> blanks) => Said.Of(key, language, blanks);
    }
}
