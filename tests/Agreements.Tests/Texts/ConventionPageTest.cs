using System.Text.RegularExpressions;
using Agreements.Texts;
using FsCheck;
using FsCheck.Fluent;
using Wording;

namespace Agreements.Tests.Texts;

/// <summary>The page that a partner's manager reads.</summary>
public sealed partial class ConventionPageTest
{
    public static TheoryData<string> Languages => [.. Wording.Languages.All];

    [Theory, MemberData(nameof(Languages))]
    public void Every_agreement_has_a_page_that_names_parties_laws_fields_and_quotas_in_words(string language)
    {
        using var contracts = new TheContracts();
        var registry = contracts.Load().Registry!;
        foreach (var agreement in registry.Agreements.Values)
        {
            var page = ConventionPage.Write(registry, agreement, TheContracts.Today, language);
            foreach (var party in agreement.Parties)
                Told(page, registry.Institutions[party].Names.In(language));
            foreach (var grant in agreement.Grants)
            {
                Told(page, registry.Purposes[grant.Purpose].Names.In(language));
                foreach (var basis in grant.LegalBasis)
                    Told(page, registry.LegalBases[basis].In(language));
                foreach (var quality in grant.Population.Qualities)
                    Told(page, registry.Qualities[quality].In(language));
                foreach (var operation in grant.Operations)
                {
                    Told(page, registry.Operations[operation.Id].Title!.In(language));
                    foreach (var (title, paths) in FieldTitles.Of(registry, operation, language))
                    {
                        Told(page, title);
                        // The person is whom the caller asked about: the echo has no title.
                        Assert.True(
                            paths.All(path => path != title || path.Contains(".identifier.", StringComparison.Ordinal)),
                            $"{operation.Id} {title} has no title in {language}"
                        );
                    }
                }
            }
        }
    }

    [Fact]
    public void Arabic_is_written_from_right_to_left_and_codes_from_left_to_right()
    {
        using var contracts = new TheContracts();
        var registry = contracts.Load().Registry!;
        var page = ConventionPage.Write(registry, registry.Agreements["ANSS-MENPS-2026-01"], TheContracts.Today, "ar");
        Assert.Contains("<html lang=\"ar\" dir=\"rtl\">", page, StringComparison.Ordinal);
        Assert.Contains("<code dir=\"ltr\">ANSS-MENPS-2026-01</code>", page, StringComparison.Ordinal);
        Assert.Contains("اتفاقية تبادل المعطيات", page, StringComparison.Ordinal);
        Told(page, "المادة 4");
    }

    [Fact]
    public void Whatever_a_title_holds_stays_text()
    {
        using var contracts = new TheContracts();
        var registry = contracts.Load().Registry!;
        var whole = registry.Agreements["ANSS-MENPS-2026-01"];
        var hostile = Gen.Elements(
                "<script>alert(1)</script>",
                "\"><img src=x onerror=alert(1)>",
                "</style><script>",
                "&lt;b&gt;",
                "'",
                "\u202E<",
                "<!--",
                "]]>"
            )
            .NonEmptyListOf()
            .Select(static parts => string.Concat(parts));
        Check.One(Config.QuickThrowOnFailure.WithMaxTest(60), Prop.ForAll(hostile.ToArbitrary(), title =>
            {
                var page = ConventionPage.Write(registry, With(whole, title), TheContracts.Today, "fr");
                return Tags(page).SetEquals(Tags(ConventionPage.Write(registry, With(whole, "plain"), TheContracts.Today, "fr")));
            }));
    }

    [Theory, MemberData(nameof(Languages))]
    public void What_a_draft_leaves_open_is_said_in_the_readers_language(string language)
    {
        using var contracts = new TheContracts();
        var registry = contracts.Load().Registry!;
        var draft = With(registry.Agreements["ANSS-MENPS-2026-01"], "Title", "TBC by the parties");
        var page = ConventionPage.Write(registry, draft, TheContracts.Today, language);
        Assert.DoesNotContain("TBC", page, StringComparison.Ordinal);
        Told(page, ConventionWords.Of("page-paper", language, ConventionWords.Of("page-to-fill", language)));
    }

    [Fact]
    public void Every_word_of_the_page_and_the_tool_stands_in_three_languages()
    {
        var all = new QuotaTerms
        {
            BurstPerSecond = 1,
            PerDay = 1,
            PerMonth = 1,
            PerSubjectPerDay = 1,
            PerAgentPerDay = 1,
            MissesPerDay = 1,
            PerOfficePerDay = 1,
            PersonsPerDay = 1,
            MissAllowance = 1,
            OpenBatches = 1,
        };
        foreach (var (name, _) in all.Stated())
            foreach (var language in Wording.Languages.All)
                Assert.NotEmpty(ConventionWords.Of("page-quota-" + name, language));
        Assert.Equal(typeof(QuotaTerms).GetProperties().Count(static property => property.CanWrite), all.Stated().Count());
    }

    private static void Told(string page, string text) =>
        Assert.Contains(Bare(text), Bare(Tag().Replace(page, "")), StringComparison.Ordinal);

    // Without what tells browsers and terminals directions.
    private static string Bare(string text) =>
        string.Concat(
            System
                .Net.WebUtility.HtmlDecode(text)
                .Where(static mark => mark is not (Isolation.LeftToRight or Isolation.FirstStrong or Isolation.End))
        );

    [GeneratedRegex("<[^>]+>", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Tag();

    private static HashSet<string> Tags(string page) =>
        [.. page.Split('<').Select(static part => part[..(part.IndexOf('>', StringComparison.Ordinal) + 1)])];

    private static Agreement With(Agreement whole, string title, string? paper = null) =>
        new()
        {
            Id = whole.Id,
            Version = whole.Version,
            Title = new LocalizedText(title, title, title),
            Parties = whole.Parties,
            From = whole.From,
            Until = whole.Until,
            Signed = whole.Signed,
            Digest = whole.Digest,
            Grants = whole.Grants,
            Signatures = [.. whole.Signatures.Select(signature => signature with { Function = title })],
            Text = new PaperText(paper ?? title, ["fr"], ""),
        };
}
