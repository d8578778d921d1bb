using System.CommandLine;
using System.Text.RegularExpressions;
using Verifier.Speaking;
using Wording;
using Xunit;

namespace Verifier.Tests.Speaking;

/// <summary>A command line speaks the language that it chooses, and the library behind it says nothing.</summary>
public sealed partial class SpokenCommandsTests
{
    private static readonly Option<string> Language = new Option<string>("--lang")
    {
        Recursive = true,
        Description = "help-option",
        DefaultValueFactory = static _ => "fr",
    }.AcceptOnlyFromAmong("fr", "ar", "en");

    public static TheoryData<string> Words =>
        [
            "",
            "tree",
            "tree nope",
            "nope",
            "tree cut",
            "tree cut oak --deep",
            "tree cut oak --deep 1 --deep 2",
            "tree cut oak --deep x",
            "tree cut oak --deep 1 --on 2026-13-01",
            "tree cut oak --deep 1 --how burn",
            "tree cut oak ash --deep 1",
            "tree cut oak --deep 1 --nope",
            "tree cut @oak",
            "--lang",
            "--lang xx",
            "tree cut oak --deep 99",
        ];

    [Theory]
    [MemberData(nameof(Words))]
    public void Wrong_words_are_told_in_the_chosen_language(string line)
    {
        var spoken = Tree();
        foreach (var language in Languages.All)
        {
            string[] words = line.Split(' ', StringSplitOptions.RemoveEmptyEntries);
            var parsed = spoken.Parse(words.Contains("--lang") ? words : [.. words, "--lang", language]);
            var wrong = spoken.Wrong(parsed);
            Assert.NotEmpty(wrong);
            Assert.NotEqual(1, wrong.Count);
            Assert.DoesNotContain(parsed.Errors, error => wrong.Contains(error.Message));
            if (spoken.LanguageOf(parsed) == "ar")
                Assert.All(wrong, static sentence => Assert.DoesNotMatch(English(), Bare(sentence)));
        }
    }

    [Theory]
    [InlineData("tree cut oak --how --lang en", "--how")]
    [InlineData("tree cut oak --how --deep 1 --lang en", "--how")]
    [InlineData("tree cut oak --deep --on 2026-01-01 --lang en", "--deep")]
    [InlineData("tree cut oak --deep 1 --how --lang", "--how")]
    public void An_option_that_took_the_next_one_for_its_value_lacks_one(string line, string option)
    {
        var spoken = Tree();
        var wrong = spoken.Wrong(spoken.Parse(line.Split(' ')));
        Assert.Equal(2, wrong.Count);
        Assert.Contains(option, wrong[0], StringComparison.Ordinal);
        Assert.Contains(line.EndsWith("en", StringComparison.Ordinal) ? "value" : "valeur", wrong[0], StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("--lang ar tree cut --help")]
    [InlineData("tree cut --help --lang ar")]
    [InlineData("tree --lang ar cut -h")]
    [InlineData("tree cut oak --nope --help --lang=ar")]
    public void Help_speaks_it_wherever_the_language_stands(string line)
    {
        var help = Run(line);

        Assert.StartsWith("عرض هذه المساعدة.", help, StringComparison.Ordinal);
        Assert.Contains("الخيارات الإلزامية:", help, StringComparison.Ordinal);
        Assert.Contains("\u2066--deep <deep>\u2069", help, StringComparison.Ordinal);
        Assert.Contains("\u2066--how <axe|saw>\u2069", help, StringComparison.Ordinal);
        Assert.DoesNotMatch(English(), Bare(help));
    }

    [Fact]
    public void Help_of_each_language_is_whole()
    {
        Assert.Contains("Usage:", Run("tree cut --help --lang en"), StringComparison.Ordinal);
        Assert.Contains("Forme\u00A0:", Run("tree cut --help"), StringComparison.Ordinal);
        Assert.Contains("Par défaut\u00A0: saw.", Run("tree cut --help"), StringComparison.Ordinal);
        Assert.DoesNotContain("Usage", Run("--help"), StringComparison.Ordinal);
        Assert.Contains("grove tree cut <name> --deep <deep> [options]", Run("tree cut --help"), StringComparison.Ordinal);
        Assert.Empty(Tree().Unspoken());
    }

    [Fact]
    public void The_version_is_told_beside_the_language() => Assert.Matches(@"\A[0-9]+\.", Run("--lang ar --version"));

    private static string Run(string line)
    {
        var spoken = Tree();
        var parsed = spoken.Parse(line.Split(' '));
        Assert.Empty(spoken.Wrong(parsed));
        using var output = new StringWriter();
        Assert.Equal(0, parsed.Invoke(new InvocationConfiguration { Output = output }));
        return output.ToString();
    }

    private static SpokenCommands Tree()
    {
        var deep = new Option<int>("--deep") { Description = "help-option", Required = true };
        deep.Validators.Add(static found =>
        {
            if (found.Tokens is [{ Value: "99" }])
                found.AddError("value-form");
        });
        var cut = new Command("cut", "help-option")
        {
            new Argument<string>("name") { Description = "help-option" },
            deep,
            new Option<DateOnly?>("--on") { Description = "help-option" },
            new Option<string>("--how") { Description = "help-option", DefaultValueFactory = static _ => "saw" }.AcceptOnlyFromAmong(
                "saw",
                "axe"
            ),
        };
        cut.SetAction(static _ => 0);
        var root = new RootCommand("help-option")
        {
            Language,
            new Command("tree", "help-option") { cut },
        };
        return new SpokenCommands("grove", root, Language, SpokenCommands.Own);
    }

    /// <summary>Without what is isolated: codes and what people typed.</summary>
    internal static string Bare(string text) => Isolated().Replace(text, "");

    [GeneratedRegex("[\u2066\u2068][^\u2069]*\u2069", RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Isolated();

    /// <summary>A word of the library's or of ours that nobody translated.</summary>
    [GeneratedRegex("[A-Za-z]{2,}", RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture, 1000)]
    internal static partial Regex English();
}
