using Agreements.Texts;
using Gateway.Problems;
using Gateway.Quotas;
using Gateway.Tests.Flow;
using Wording;
using Xunit;

namespace Gateway.Tests.Problems;

/// <summary>A detail says what things are called in the language of its reader, not their codes.</summary>
[Collection(OneTown.Name)]
[Trait("Tier", "Whole")]
public sealed class NamesInDetailsTest(TownFixture fixture)
{
    private const string Reference = "ANSS-MENPS-2026-01@3",
        Operation = "education.school-enrolment.read";

    public static TheoryData<string> EveryLanguage => [.. Wording.Languages.All];

    [Theory]
    [MemberData(nameof(EveryLanguage))]
    public void The_institution_that_does_not_answer_is_named(string language)
    {
        foreach (var problem in Problem.ByCode.Values.Where(static one => one.Code.StartsWith("provider-", StringComparison.Ordinal)))
        {
            var said = Said(new Refusal(problem) { Provider = "menps", Words = ["menps"] }, language);
            Assert.Contains(Names(language).Institution("menps"), said, StringComparison.Ordinal);
            Assert.DoesNotContain("menps", said, StringComparison.Ordinal);
        }
    }

    [Theory]
    [MemberData(nameof(EveryLanguage))]
    public void Purposes_operations_and_qualities_are_named(string language)
    {
        var names = Names(language);
        var purpose = Said(new Refusal(Problem.PurposeNotCovered) { Words = [Reference, Operation, "ASD_SCHOOLING"] }, language);
        Assert.Contains(names.Operation(Operation), purpose, StringComparison.Ordinal);
        Assert.Contains(names.Purpose("ASD_SCHOOLING"), purpose, StringComparison.Ordinal);
        Assert.Contains(Reference, purpose, StringComparison.Ordinal);
        var qualities = fixture.Town.Law.Current.Qualities.Keys.Take(2).ToArray();
        var closed = Said(new Refusal(Problem.DossierNotOpen) { Words = [Reference, .. qualities] }, language);
        Assert.Contains(string.Join(Phrases.Separator(language), qualities.Select(names.Quality)), closed, StringComparison.Ordinal);
    }

    [Theory]
    [MemberData(nameof(EveryLanguage))]
    public void A_quota_is_named_with_its_figure_and_the_moment_at_which_it_starts_anew(string language)
    {
        var midnight = new DateTimeOffset(2026, 12, 31, 23, 0, 0, TimeSpan.Zero);
        var refusal = new Refusal(Problem.QuotaExhausted) { Words = [Reference], Quota = new QuotaState("perDay", 2000, 0, midnight) };
        var said = Said(refusal, language);
        Assert.Contains(Bare(Names(language).Quota("perDay", 2000)), said, StringComparison.Ordinal);
        Assert.Contains(Days.Say(midnight, language), said, StringComparison.Ordinal);
        var passing = refusal with { Quota = new QuotaState("perDay", 2000, 0, midnight, IsPassing: true) };
        Assert.DoesNotContain("2027", Said(passing, language), StringComparison.Ordinal);
        Assert.NotEmpty(Said(refusal with { Quota = new QuotaState("a-new-quota", 1, 0, midnight) }, language));
    }

    [Theory]
    [InlineData("invalid-format")]
    [InlineData("not-admitted")]
    [InlineData("looks-like-identifier")]
    [InlineData("repeated")]
    public void What_is_wrong_with_a_header_is_said_and_nothing_else(string fault)
    {
        foreach (var language in Wording.Languages.All)
        {
            var refusal = new Refusal(Problem.HeaderInvalid) { Words = ["Agent"], Errors = [new RequestError("Agent", fault)] };
            var said = Said(refusal, language);
            Assert.Contains("Agent", said, StringComparison.Ordinal);
            Assert.NotEqual(Said(refusal with { Errors = [] }, language), said);
        }
    }

    [Fact]
    public void What_stands_in_an_Arabic_detail_is_isolated() =>
        Assert.Contains(
            $"({Isolation.FirstStrong}{Names("ar").Institution("menps")}{Isolation.End})",
            ProblemTexts
                .Of("provider-busy", "ar")
                .Detail(new Refusal(Problem.ProviderBusy) { Provider = "menps", Words = ["menps"] }, fixture.Town.Law.Current),
            StringComparison.Ordinal
        );

    private LawNames Names(string language) => new(fixture.Town.Law.Current, language);

    private string Said(Refusal refusal, string language) =>
        Bare(ProblemTexts.Of(refusal.Problem.Code, language).Detail(refusal, fixture.Town.Law.Current));

    private static string Bare(string text) =>
        string.Concat(text.Where(static mark => mark is not (Isolation.LeftToRight or Isolation.FirstStrong or Isolation.End)));
}
