using System.Text.RegularExpressions;
using Admin.CommandLine;
using Admin.Texts;
using Ledger;
using Tokens.Operations;
using Tokens.Stores;
using Wording;

namespace Admin.Tests.Texts;

/// <summary>What the parts below throw in English is told in the reader's language, and no words are kept for what is thrown
/// no more.</summary>
public sealed partial class FaultsTests
{
    // Where gatewayctl reaches down to; what is thrown elsewhere reaches logs alone.
    private static readonly string[] Reached =
    [
        "AuditIndex",
        "Authority/Keys",
        "Tokens/Stores",
        "Tokens/Status",
        "Ledger/SecretFile.cs",
        "Ledger/Notes/TrustPolicy.cs",
    ];

    // Faults of ours, which no file, store or word of an operator brings about.
    private static readonly string[] OfOurs =
    [
        "A run was offered that does not follow what is applied.",
        "The key of a quarter that is not over is in use.",
        "An index is in a folder or in PostgreSQL: neither is named.",
        // Put together: a file, or the name of a store, and what was thrown below it.
        "2026-01-01 2026-01-01",
        "2026-01-01: 2026-01-01",
        "2026-01-01: its SQLite file cannot be opened",
        // Quotation marks stand within it: it has a test of its own.
        "schema 2026-01-01 is of version {version ?? ",
    ];

    private static string Root
    {
        get
        {
            var folder = AppContext.BaseDirectory;
            while (!File.Exists(Path.Combine(folder, "Gateway.sln")))
                folder = Path.GetDirectoryName(folder)!;
            return folder;
        }
    }

    [Fact]
    public void What_the_parts_below_throw_has_words_of_its_own()
    {
        var thrown = Sources(Reached)
            .SelectMany(static text => Thrown.Matches(text))
            .Select(static match => Hole.Replace(match.Groups["words"].Value, "2026-01-01"))
            .Except(OfOurs, StringComparer.Ordinal)
            .ToList();
        Assert.True(thrown.Count >= 30, string.Join('\n', thrown));
        Assert.All(thrown, static words => Assert.True(Faults.Sentence(words, "ar") is not null, words));
    }

    [Fact]
    public void Every_sentence_that_is_looked_for_is_still_written_somewhere()
    {
        var sources = string.Concat(Sources([""]).Where(static text => !text.Contains("class FaultSentences", StringComparison.Ordinal)));
        Assert.DoesNotContain(FaultSentences.Written, written =>
            Gap.Split(written)
                .Select(static part => part.Trim(' ', ':', ',', ';'))
                .Any(part => part.Length > 1 && !sources.Contains(part, StringComparison.Ordinal))
        );
    }

    [Theory]
    [InlineData("fr", "est ouvert à d’autres que son propriétaire (mode 0644)")]
    [InlineData("ar", "وهو مفتوح لغير مالكه")]
    [InlineData("en", "is open to others than its owner (mode 0644): chmod 0400")]
    public async Task A_secret_that_others_can_read_is_named_with_its_rule(string language, string words)
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "no modes of files");
        using var folder = new TemporaryFolder();
        folder.Write("ring.json", "{}");
        var secret = folder.Write("passphrase", "correct horse battery staple");
        File.SetUnixFileMode(secret, (UnixFileMode)Convert.ToInt32("644", 8));

        var outcome = await Ctl.Run("keys", "rotate", "--ring", folder.Path, "--passphrase-file", secret, "--lang", language);

        Assert.Contains(secret, outcome.Ended(Exit.Usage).Error, StringComparison.Ordinal);
        Assert.Contains(words, outcome.Error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("is no regular file", "n’est pas un fichier ordinaire")]
    [InlineData("belongs to another user (id 0): give it to the user of the program", "appartient à un autre utilisateur")]
    [InlineData("is open to others than its owner (mode 0644): chmod 0400", "chmod 0400")]
    public void Every_way_to_break_the_rule_of_secrets_has_words(string rule, string french)
    {
        var fault = new SecretFileRefused($"/etc/a key/of 'mine'.pem {rule}");
        Assert.Contains(french, Faults.Say(fault, "fr"), StringComparison.Ordinal);
        Assert.StartsWith("/etc/a key/of 'mine'.pem ", Faults.Say(fault, "fr"), StringComparison.Ordinal);
        Assert.Empty(Speech.Strangers(Faults.Say(fault, "ar"), "ar"));
    }

    [Theory]
    [InlineData(null, null, "n’ont ni File ni Postgres")]
    [InlineData("/tmp/x.db", "Host=127.0.0.1", "ont à la fois File et Postgres")]
    [InlineData(null, "Host=10.0.0.1", "exige SSL Mode=VerifyFull")]
    [InlineData(null, "Host=127.0.0.1;Password=hunter2", "n’a pas sa place dans la chaîne")]
    [InlineData(null, "nonsense", "n’est pas comprise")]
    [InlineData(null, "Database=x", "n’a pas de Host")]
    [InlineData("/no/where/x.db", null, "Le fichier SQLite ne peut pas être ouvert")]
    public void A_store_that_may_not_be_used_is_told_without_the_name_that_logs_give_it(string? file, string? postgres, string french)
    {
        var fault = Assert.Throws<StoreRefused>(() =>
            Tokens.Status.StatusStore.Open(new StoreSettings { File = file, Postgres = postgres }, TimeProvider.System)
        );
        var said = Faults.Say(fault, "fr");
        Assert.Contains(french, said, StringComparison.Ordinal);
        Assert.DoesNotContain("status list", said, StringComparison.Ordinal);
        Assert.DoesNotContain("hunter2", said, StringComparison.Ordinal);
        Assert.Empty(Speech.Strangers(Faults.Say(fault, "ar"), "ar"));
    }

    [Fact]
    public void A_database_of_another_version_is_told_with_both_versions()
    {
        Assert.Equal(
            "Le schéma token_status de la base est de la version 2\u202F; ce programme utilise la version 3.",
            Faults.Say(new StoreRefused("schema token_status is of version 2, this program speaks version 3"), "fr")
        );
        Assert.Equal(
            "Le schéma token_status de la base n’a pas de version\u202F; ce programme utilise la version 3.",
            Faults.Say(new StoreRefused("schema token_status is of version none, this program speaks version 3"), "fr")
        );
    }

    [Theory]
    [InlineData("""{"Authority":{"Contract":"x"}}""", "le réglage Authority:Contract n’existe pas (nom proche : Contracts)")]
    [InlineData("""{"Authority":{"Keys":{"Announce":"7"}}}""", "Authority:Keys:")]
    [InlineData("""{"Authority":"x"}""", "Authority a une seule valeur et attend des réglages à lui")]
    [InlineData("{", "n’est pas du JSON (ligne 1, octet 2)")]
    [InlineData("[]", "n’est pas un objet JSON")]
    public async Task Wrong_settings_are_told_by_their_names_in_the_language(string json, string french)
    {
        using var folder = new TemporaryFolder();
        string[] words = ["keys", "list", "--config", folder.Write("authority.json", json)];
        Assert.Contains(french, (await Ctl.Run(words)).Ended(Exit.Usage).Error.Replace('\u00A0', ' '), StringComparison.Ordinal);
        // Ctl.Run looks at every line for words of another language.
        (await Ctl.Run([.. words, "--lang", "ar"])).Ended(Exit.Usage);
    }

    [Fact]
    public void Every_kind_of_a_wrong_setting_has_words()
    {
        string[] written =
        [
            "A:B must be a text",
            "A:B must be true or false, and holds several values",
            "A:B must be a whole number",
            "A:B must be a number",
            "A:B must be a time, written hours:minutes:seconds (00:00:05)",
            "A:B must be an address",
            "A:B is a single value; it takes a list",
            "A:B is a single value; it takes names with values",
            "A:C: there is no such setting",
            "/x: it may not be read, or is a folder",
        ];
        foreach (var language in Languages.All)
            Assert.Equal(
                written.Length,
                written
                    .Select(one => Faults.Settings(new StartRefused([one]), language).Say(language))
                    .Count(said => language == "en" || !Speech.Strangers(said, language).Any())
            );
        Assert.Equal(
            "A:B attend un nombre entier, A:C attend Hard or Soft",
            Faults.Settings(new StartRefused(["A:B must be a whole number", "A:C must be Hard or Soft"]), "fr").Say("fr")
        );
    }

    private static IEnumerable<string> Sources(string[] places) =>
        from place in places
        let path = Path.Combine(Root, "src", place)
        from file in File.Exists(path) ? [path] : Directory.EnumerateFiles(path, "*.cs", SearchOption.AllDirectories)
        where !file.Split(Path.DirectorySeparatorChar).Any(static part => part is "obj" or "bin")
        select File.ReadAllText(file);

    private const string Kinds = "InvalidData|Format|InvalidOperation|Argument";

    [GeneratedRegex(
        $"new (?:(?:{Kinds})Exception|StoreRefused|StatusUnavailable|RetentionRefused|SecretFileRefused)"
            + """\(\s*(?:string\.Create\(\s*CultureInfo\.InvariantCulture,\s*)?\$?"(?<words>[^"]+)""",
        RegexOptions.ExplicitCapture,
        5000
    )]
    private static partial Regex Thrown { get; }

    [GeneratedRegex(@"\{[^}]+\}", RegexOptions.None, 5000)]
    private static partial Regex Hole { get; }

    // Blanks, and where one sentence is put together of two.
    [GeneratedRegex(@"\{\d\}|the status list \(Status\)|(?=; the nearest)|none(?=, this program)", RegexOptions.None, 5000)]
    private static partial Regex Gap { get; }
}
