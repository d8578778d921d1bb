using System.Text.RegularExpressions;

namespace Agreements.Tests.Texts;

/// <summary>
/// Texts are written with one word per concept, in one voice, and French with its own typography, in whichever file they stand.
/// </summary>
public sealed partial class GlossaryTests
{
    // Those that a remedy addresses, the same in three languages.
    private static readonly (string Fr, string Ar, string En)[] Actors =
    [
        ("Développeur du système", "مطور النظام", "Developer"),
        (
            "Administrateur technique de l’institution demandeuse",
            "المسؤول التقني بالمؤسسة الطالبة",
            "Technical administrator of the requesting institution"
        ),
        ("Administrateur technique de l’institution", "المسؤول التقني بالمؤسسة", "Technical administrator of the institution"),
        ("Responsable de la convention", "المسؤول عن الاتفاقية", "Agreement officer"),
        ("Exploitant de la passerelle", "مشغل البوابة", "Gateway operator"),
        ("Institution demandeuse", "المؤسسة الطالبة", "Requesting institution"),
        ("Institution fournisseuse", "المؤسسة المزودة", "Providing institution"),
    ];

    [Fact]
    public void Every_kind_of_file_is_read()
    {
        string[] kinds =
        [
            "titles.ar",
            "details.fr",
            "findings.en",
            "reasons.ar",
            "conventions.fr",
            "page.ar",
            "texts.en",
            "columns",
            "Sentences",
            "BundleWriter",
            "purposes",
            "qualities",
            "areas",
            "institutions/anss",
            "agreements/ANSS-MENPS-2026-01",
            "former/ANSS-MENPS-2026-01",
            "templates/care",
            "openapi/education",
            "fhir/elements",
            "fhir/operations",
            "agreement.schema.fr",
            "institution.schema.json",
        ];
        foreach (var part in kinds)
            Assert.Contains(PublishedTexts.All, text => text.File.Contains(part, StringComparison.Ordinal));
        Assert.Contains(PublishedTexts.All, static text =>
            text.Words.StartsWith("l’enregistrement {2} n’est pas encore publié", StringComparison.Ordinal)
            && text.Words.EndsWith("le journal renie ce qu’il a signé", StringComparison.Ordinal)
        );
        Assert.True(PublishedTexts.All.Count > 2500, $"only {PublishedTexts.All.Count} texts");
    }

    [Fact]
    public void No_text_uses_a_word_that_the_glossary_replaces() =>
        None(
            from entry in Glossary.Forbidden
            let word = Pattern(entry.Pattern)
            from text in PublishedTexts.All
            where text.Language == entry.Language && word.IsMatch(text.Words)
            select $"'{word.Match(text.Words).Value}' is '{entry.Instead}' in {text}"
        );

    [Fact]
    public void French_has_its_spaces_before_signs_and_within_quotation_marks_and_one_apostrophe() =>
        None(
            PublishedTexts
                .All.Where(static text => text.Language == "fr" && Unfrench().IsMatch(text.Words))
                .Select(static text => text.ToString())
        );

    [Fact]
    public void A_remedy_is_an_instruction_to_a_named_reader_who_is_the_same_in_every_language()
    {
        Assert.True(PublishedTexts.Remedies.Count() > 450);
        var addressed = PublishedTexts
            .Remedies.Select(static text => (text, Actor: Array.FindIndex(Actors, actor => Addresses(text, actor))))
            .ToList();
        None(addressed.Where(static one => one.Actor < 0).Select(static one => one.text.ToString()));
        None(
            addressed
                .GroupBy(static one => (one.text.File.Split('.')[0], one.text.Key))
                .Where(static group => group.Select(static one => one.Actor).Distinct().Count() > 1)
                .Select(static group => $"the readers differ: {group.Key}")
        );
    }

    [Theory]
    [InlineData("fr", "La convention ne libère pas ces données.")]
    [InlineData("fr", "Le contrat technique")]
    [InlineData("ar", "معرف العميل")]
    [InlineData("ar", "وبالعميل")]
    [InlineData("ar", "إذن اللجنة الوطنية")]
    [InlineData("ar", "iss وsub")]
    [InlineData("ar", "من 2026-09-01")]
    [InlineData("en", "No open dossier for this person")]
    public void The_glossary_finds_the_words_of_before(string language, string words) =>
        Assert.Contains(Glossary.Forbidden, entry => entry.Language == language && Pattern(entry.Pattern).IsMatch(words));

    [Theory]
    [InlineData("Rien à faire ; attendre")]
    [InlineData("Version : 3")]
    [InlineData("en qualité de « parent »")]
    [InlineData("l'institution")]
    [InlineData("Est-ce fini?")]
    [InlineData("Durée:")]
    public void Typography_of_a_typewriter_is_not_French(string words) => Assert.Matches(Unfrench(), words);

    [Theory]
    [InlineData("Autorisation n°\u00A05 du 15\u00A0juin\u00A0: « {0}\u00A0»\u202F; l’institution")]
    [InlineData("Rien\u202F; urn:ietf:params, 08:30, « a\u00A0»")]
    public void Typography_of_a_printer_is(string words) =>
        Assert.DoesNotMatch(Unfrench(), words.Replace("« ", "«\u00A0", StringComparison.Ordinal));

    // All of them at once: an editor mends them in one go.
    private static void None(IEnumerable<string> wrong) => Assert.True(!wrong.Any(), string.Join('\n', wrong));

    private static Regex Pattern(string pattern) =>
        new(pattern, RegexOptions.CultureInvariant | RegexOptions.IgnoreCase, TimeSpan.FromSeconds(30));

    // French: an actor, a colon, an infinitive. Arabic: على, an actor, a masdar and no verb. English: an actor, a colon, an imperative.
    private static bool Addresses(PublishedText remedy, (string Fr, string Ar, string En) actor) =>
        remedy.Language switch
        {
            "fr" => Pattern($@"\A{actor.Fr}\u00A0: (ne pas |n’y |s’|en |y )?\p{{Ll}}+(er|ir|re)\b").IsMatch(remedy.Words),
            "ar" => Pattern($@"\Aعلى {actor.Ar} (?!الطالبة)(?!ي)\p{{IsArabic}}").IsMatch(remedy.Words),
            _ => Pattern($@"\A{actor.En}: \p{{Ll}}+(?<!(?<!s)s)\b").IsMatch(remedy.Words),
        };

    [GeneratedRegex(
        @"\p{L}'[\p{L}\d]|(?<!\u202F)[;!?]|(?<!\u00A0):(?=\s|\z)|«(?!\u00A0)|(?<!\u00A0)»|[ \u00A0\u202F]{2}",
        RegexOptions.CultureInvariant,
        30_000
    )]
    private static partial Regex Unfrench();
}
