using System.CommandLine;
using System.Text.RegularExpressions;
using Admin.CommandLine;
using Admin.Texts;
using Agreements.Texts;
using Wording;

namespace Admin.Tests.Texts;

/// <summary>The whole tree of commands, walked in each language: everything that it holds is described, in that language.</summary>
public sealed partial class EveryCommandSpeaksTests
{
    private static readonly string[][] Paths =
    [
        .. Commands(GatewayCtl.Root(TimeProvider.System))
            .Select(static one => HelpInWords.Path(one).Split(' ', StringSplitOptions.RemoveEmptyEntries)),
    ];

    public static TheoryData<string> EachLanguage => [.. Languages.All];

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

    [Theory]
    [MemberData(nameof(EachLanguage))]
    public async Task Help_of_every_command_is_in_the_language_wherever_it_is_asked_for(string language)
    {
        Assert.True(Paths.Length > 45, $"only {Paths.Length} commands");
        foreach (var path in Paths)
        {
            var before = (await Ctl.Run(["--lang", language, .. path, "--help"])).Ended(Exit.Ok).Out;
            Assert.Equal(before, (await Ctl.Run([.. path, "--help", "--lang", language])).Ended(Exit.Ok).Out);
            Assert.Equal(before, (await Ctl.Run([.. path, $"--lang={language}", "-h"])).Ended(Exit.Ok).Out);
            Assert.Contains(Said.Of("help-usage", language), before, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void Every_command_option_and_argument_is_described_and_no_description_is_of_nothing()
    {
        var used = new HashSet<string>(StringComparer.Ordinal);
        foreach (var command in Commands(GatewayCtl.Root(TimeProvider.System)))
        {
            var path = HelpInWords.Path(command);
            Assert.True(used.Add(path.Length == 0 ? "gatewayctl" : path));
            foreach (
                var name in HelpInWords
                    .OptionsOf(command)
                    .Select(static option => option.Name)
                    .Concat(command.Arguments.Select(static argument => $"<{argument.Name}>"))
            )
                used.Add(HelpInWords.Key(path, name) ?? throw new InvalidOperationException($"{path} {name} is not described"));
        }

        Assert.DoesNotContain(used, static key => !Said.Book.Has(key));
        var described = KeysOf("help").Concat(KeysOf("options")).Where(static key => !key.StartsWith("help-", StringComparison.Ordinal));
        Assert.Empty(described.Except(used, StringComparer.Ordinal));
    }

    [Fact]
    public void No_sentence_of_French_or_Arabic_is_the_English_one()
    {
        string[] same = ["finding", "what-to-do", "agreement-stands", "sheet-agreement", "fault-said", "log-signatures", "replay-over"];
        foreach (
            var key in Said
                .Book.Keys.Except(same, StringComparer.Ordinal)
                .Where(static key => !key.StartsWith("fact ", StringComparison.Ordinal))
        )
        {
            var english = Said.Of(key, Languages.English);
            if (english.Length < 12)
                continue;
            Assert.NotEqual(english, Said.Of(key, Languages.French));
            Assert.NotEqual(english, Said.Of(key, Languages.Arabic));
        }
    }

    [Fact]
    public void Every_sentence_that_a_command_names_exists_and_none_waits_for_nobody()
    {
        var sources = string.Concat(
            Directory
                .EnumerateFiles(Path.Combine(Root, "src", "Admin"), "*.cs", SearchOption.AllDirectories)
                .Where(static file =>
                    !file.Contains($"{Path.DirectorySeparatorChar}obj{Path.DirectorySeparatorChar}", StringComparison.Ordinal)
                )
                .Select(File.ReadAllText)
        );
        // What the agreements' own book says is looked for there; a judgement names a reason, not a sentence.
        var named = Named.Matches(sources).ToLookup(static match => match.Groups["book"].Value, static match => match.Groups["key"].Value);
        string[] own = [.. named.Where(static book => book.Key is not ("ConventionWords" or "Judgement")).SelectMany(static keys => keys)];
        Assert.True(own.Length > 150, $"only {own.Length} sentences are named");
        Assert.Empty(own.Where(static key => !Said.Book.Has(key)).Distinct(StringComparer.Ordinal));
        Assert.NotEmpty(named["ConventionWords"]);
        Assert.Empty(named["ConventionWords"].Except(ConventionWords.Keys, StringComparer.Ordinal));
        var waiting = KeysOf("refusals")
            .Concat(KeysOf("results"))
            .Concat(KeysOf("faults"))
            .Where(static key => !key.Contains(' ', StringComparison.Ordinal))
            .Where(key => !sources.Contains($"\"{key}\"", StringComparison.Ordinal));
        // Put together: of what ends, and of a client's new state (its other one is a finding's code too).
        Assert.Equal(
            ["agreement-ends", "agreement-has-ended", "client-active", "key-ends", "key-has-ended"],
            waiting.Order(StringComparer.Ordinal)
        );
    }

    private static IEnumerable<string> KeysOf(string file) =>
        System
            .Text.Json.Nodes.JsonNode.Parse(File.ReadAllText(Path.Combine(Root, "src", "Admin", "Texts", file + ".fr.json")))!
            .AsObject()
            .Select(static member => member.Key);

    private static IEnumerable<Command> Commands(Command command) => command.Subcommands.SelectMany(Commands).Prepend(command);

    private const string Call =
        """((?<book>[A-Za-z]+)\.)?\b(Say|Under|Done|Warn|Words|Declined|Usage|Unloadable|Of|Error)\("""
        + """([a-zA-Z.]+ (>= [A-Za-z.]+|is not null) \? )?""";

    [GeneratedRegex(Call + """\x22(?<key>[a-z][a-z0-9-]*[a-z0-9])\x22[,)]""", RegexOptions.ExplicitCapture, 5000)]
    private static partial Regex Named { get; }
}
