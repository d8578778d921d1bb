using System.Text.RegularExpressions;
using Gateway.Problems;
using Xunit;

namespace Gateway.Tests.Problems;

public sealed partial class ProblemTextsTest
{
    [Fact]
    public void Every_code_has_title_detail_and_remedy_in_every_language_and_no_other_code_does()
    {
        foreach (var language in Languages.All)
        {
            Assert.Equal(Problem.ByCode.Keys.Order(StringComparer.Ordinal), ProblemTexts.CodesIn(language).Order(StringComparer.Ordinal));
            foreach (var code in Problem.ByCode.Keys)
            {
                var text = ProblemTexts.Of(code, language);
                Assert.All([text.Title, text.General, text.Remedy], part =>
                    Assert.False(string.IsNullOrWhiteSpace(part), $"{code} in {language}")
                );
                Assert.DoesNotContain("{", text.General, StringComparison.Ordinal);
            }
        }
    }

    [Fact]
    public void A_remedy_speaks_first_to_the_one_who_can_fix_it()
    {
        foreach (var problem in Problem.ByCode.Values)
        {
            string[] readers = problem.FixableBy switch
            {
                "consumer-developer" or "wait" => ["Developer: "],
                "consumer-administrator" => ["Technical administrator of the requesting institution: ", "Requesting institution: "],
                "agreement-officer" => ["Agreement officer: "],
                "gateway-operator" => ["Gateway operator: "],
                _ => ["Providing institution: "],
            };
            Assert.Contains(readers, reader => ProblemTexts.Of(problem.Code, "en").Remedy.StartsWith(reader, StringComparison.Ordinal));
        }
    }

    [Fact]
    public void The_languages_have_the_same_placeholders()
    {
        foreach (var code in Problem.ByCode.Keys)
        {
            var french = Placeholders(ProblemTexts.Of(code, "fr").Named);
            Assert.Equal(french, Placeholders(ProblemTexts.Of(code, "ar").Named));
            Assert.Equal(french, Placeholders(ProblemTexts.Of(code, "en").Named));
        }
    }

    [Fact]
    public void Arabic_texts_are_in_Arabic_and_French_texts_are_not_the_English_ones()
    {
        foreach (var code in Problem.ByCode.Keys)
        {
            Assert.Matches(@"\p{IsArabic}", ProblemTexts.Of(code, "ar").General);
            Assert.Matches(@"\p{IsArabic}", ProblemTexts.Of(code, "ar").Remedy);
            Assert.False(ProblemTexts.Of(code, "fr").General == ProblemTexts.Of(code, "en").General, code);
        }
    }

    private static string Placeholders(string? text) =>
        text is null ? "" : string.Concat(Placeholder().Matches(text).Select(match => match.Value).Order(StringComparer.Ordinal));

    [GeneratedRegex(@"\{[^}]*\}", RegexOptions.None, 1000)]
    private static partial Regex Placeholder();
}
