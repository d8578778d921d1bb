using System.Buffers;
using System.Text.Json.Nodes;
using Gateway.Problems;
using Xunit;

namespace Gateway.Tests.Problems;

public sealed class OperationOutcomeTest
{
    // http://hl7.org/fhir/R4/valueset-issue-type.html
    private static readonly HashSet<string> IssueTypes =
    [
        "invalid",
        "structure",
        "required",
        "value",
        "invariant",
        "security",
        "login",
        "unknown",
        "expired",
        "forbidden",
        "suppressed",
        "processing",
        "not-supported",
        "duplicate",
        "multiple-matches",
        "not-found",
        "deleted",
        "too-long",
        "code-invalid",
        "extension",
        "too-costly",
        "business-rule",
        "conflict",
        "transient",
        "lock-error",
        "no-store",
        "exception",
        "timeout",
        "incomplete",
        "throttled",
        "informational",
    ];

    [Fact]
    public void Every_problem_has_an_issue_type_of_R4()
    {
        Assert.All(Problem.ByCode.Values, problem => Assert.Contains(OperationOutcomeWriter.IssueType(problem), IssueTypes));
    }

    [Theory]
    [InlineData("request-invalid", "invalid")]
    [InlineData("case-reference-required", "invalid")]
    [InlineData("search-parameter-not-allowed", "not-supported")]
    [InlineData("method-not-allowed", "not-supported")]
    [InlineData("token-missing", "login")]
    [InlineData("token-outdated", "expired")]
    [InlineData("agreement-suspended", "forbidden")]
    [InlineData("consent-required", "forbidden")]
    [InlineData("route-unknown", "not-found")]
    [InlineData("cursor-expired", "not-found")]
    [InlineData("body-too-large", "too-long")]
    [InlineData("miss-budget-exhausted", "throttled")]
    [InlineData("internal-fault", "exception")]
    [InlineData("provider-wrong-subject", "exception")]
    [InlineData("provider-answer-too-large", "too-costly")]
    [InlineData("provider-modifier-refused", "extension")]
    [InlineData("provider-busy", "transient")]
    [InlineData("overloaded", "transient")]
    [InlineData("ledger-unavailable", "no-store")]
    [InlineData("provider-timeout", "timeout")]
    public void The_issue_type_is_the_one_of_the_health_page(string code, string issueType) =>
        Assert.Equal(issueType, OperationOutcomeWriter.IssueType(Problem.ByCode[code]));

    [Fact]
    public void Each_thing_that_is_wrong_is_an_issue_of_its_own_without_a_value()
    {
        var buffer = new ArrayBufferWriter<byte>();
        var refusal = new Refusal(Problem.HeaderInvalid)
        {
            Errors =
            [
                new RequestError("Agent", "invalid-format") { Rule = "pattern ^a$" },
                new RequestError("", "search-parameter-not-allowed") { Position = 3 },
            ],
        };
        OperationOutcomeWriter.Write(buffer, refusal, "01M4Z9XFEG5Z95GQ3ETE0TY6GT", "en", "Encounter");
        var issues = JsonNode.Parse(buffer.WrittenSpan)!["issue"]!.AsArray();
        Assert.Equal(3, issues.Count);
        Assert.Equal(
            ("Agent", "invalid-format", "pattern ^a$"),
            (
                (string?)issues[1]!["expression"]![0],
                (string?)issues[1]!["details"]!["coding"]![0]!["code"],
                (string?)issues[1]!["details"]!["text"]
            )
        );
        Assert.Equal(("parameter 3 of the form", null), ((string?)issues[2]!["diagnostics"], issues[2]!["expression"]));
    }

    [Fact]
    public void A_refused_operation_names_the_resource_type()
    {
        var buffer = new ArrayBufferWriter<byte>();
        var refusal = new Refusal(Problem.OperationNotCovered) { Words = ["ANSS-SANTE-2026-01@1", "health.encounter.read"] };
        OperationOutcomeWriter.Write(buffer, refusal, "01M4Z9XFEG5Z95GQ3ETE0TY6GT", "fr", "Encounter");
        var issue = JsonNode.Parse(buffer.WrittenSpan)!["issue"]![0]!;
        Assert.Equal("forbidden", (string?)issue["code"]);
        Assert.Equal("operation-not-covered", (string?)issue["details"]!["coding"]![0]!["code"]);
        Assert.Equal("01M4Z9XFEG5Z95GQ3ETE0TY6GT PER-01", (string?)issue["diagnostics"]);
        Assert.Equal("Encounter", (string?)issue["expression"]![0]);
        Assert.Equal(
            "Opération non couverte par la convention. "
                + "La convention ANSS-SANTE-2026-01@1 ne couvre pas l’opération «\u00A0health.encounter.read\u00A0».",
            (string?)issue["details"]!["text"]
        );
    }
}
