using Admin.CommandLine;

namespace Admin.Tests.CommandLine;

/// <summary>Words that somebody mistyped end in a sentence of the reader's language, with what may have been meant, and never in a fault
/// of ours.</summary>
public sealed class WrongWordsTests
{
    [Theory]
    [InlineData("fr", "agrement check", "« agrement » n’est ni une commande ni une option d’ici. Mots proches : agreement.")]
    [InlineData("ar", "agrement check", "⁨agrement⁩ ليس أمرا ولا خيارا هنا. كلمات قريبة: ⁨agreement⁩.")]
    [InlineData("en", "agrement check", "\"agrement\" is neither a command nor an option here. Near words: agreement.")]
    [InlineData(
        "fr",
        "agreement check --contract x",
        "« --contract » n’est ni une commande ni une option d’ici. Mots proches : --contracts."
    )]
    [InlineData("ar", "agreement check --contract x", "كلمات قريبة: ⁨--contracts⁩.")]
    [InlineData("en", "agreement check --contract x", "Near words: --contracts.")]
    [InlineData(
        "fr",
        "suspend clent x --reason leak",
        "<kind> n’accepte pas « clent ». Valeurs possibles : agreement, certificate, client, institution, issuer."
    )]
    [InlineData("ar", "suspend clent x --reason leak", "لا يقبل ⁨clent⁩")]
    [InlineData(
        "en",
        "suspend clent x --reason leak",
        "<kind> does not take \"clent\". Possible values: agreement, certificate, client, institution, issuer."
    )]
    [InlineData("fr", "agreement replay draft.yaml --days many", "--days attend un nombre entier, et non « many ».")]
    [InlineData("ar", "agreement replay draft.yaml --days many", "يتطلب عددا صحيحا")]
    [InlineData("en", "agreement replay draft.yaml --days many", "--days takes a whole number, not \"many\".")]
    [InlineData("fr", "ledger export rows --from yesterday", "--from attend un instant")]
    [InlineData("ar", "ledger export rows --from yesterday", "يتطلب لحظة")]
    [InlineData("en", "ledger export rows --from yesterday", "--from takes an instant")]
    [InlineData("fr", "agreement show", "Il manque un mot : <agreement>.")]
    [InlineData("ar", "agreement show", "تنقص كلمة: ⁨<agreement>⁩.")]
    [InlineData("en", "agreement show", "A word is missing: <agreement>.")]
    [InlineData("fr", "suspend client x", "L’option --reason manque.")]
    [InlineData("ar", "suspend client x", "الخيار ⁨--reason⁩ ناقص.")]
    [InlineData("en", "suspend client x", "The option --reason is missing.")]
    [InlineData("fr", "lift client x --reason", "L’option --reason n’a pas de valeur.")]
    [InlineData("ar", "lift client x --reason", "الخيار ⁨--reason⁩ بدون قيمة.")]
    [InlineData("en", "lift client x --reason", "The option --reason has no value.")]
    [InlineData("fr", "lift client x --reason a --reason b", "L’option --reason est donnée plusieurs fois")]
    [InlineData("ar", "lift client x --reason a --reason b", "تكرر الخيار ⁨--reason⁩")]
    [InlineData("en", "lift client x --reason a --reason b", "The option --reason is given more than once")]
    [InlineData("fr", "keys", "Il manque une commande. Commandes possibles : list, rotate, compromise.")]
    [InlineData("ar", "keys", "ينقص أمر.")]
    [InlineData("en", "keys", "A command is missing. Possible commands: list, rotate, compromise.")]
    public async Task A_wrong_line_is_explained_and_names_its_help(string language, string line, string sentence)
    {
        var outcome = (await Ctl.Run([.. line.Split(' '), "--lang", language])).Ended(Exit.Usage);
        Assert.Contains(sentence, outcome.Error.Replace('\u00A0', ' ').Replace('\u202F', ' '), StringComparison.Ordinal);
        Assert.Contains(language == "fr" ? "--help" : $"--help --lang {language}", outcome.Error, StringComparison.Ordinal);
        Assert.Empty(outcome.Out);
    }

    [Theory]
    [InlineData("--version")]
    [InlineData("--version --lang ar")]
    [InlineData("--lang en --version")]
    public async Task The_version_is_told_beside_any_language(string line) =>
        Assert.Matches(@"\A[0-9]+\.", (await Ctl.Run(line.Split(' '))).Ended(Exit.Ok).Out);

    [Theory]
    [InlineData("fr", "Valeurs possibles")]
    [InlineData("de", "Valeurs possibles")]
    public async Task A_language_that_is_not_spoken_is_refused_in_French(string language, string words)
    {
        var outcome = await Ctl.Run("keys", "list", "--lang", language == "de" ? "de" : "xx");
        Assert.Contains(words, outcome.Ended(Exit.Usage).Error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("fr", "Aucune convention « ANSS-MENPS-2026-1 ». Identifiants proches : ANSS-MENPS-2026-01")]
    [InlineData("ar", "لا توجد اتفاقية ⁨ANSS-MENPS-2026-1⁩. معرفات قريبة: ⁨ANSS-MENPS-2026-01⁩")]
    [InlineData("en", "There is no agreement \"ANSS-MENPS-2026-1\". Near identifiers: ANSS-MENPS-2026-01")]
    public async Task An_agreement_that_does_not_exist_is_answered_with_those_that_are_near(string language, string sentence)
    {
        using var law = new Policy.Tests.Matrix.LawFiles();
        var outcome = (await Ctl.Run("agreement", "show", "ANSS-MENPS-2026-1", "--contracts", law.Folder, "--lang", language)).Ended(
            Exit.Wrong
        );
        Assert.Contains(sentence, outcome.Error.Replace('\u00A0', ' '), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("agreement check --contracts /no/where", "Le répertoire des conventions /no/where n’existe pas")]
    [InlineData("contracts status --contracts /no/where --operators /no/file", "Le répertoire des conventions /no/where n’existe pas")]
    [InlineData("client show anss-batch --contracts /no/where", "Le répertoire des conventions /no/where n’existe pas")]
    [InlineData("client rotate-key anss-batch --finish --contracts /no/where", "Le répertoire des conventions /no/where n’existe pas")]
    [InlineData("agreement diff /no/file --contracts /no/where", "Un répertoire manque sur le chemin /no/file")]
    [InlineData(
        "client check --assertion - --issuer nonsense --client x --contracts c",
        "--issuer attend une adresse https, et non « nonsense »"
    )]
    [InlineData("explain 01ARZ3NDEKTSV4RRFFQ69G5FAV --issuer nonsense --client x --ca y", "--issuer attend une adresse https")]
    [InlineData("witness serve --name w --key /no/key --log x --listen nonsense", "--listen attend une adresse et un port")]
    [InlineData("agreement rebuild --at yesterday --log /no/log --vkey k", "--at attend un instant")]
    [InlineData("ledger verify --log /no/log --vkey k", "n’est pas une clé de vérification C2SP")]
    [InlineData("ledger verify --log /no/log", "Dire à qui se fier")]
    [InlineData("explain not-an-id", "n’est pas un identifiant de requête")]
    [InlineData("agreement new lower-case --from care --provider p --client c-d --source s", "n’est pas un identifiant de convention")]
    [InlineData("client new Anss_New", "n’est pas un identifiant de système")]
    [InlineData("operator new op_1", "n’est pas un identifiant d’exploitant")]
    [InlineData("approve lift key x --operator op-1 --key k --out o", "<kind> n’accepte pas « key »")]
    [InlineData(
        "suspend client x --reason Leak --status-file s --contracts /no/where",
        "Le répertoire des conventions /no/where n’existe pas"
    )]
    [InlineData("token revoke x --status-file /no/list", "une liste d’arrêt qu’aucun programme ne lit")]
    [InlineData("keys list --ring /no/ring", "ne contient pas d’anneau de clés")]
    [InlineData(
        "agreement suspend-request A-B --institution a --key /no/key --gateway http://g --reason leak --out o",
        "--gateway attend une adresse https"
    )]
    public async Task What_does_not_exist_or_has_not_its_form_ends_in_a_sentence(string line, string sentence)
    {
        var outcome = await Ctl.Run(line.Split(' '));
        Assert.Contains(sentence, (outcome.Error + outcome.Out).Replace('\u00A0', ' ').Replace('\u202F', ' '), StringComparison.Ordinal);
        Assert.Equal(Exit.Usage, outcome.Exit);
    }
}
