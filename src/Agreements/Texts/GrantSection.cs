using Wording;

namespace Agreements.Texts;

/// <summary>One grant of a convention in words: who asks whom for what, about whom, what comes back, how often.</summary>
internal sealed class GrantSection(Markup page, Registry registry, Agreement agreement, Grant grant, string language)
{
    private readonly LawNames _names = new(registry, language);

    public void Write()
    {
        page.Open("section").Element("h3", _names.Purpose(grant.Purpose));
        page.Element("p", Words("page-grant", _names.Institution(grant.Consumer), _names.Institution(grant.Provider))).Open("dl");
        page.Row(Words("page-clause"), _names.Article(grant.Clause));
        page.Row(Words("page-legal-basis"), grant.LegalBasis.Select(_names.LegalBasis));
        page.Row(Words("page-systems"), grant.Clients.IsEmpty ? [Words("page-all-systems")] : grant.Clients.Select(_names.Client));
        page.Row(Words("page-sources"), grant.Sources.Select(Source));
        page.Row(Words("page-persons"), Persons());
        page.Row(Words("page-territory"), Territory());
        page.Row(Words("page-hours"), Hours());
        page.Row(Words("page-headers"), Headers());
        page.Row(Words("page-quotas"), Quotas());
        if (grant.Freshness is { } freshness)
            page.Row(
                Words("page-freshness"),
                Words("page-freshness-days", Days.Length(0, (int)Math.Ceiling(freshness.TotalDays), language))
            );
        if (grant.Contest is { } contest)
            page.Row(
                Words("page-contest"),
                Words("page-contest-period", Days.Length(contest.Window.Months, contest.Window.Days, language))
            );
        page.Close("dl").Element("h4", Words("page-operations"));
        foreach (var operation in grant.Operations)
            Operation(operation);
        page.Close("section");
    }

    private void Operation(GrantedOperation operation)
    {
        page.Open("p").Open("strong").Text(_names.Operation(operation.Id)).Close("strong").Code(operation.Id).Close("p");
        if (operation.Release.IsEmpty)
        {
            page.Element("p", Words("page-no-fields"));
            return;
        }

        page.Open("ul");
        foreach (var (title, paths) in FieldTitles.Of(registry, operation, language))
        {
            page.Open("li").Text(title);
            if (paths is not [var only] || only != title)
                page.Codes(paths);
            page.Close("li");
        }

        page.Close("ul");
        if (operation.Codes.IsEmpty)
            return;
        page.Element("p", Phrases.Labelled(Words("page-codes"), "", language)).Open("ul");
        foreach (var (path, codes) in operation.Codes.OrderBy(static pair => pair.Key, StringComparer.Ordinal))
            page.Open("li").Code(path).Text(" ").Codes(codes.Select(static code => $"{code.System}#{code.Code}")).Close("li");
        page.Close("ul");
    }

    private string Source(Source source) =>
        source.Under is { } under
            ? Words("page-source-under", _names.Institution(source.Institution), source.Code, under)
            : Words("page-source", _names.Institution(source.Institution), source.Code);

    private string Persons()
    {
        var population = grant.Population;
        return Words(
            "page-gate-" + population.Gate,
            _names.Institution(population.DeclaredBy ?? ""),
            Blank.List(population.Qualities.Select(_names.Quality))
        );
    }

    private IEnumerable<string> Territory() =>
        grant.OfficeProvinceOnly ? [Words("page-territory-office")]
        : grant.Provinces.IsEmpty ? [Words("page-territory-all")]
        : grant.Provinces.Select(_names.Area);

    private IEnumerable<string> Hours() =>
        grant.Hours.IsEmpty
            ? [Words("page-hours-always")]
            : grant.Hours.Select(window =>
                Phrases.Labelled(
                    Blank.List(window.Days.Select(day => Words("page-" + day.ToString().ToLowerInvariant()))).Say(language),
                    window.From == window.To ? Words("page-hours-from", window.From) : Days.Hours(window.From, window.To, language),
                    language
                )
            );

    private IEnumerable<string> Headers()
    {
        var demanded = new List<string>(3);
        foreach (
            var (name, demand) in new[] { ("case-reference", grant.CaseReference), ("agent", grant.Agent), ("consent", grant.Consent) }
        )
            if (demand is not Demand.None)
                demanded.Add(Words($"page-{name}-{demand.ToString().ToLowerInvariant()}"));
        return demanded.Count == 0 ? [Words("page-headers-none")] : demanded;
    }

    private IEnumerable<string> Quotas()
    {
        foreach (var (name, limit) in grant.Quotas.Stated())
            if (name != "missesPerMatch" || limit > 1)
                yield return _names.Quota(name, limit);
        foreach (var (name, limit) in agreement.Quotas?.Stated() ?? [])
            yield return _names.Quota(name, limit);
        yield return _names.Quota("batchLines", grant.MaxBatchLines);
    }

    private string Words(string key, params ReadOnlySpan<Blank> blanks) => ConventionWords.Of(key, language, blanks);
}
