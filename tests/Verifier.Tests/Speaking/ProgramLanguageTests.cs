using Ledger;
using Wording;
using Xunit;

namespace Verifier.Tests.Speaking;

/// <summary>The program <c>verifier</c> speaks the chosen language whole: help, what is wrong with its words, what it found.</summary>
public sealed class ProgramLanguageTests
{
    public static TheoryData<string> WrongWords =>
        [
            "recipt headers.txt",
            "receipt",
            "receipt /nowhere/headers.txt --vkey",
            "proof /nowhere/p --vkey rubbish",
            "log /nowhere",
            "log /nowhere --vkey rubbish",
            "log /nowhere --min-index three --policy /nowhere/policy.txt",
            "witness --name w1",
            "",
            "log https://127.0.0.1:9/log --vkey anss.example/audit/2026/n1+3cc6f8cd+AddamAGCsQq31Uv+08lkBzoO4XLz2qYjJa8CGmj3B1Ea --managed",
            "pack /nowhere/pack.zip",
            "certificate /nowhere/file --policy /nowhere/policy.txt",
        ];

    [Theory]
    [MemberData(nameof(WrongWords))]
    public void What_cannot_be_done_is_told_in_one_line_of_the_language(string line)
    {
        string[] words = line.Split(' ', StringSplitOptions.RemoveEmptyEntries);
        var said = Languages.All.Select(language => Run(1, [.. words, "--lang", language])).ToList();

        Assert.Equal(3, said.Distinct(StringComparer.Ordinal).Count());
        Assert.All(said, static text => Assert.Equal(1, text.Count(static sign => sign == '\n')));
        Assert.StartsWith("FAIL: ", said[0], StringComparison.Ordinal);
        Assert.DoesNotMatch(SpokenCommandsTests.English(), SpokenCommandsTests.Bare(said[1]));
    }

    [Theory]
    [InlineData("")]
    [InlineData("receipt")]
    [InlineData("proof")]
    [InlineData("log")]
    [InlineData("pack")]
    [InlineData("certificate")]
    [InlineData("witness")]
    [InlineData("witness-key")]
    public void Help_of_every_command_is_in_the_language(string command)
    {
        string[] words = command.Length == 0 ? [] : [command];
        var arabic = Run(0, ["--lang", "ar", .. words, "--help"]);
        Assert.Contains("الصيغة:", arabic, StringComparison.Ordinal);
        Assert.DoesNotMatch(SpokenCommandsTests.English(), SpokenCommandsTests.Bare(arabic));
        Assert.Contains("Forme\u00A0:", Run(0, [.. words, "--help"]), StringComparison.Ordinal);
        Assert.Contains("Usage:", Run(0, [.. words, "--help", "--lang", "en"]), StringComparison.Ordinal);
    }

    [Fact]
    public void Every_word_of_the_command_line_has_a_sentence() => Assert.Empty(Commands.Create(static (_, _) => 0).Unspoken());

    [Fact]
    public void Everything_that_can_be_wrong_with_a_log_has_a_sentence()
    {
        foreach (var kind in Enum.GetValues<DamageKind>())
        {
            foreach (var language in Languages.All)
            {
                Assert.Contains("tile/0/000", new Sentences(language).Say(kind, "tile/0/000"), StringComparison.Ordinal);
            }
        }
    }

    [Fact]
    public void A_missing_record_names_its_place_in_the_language()
    {
        var arabic = new Sentences("ar").Say(DamageKind.ServerForbids, "tile/entries/000");
        Assert.Contains("\u2068tile/entries/000\u2069", arabic, StringComparison.Ordinal);
        Assert.Contains("\u2068--hashes-only\u2069", arabic, StringComparison.Ordinal);
    }

    private static string Run(int expected, string[] words)
    {
        using var output = new StringWriter { NewLine = "\n" };
        Assert.Equal(expected, CommandLine.Run(words, output));
        return output.ToString();
    }
}
