namespace Agreements.Tests.Documents;

/// <summary>Whoever follows a citation finds what it cites: the rules of this project stand in the repository (docs/design).</summary>
public sealed class ReferencesTests
{
    [Fact]
    public void Every_section_rule_and_page_that_is_cited_is_there() =>
        Assert.Empty(Repository.Files.SelectMany(static file => References.Wrong(file.Path, file.Text)));

    [Fact]
    public void Every_relative_link_of_a_page_leads_somewhere() =>
        Assert.Empty(
            Repository
                .Files.Where(static file => file.Path.EndsWith(".md", StringComparison.Ordinal))
                .SelectMany(static file => References.DeadLinks(file.Path, file.Text))
        );

    [Fact]
    public void Citations_are_found_in_code_tests_and_contracts()
    {
        var cited = Repository.Files.ToLookup(
            static file => file.Path.Split('/')[0],
            static file => References.Count(file.Text),
            StringComparer.Ordinal
        );
        Assert.True(cited["src"].Sum() > 250, $"only {cited["src"].Sum()} in src");
        Assert.True(cited["tests"].Sum() > 20, $"only {cited["tests"].Sum()} in tests");
        Assert.Contains(Repository.Files, static file => file.Path == "contracts/README.md");
    }

    [Theory]
    [InlineData("(exchanges {0}, section 99.9).", "section 99.9")]
    [InlineData("(exchanges {0}, sections 1.7 and 16.9)?", "section 16.9")]
    [InlineData("ledger {0}, sections 3.1 to 3.9): what", "section 3.9")]
    [InlineData("ledger {0} §77, and more", "section 77")]
    [InlineData("ledger {0} §10, N9): a restored backup", "N9")]
    [InlineData("Hardening {0} section 5.11 says", "section 5.11")]
    [InlineData("/// of the console\n    /// {0} §44).", "section 44")]
    [InlineData("members beyond exchanges {0} 16.33.", "section 16.33")]
    public void A_citation_of_what_is_not_there_is_found(string text, string said)
    {
        var wrong = References.Wrong("src/Some.cs", text.Replace("{0}", "page", StringComparison.Ordinal));
        Assert.Contains(said, Assert.Single(wrong), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("(exchanges {0}, sections 1.7 and 16.3).")]
    [InlineData("ledger {0} §10, N4): a restored backup")]
    [InlineData("ledger {0} §21, T1 to T5, T7")]
    [InlineData("the exchanges {0}: 1 answer, 2 sources")]
    public void A_citation_of_what_is_there_is_not(string text) =>
        Assert.Empty(References.Wrong("src/Some.cs", text.Replace("{0}", "page", StringComparison.Ordinal)));

    [Fact]
    public void A_rule_a_file_and_words_that_are_not_there_are_found()
    {
        const string ledger = "src/Ledger/" + "README.md, ";
        var text = string.Join('\n', "rule PER" + "-98", "tests OA" + "_64", "see src/Gone/" + "README.md", ledger + "\"no such words\"");
        Assert.Equal(4, References.Wrong("tests/Some.cs", text).Count());
        Assert.Empty(References.Wrong("tests/Some.cs", "PER-02, OA_63, TH-27, " + ledger + "\"Life of a record\""));
    }

    [Fact]
    public void Dead_links_are_found()
    {
        const string text =
            "[a](gone.md) [b](../../src) [c](architecture.md#no-such-heading) [d](architecture.md#5-words) " + "[e](https://example.org/x)";
        Assert.Equal(2, References.DeadLinks("docs/design/README.md", text).Count());
    }
}
