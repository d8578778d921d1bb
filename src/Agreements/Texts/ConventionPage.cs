using System.Collections.Immutable;
using System.Security.Cryptography;
using System.Text;
using Agreements.Loading;
using Wording;

namespace Agreements.Texts;

/// <summary>
/// A convention as the manager of a partner reads it, in French, Arabic or English: parties, legal basis, what may be asked for what, which
/// fields come back, how often, until when, the contact. The catalogue and <c>gatewayctl agreement show --html</c> give this same page.
/// </summary>
public static class ConventionPage
{
    /// <summary>Media type.</summary>
    public const string ContentType = "text/html; charset=utf-8";

    private const string Sheet =
        "body{font-family:sans-serif;line-height:1.5;max-width:52rem;margin:2rem auto;padding:0 1rem;color:#1b1b1b;background:#fff}"
        + "h1{font-size:1.5rem}h2{font-size:1.2rem;border-bottom:1px solid #999;margin-top:2rem}h3{font-size:1.05rem;margin-top:1.5rem}"
        + "dt{font-weight:bold;margin-top:.5rem}dd{margin:0;margin-inline-start:1.5rem}code{font-size:.85em;color:#555}"
        + ".warn{border-inline-start:4px solid #b00;padding-inline-start:.75rem}footer{margin-top:2rem;font-size:.85em;color:#555;overflow-wrap:anywhere}"
        + "@media print{body{margin:0;max-width:none}}";

    /// <summary>What a browser may do with the page: apply its one style sheet, nothing else.</summary>
    public static string ContentSecurityPolicy { get; } =
        $"default-src 'none'; style-src 'sha256-{Convert.ToBase64String(SHA256.HashData(Encoding.UTF8.GetBytes(Sheet)))}'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

    /// <summary>The page.</summary>
    /// <param name="registry">The law.</param>
    /// <param name="agreement">One of its agreements.</param>
    /// <param name="today">Civil day in Africa/Casablanca.</param>
    /// <param name="language">fr, ar or en.</param>
    public static string Write(Registry registry, Agreement agreement, DateOnly today, string language)
    {
        var (page, names) = (new Markup(language), new LawNames(registry, language));
        var title = agreement.Title.In(language);
        page.Open("html", ("lang", language), ("dir", Languages.IsRightToLeft(language) ? "rtl" : "ltr"))
            .Open("head")
            .Open("meta", ("charset", "utf-8"))
            .Open("meta", ("name", "viewport"), ("content", "width=device-width"));
        page.Title(title).Style(Sheet).Close("head").Open("body").Element("h1", title);
        page.Open("p").Code(agreement.Id).Text(Words("page-version", agreement.Version)).Close("p");
        page.Open("p").Open("strong").Text(Phrases.Labelled(Words("page-status"), "", language)).Close("strong");
        page.Text(StandingWords.Of(AgreementStatus.StandingOf(registry, agreement, today), language, registry)).Close("p");
        Warnings();
        page.Element("h2", Words("page-parties")).Open("dl");
        foreach (var party in agreement.Parties)
            Party(party);
        page.Close("dl").Element("h2", Words("page-term")).Element("p", Words("page-term-days", agreement.From, agreement.Until));
        if (agreement.Text is { } paper)
            page.Element("p", Words("page-paper", Filled(paper.Reference)));
        page.Element(
            "p",
            agreement.PriorAuthorization is { } prior
                ? Words("page-authorization", Filled(prior.Number), prior.On, prior.Until, Blank.List(prior.Purposes.Select(names.Purpose)))
                : Words("page-no-authorization")
        );
        page.Element("h2", Words("page-what"));
        foreach (var grant in agreement.Grants)
            new GrantSection(page, registry, agreement, grant, language).Write();
        page.Element("h2", Words("page-retention"))
            .Element(
                "p",
                Words(
                    "page-retention-periods",
                    Period(agreement.AuditSearchable),
                    Period(agreement.AuditArchived),
                    Days.Length(agreement.BatchResults, language)
                )
            );
        Changes();
        page.Open("footer").Element("p", Words("page-file", agreement.Digest, registry.Digest)).Close("footer", "body", "html");
        return page.ToString();

        void Warnings()
        {
            var ends = Expiry.Sorted(Expiry.Of(registry, agreement, today));
            if (ends.IsEmpty)
                return;
            page.Open("section", ("class", "warn")).Element("h2", Words("page-warnings")).Open("ul");
            foreach (var end in ends)
                page.Element("li", ExpiryWords.Of(end, language));
            page.Close("ul", "section");
        }

        void Party(string id)
        {
            var institution = registry.Institutions.GetValueOrDefault(id);
            page.Element("dt", names.Institution(id));
            if (agreement.Grants.Any(grant => grant.Consumer == id))
                page.Element("dd", Words("page-asks-role"));
            if (agreement.Grants.Any(grant => grant.Provider == id))
                page.Element("dd", Words("page-answers-role"));
            var signatures = agreement.Signatures.Where(signature => signature.Institution == id).ToList();
            foreach (var signature in signatures)
                page.Element("dd", Words("page-signed", Office(signature.Function), signature.On));
            if (signatures.Count == 0)
                page.Element("dd", Words("page-unsigned"));
            page.Open("dd").Text(Phrases.Labelled(Words("page-contact"), "", language));
            if (institution?.Contact is not { } contact)
                page.Text(Words("page-contact-none"));
            else
            {
                page.Text(contact.Names.In(language)).Text(Phrases.Separator(language));
                page.LeftToRight("a", contact.Email, ("href", "mailto:" + contact.Email));
            }

            page.Close("dd");
        }

        void Changes()
        {
            if (agreement.Version == 1)
            {
                page.Element("p", Words("page-first"));
                return;
            }

            page.Element("h2", Words("page-changes", agreement.Version - 1));
            var changes = VersionChange.Of(registry, agreement);
            if (changes is not { } differences)
                page.Element("p", Words("page-changes-unknown", agreement.Version - 1));
            else if (differences.IsEmpty)
                page.Element("p", Words("no-difference"));
            else
            {
                page.Open("ul");
                foreach (var difference in differences)
                    page.Element("li", DifferenceWords.Of(difference, language, registry));
                page.Close("ul");
            }
        }

        // A draft says in its reader's language what is still to be filled in; the loader lets none of it become law.
        string Filled(string value) => Placeholders.Is(value) ? Words("page-to-fill") : value;
        // The one office that gatewayctl writes by itself, in the signer's language.
        string Office(string function) =>
            Languages.All.Any(other => ConventionWords.Of("legal-representative", other) == function)
                ? Words("legal-representative")
                : function;
        string Period(CivilPeriod period) => Days.Length(period.Months, period.Days, language);
        string Words(string key, params ReadOnlySpan<Blank> blanks) => ConventionWords.Of(key, language, blanks);
    }
}

/// <summary>What a version changed against the one before it.</summary>
public static class VersionChange
{
    /// <summary>
    /// The differences, those that widen first; null when the version before is not kept, empty when it gave the same rights.
    /// </summary>
    public static ImmutableArray<Difference>? Of(Registry registry, Agreement agreement) =>
        registry.Former.GetValueOrDefault(agreement.Id) is { } former
            ? [.. AgreementDiff.Of(former, agreement).OrderBy(static one => one.Kind)]
            : null;
}
