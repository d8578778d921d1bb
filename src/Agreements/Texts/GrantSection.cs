using System.Globalization;

namespace Agreements.Texts;

/// <summary>One grant of a convention in words: who asks whom for what, about whom, what comes back, how often.</summary>
internal sealed class GrantSection(Markup page, Registry registry, Agreement agreement, Grant grant, string language)
{
    public void Write()
    {
        page.Open("section").Element("h3", $"{registry.Purposes.GetValueOrDefault(grant.Purpose)?.Names.In(language) ?? grant.Purpose}");
        page.Element("p", Words("page-grant", Institution(grant.Consumer), Institution(grant.Provider))).Open("dl");
        page.Row(Words("page-clause"), Clause());
        page.Row(Words("page-legal-basis"), grant.LegalBasis.Select(code => registry.LegalBases.GetValueOrDefault(code)?.In(language) ?? code));
        page.Row(Words("page-systems"), grant.Clients.IsEmpty ? [Words("page-all-systems")] : grant.Clients.Select(id => registry.Clients.GetValueOrDefault(id)?.Names.In(language) ?? id));
        page.Row(Words("page-sources"), grant.Sources.Select(source => $"{Institution(source.Institution)} ({source.Code}{(source.Under is { } under ? ", " + under : "")})"));
        page.Row(Words("page-persons"), Persons());
        page.Row(Words("page-territory"), Territory());
        page.Row(Words("page-hours"), Hours());
        page.Row(Words("page-headers"), Headers());
        page.Row(Words("page-quotas"), Quotas());
        if (grant.Freshness is { } freshness) page.Row(Words("page-freshness"), Words("page-freshness-days", (int)Math.Ceiling(freshness.TotalDays)));
        if (grant.Contest is { } contest) page.Row(Words("page-contest"), Contest(contest.Window));
        page.Close("dl").Element("h4", Words("page-operations"));
        foreach (var operation in grant.Operations) Operation(operation);
        page.Close("section");
    }

    private void Operation(GrantedOperation operation)
    {
        page.Open("p").Open("strong").Text(FieldTitles.Of(registry, operation.Id, language)).Close("strong").Code(operation.Id).Close("p");
        if (operation.Release.IsEmpty)
        {
            page.Element("p", Words("page-no-fields"));
            return;
        }

        page.Open("ul");
        foreach (var (title, paths) in FieldTitles.Of(registry, operation, language))
        {
            page.Open("li").Text(title);
            if (paths is not [var only] || only != title) page.Code(string.Join(", ", paths));
            page.Close("li");
        }

        page.Close("ul");
        if (operation.Codes.IsEmpty) return;
        page.Open("p").Text(ConventionWords.Labelled(Words("page-codes"), "", language));
        foreach (var (path, codes) in operation.Codes.OrderBy(static pair => pair.Key, StringComparer.Ordinal)) page.Code($"{path}: {string.Join(", ", codes.Select(static code => $"{code.System}#{code.Code}"))}");
        page.Close("p");
    }

    // art. 4 is how the file names it in every language.
    private string Clause() => grant.Clause.StartsWith("art. ", StringComparison.Ordinal) ? Words("page-article", grant.Clause["art. ".Length..]) : grant.Clause;

    private string Persons()
    {
        var population = grant.Population;
        var qualities = ConventionWords.Listed(population.Qualities.Select(code => registry.Qualities.GetValueOrDefault(code)?.In(language) ?? code), language);
        return Words("page-gate-" + population.Gate, Institution(population.DeclaredBy ?? ""), qualities);
    }

    private IEnumerable<string> Territory() =>
        grant.OfficeProvinceOnly ? [Words("page-territory-office")]
        : grant.Provinces.IsEmpty ? [Words("page-territory-all")]
        : grant.Provinces.Select(code => registry.Areas.GetValueOrDefault(code)?.In(language) ?? code);

    private IEnumerable<string> Hours() => grant.Hours.IsEmpty ? [Words("page-hours-always")] : grant.Hours.Select(window =>
        string.Create(CultureInfo.InvariantCulture, $"{ConventionWords.Listed(window.Days.Select(day => Words("page-" + day.ToString().ToLowerInvariant())), language)} {window.From:HH:mm}–{window.To:HH:mm}"));

    private IEnumerable<string> Headers()
    {
        var demanded = new List<string>(3);
        foreach (var (name, demand) in new[] { ("case-reference", grant.CaseReference), ("agent", grant.Agent), ("consent", grant.Consent) })
            if (demand is not Demand.None) demanded.Add(Words($"page-{name}-{demand.ToString().ToLowerInvariant()}"));
        return demanded.Count == 0 ? [Words("page-headers-none")] : demanded;
    }

    private IEnumerable<string> Quotas()
    {
        foreach (var (name, limit) in grant.Quotas.Stated())
            if (name != "missesPerMatch" || limit > 1) yield return Quota(name, limit);
        foreach (var (name, limit) in agreement.Quotas?.Stated() ?? []) yield return Quota(name, limit);
        yield return Quota("batchLines", grant.MaxBatchLines);
    }

    private string Quota(string name, long limit) => Words("page-quota-" + name, limit.ToString("N", ConventionWords.Grouped));

    private string Contest(CivilPeriod window) => window switch
    {
        { Months: 0 } => Words("page-contest-days", window.Days),
        { Days: 0 } => Words("page-contest-months", window.Months),
        _ => Words("page-contest-months-days", window.Months, window.Days),
    };

    private string Institution(string id) => registry.Institutions.GetValueOrDefault(id)?.Names.In(language) ?? id;

    private string Words(string key, params object[] blanks) => ConventionWords.Of(key, language, blanks);
}
