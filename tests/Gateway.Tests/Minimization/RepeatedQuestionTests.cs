using System.Text;
using Gateway.Minimization;
using Gateway.Requests;
using Gateway.Tests.Requests;
using Xunit;

namespace Gateway.Tests.Minimization;

/// <summary>What a source repeats of the question is compared, wherever it stands and however it is spelt.</summary>
public sealed class RepeatedQuestionTests
{
    private const string Child = "edu_0EHG7CY33N48KJNS6574C03H7S";
    private const string Enrolled = "'enrolment':{'status':'ENROLLED','schoolYear':'2026-2027'}";

    private static readonly JsonMinimizer Schooling = SomeContract.Minimizer(
        SomeContract.SchoolEnrolment,
        "enrolment.status",
        "enrolment.schoolYear",
        "enrolment.since"
    );

    private static readonly AccessRequest Asked = Question();

    private static AccessRequest Question()
    {
        var body = Json($"{{'subject':{{'scheme':'sector-token','value':'{Child}'}},'schoolYear':'2026-2027'}}");
        var grant = SomeGrant.Of(SomeGrant.Schooling, "sector-token");
        var (operation, granted) = (SomeContract.SchoolEnrolment, SomeGrant.Schooling);
        var read = RequestReader.ReadJson(operation, grant, granted, body, SomeContract.Today, isLine: false, out _);
        Assert.True(read.Allows(out var request, out var refusal), refusal?.Reason);
        return request;
    }

    private static byte[] Json(string text) => Encoding.UTF8.GetBytes(text.Replace('\'', '"'));

    // What the gateway makes of a match, or of a negative, with a member more.
    private static string Said(string member, string match = "MATCHED")
    {
        var answer = match == "MATCHED" ? Enrolled + "," : "";
        var head = $"'schemaVersion':'1.0','matchStatus':'{match}',{answer}'asOf':'2026-10-12T22:00:00Z','source':'MENPS-MASSAR'";
        var body = Json($"{{{head},'subject':{{'scheme':'sector-token','value':'{Child}'}},{member}}}");
        var verdict = Schooling.Read(SomeContract.Terms() with { Question = Asked }, body);
        return verdict.Allows(out var read, out var refusal) ? read.MatchStatus : refusal.Problem.Code;
    }

    [Theory]
    [InlineData("'SchoolYear':'2025-2026'")]
    [InlineData("'SCHOOLYEAR':'2025-2026'")]
    [InlineData("'school_year':'2025-2026'")]
    [InlineData("'school-year':'2025-2026'")]
    [InlineData("'schoolYear ':'2025-2026'")]
    [InlineData("'schoolYear':['2025-2026']")]
    [InlineData("'schoolYear':{'from':2025}")]
    [InlineData("'request':{'schoolYear':'2025-2026'}")]
    [InlineData("'asked':{'id':1,'School_Year':'2025-2026'}")]
    [InlineData("'query':{'referenceDate':'2026-10-14'}")]
    public void Another_year_or_day_is_another_question(string member)
    {
        Assert.Equal("provider-invalid-answer", Said(member));
        Assert.Equal("provider-invalid-answer", Said(member, "NOT_FOUND"));
    }

    [Theory]
    [InlineData("'school_year':'2026-2027'")]
    [InlineData("'schoolYear':null")]
    [InlineData("'request':{'schoolYear':'2026-2027','referenceDate':'2026-10-15','subject':{'value':'" + Child + "'}}")]
    [InlineData("'history':[{'schoolYear':'2024-2025','status':'ENROLLED'}]")]
    [InlineData("'course':{'subject':'mathematics'}")]
    [InlineData("'sourcesUnavailable':[]")]
    public void What_was_asked_is_said_again_without_harm_and_so_is_what_is_something_else(string member)
    {
        Assert.Equal("MATCHED", Said(member));
        Assert.Equal("NOT_FOUND", Said(member, "NOT_FOUND"));
    }

    [Theory]
    [InlineData("'request':{'subject':{'scheme':'sector-token','value':'edu_0EHG7CY33N48KJNS6574C03H7T'}}")]
    [InlineData("'question':{'Subject':{'value':7}}")]
    public void Another_person_in_the_question_repeated_is_another_person(string member)
    {
        Assert.Equal("provider-wrong-subject", Said(member));
        Assert.Equal("provider-wrong-subject", Said(member, "NOT_FOUND"));
    }

    [Theory]
    [InlineData("'MatchStatus':'NOT_FOUND'")]
    [InlineData("'match_status':'MATCHED'")]
    [InlineData("'Enrolment':{'status':'NOT_ENROLLED'}")]
    [InlineData("'ASOF':'2020-01-01T00:00:00Z'")]
    [InlineData("'Subject':{'scheme':'sector-token','value':'" + Child + "'}")]
    [InlineData("'Sources-Unavailable':[]")]
    public void A_declared_name_in_another_spelling_is_refused(string member)
    {
        Assert.Equal("provider-invalid-answer", Said(member));
        Assert.Equal("provider-invalid-answer", Said(member, "NOT_FOUND"));
    }

    [Fact]
    public void A_source_that_asked_others_in_vain_has_not_answered()
    {
        Assert.Equal("provider-invalid-answer", Said("'sourcesUnavailable':['AREF-06']"));
        Assert.Equal("provider-invalid-answer", Said("'sourcesUnavailable':['AREF-06']", "NOT_FOUND"));
        Assert.Equal("provider-invalid-answer", Said("'sourcesUnavailable':'AREF-06'", "NOT_FOUND"));
    }
}
