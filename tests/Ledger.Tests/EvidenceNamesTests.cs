using System.Text.RegularExpressions;
using Ledger.Evidence;
using Wording;
using Xunit;

namespace Ledger.Tests;

/// <summary>On the pages of an evidence pack a record's kind and result have names that people understand.</summary>
public sealed partial class EvidenceNamesTests
{
    [Fact]
    public void Every_kind_of_record_that_is_built_has_a_name_in_each_language()
    {
        var page = File.ReadAllText(Path.Combine(Root, "docs", "design", "ledger.md"));
        var table = page[
            page.IndexOf("| `ev` | sealed |", StringComparison.Ordinal)..page.IndexOf(
                "A batch is answered chunk by chunk",
                StringComparison.Ordinal
            )
        ];
        string[] kinds =
        [
            .. Row().Matches(table).SelectMany(static row => Code().Matches(row.Value)).Select(static code => code.Groups["kind"].Value),
        ];
        Assert.True(kinds.Length > 20, string.Join(' ', kinds));
        // Open: the audit console.
        var built = kinds
            .Where(static kind => kind is not ("finding" or "reconcile" or "citizen.report" or "citizen.contest"))
            .Where(static kind => kind is not "officer.signin" && kind is not "ev" && !kind.StartsWith('.'))
            .Concat(["officer.view", "officer.search", "officer.export"]);
        foreach (var language in Languages.All)
            Assert.All(built, kind => Assert.NotNull(EvidencePage.NameOf("ev", kind, language)));
    }

    [Theory]
    [InlineData("out", "permit")]
    [InlineData("out", "deny")]
    [InlineData("out", "fault")]
    [InlineData("match", "MATCHED")]
    [InlineData("match", "NOT_FOUND")]
    [InlineData("match", "AMBIGUOUS")]
    public void Results_have_names(string member, string code) =>
        Assert.Equal(3, Languages.All.Select(language => EvidencePage.NameOf(member, code, language)).OfType<string>().Distinct().Count());

    [Fact]
    public void A_kind_that_is_newer_than_the_program_has_none() => Assert.Null(EvidencePage.NameOf("ev", "later.kind", "fr"));

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

    [GeneratedRegex(@"^\| `[^|]*\|", RegexOptions.Multiline | RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Row();

    [GeneratedRegex("`(?<kind>[a-z.]+)`", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Code();
}
