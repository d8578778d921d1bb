using System.Buffers;
using System.Text.Json;
using Gateway.Problems;
using Xunit;

namespace Gateway.Tests.Problems;

public sealed class ProblemDocumentTest
{
    private const string ExchangeId = "01M4Z9XFEG8YJ96NKJ10RVCVSR";

    [Fact]
    public void A_purpose_that_is_not_covered_reads_as_in_the_design()
    {
        var refusal = new Refusal(Problem.PurposeNotCovered)
        {
            Clause = "ANSS-MENPS-2026-01@3 art. 4",
            Words = ["ANSS-MENPS-2026-01@3", "education.school-enrolment.read", "ASD_BIRTH"],
            Missing = ["ASD_BIRTH"],
            Reason = "only for the log",
        };
        Assert.Equal(
            """{"type":"urn:anss:gateway:problem:purpose-not-covered","title":"Finalité non couverte par la """
                + """convention","status":403,"detail":"La convention ANSS-MENPS-2026-01@3 ne couvre pas l’opération """
                + """«\u00A0education.school-enrolment.read\u00A0» pour la finalité """
                + """«\u00A0ASD_BIRTH\u00A0».","instance":"01M4Z9XFEG8YJ96NKJ10RVCVSR","code":"purpose-not-cov"""
                + """ered","rule":"PER-02","clause":"ANSS-MENPS-2026-01@3 """
                + """art. 4","fixableBy":"agreement-officer","retryable":false,"remedy":"Responsable de la """
                + """convention\u00A0: faire ajouter la finalité par une nouvelle version\u202F; développeur du """
                + """système\u00A0: sinon, demander un jeton pour la bonne finalité.","missing":["ASD_BIRTH"]}""",
            Written(refusal, "fr")
        );
    }

    [Fact]
    public void Errors_point_into_the_request_and_Arabic_stays_legible()
    {
        var refusal = new Refusal(Problem.RequestInvalid)
        {
            Errors = [new("/subject/value", "invalid-identifier"), new("/schoolYear", "school-year-out-of-range")],
        };
        var text = Written(refusal, "ar");
        Assert.Contains("طلب غير مطابق للمواصفات التقنية", text, StringComparison.Ordinal);
        using var json = JsonDocument.Parse(text);
        Assert.Equal("/schoolYear", json.RootElement.GetProperty("errors")[1].GetProperty("pointer").GetString());
        Assert.False(json.RootElement.TryGetProperty("clause", out _));
    }

    [Fact]
    public void A_refusal_with_too_few_words_uses_the_general_detail()
    {
        Assert.DoesNotContain(
            "{",
            ProblemTexts.Of("purpose-not-covered", "en").Detail(new Refusal(Problem.PurposeNotCovered)),
            StringComparison.Ordinal
        );
    }

    [Theory]
    [MemberData(nameof(EveryCode))]
    public void Every_problem_is_written_in_every_language_and_never_tells_the_reason(string code)
    {
        foreach (var language in Languages.All)
        {
            var refusal = new Refusal(Problem.ByCode[code])
            {
                Reason = "SECRET-REASON",
                Provider = "menps",
                RetryAfterSeconds = 3,
            };
            using var json = JsonDocument.Parse(Written(refusal, language));
            Assert.Equal(code, json.RootElement.GetProperty("code").GetString());
            Assert.DoesNotContain("SECRET-REASON", json.RootElement.GetRawText(), StringComparison.Ordinal);
        }
    }

    public static TheoryData<string> EveryCode() => [.. Problem.ByCode.Keys];

    internal static string Written(Refusal refusal, string language)
    {
        var buffer = new ArrayBufferWriter<byte>();
        ProblemDocument.Write(buffer, refusal, ExchangeId, language);
        return System.Text.Encoding.UTF8.GetString(buffer.WrittenSpan);
    }
}
