using Agreements;
using Gateway.Requests;
using Microsoft.AspNetCore.Http;
using Xunit;

namespace Gateway.Tests.Requests;

public sealed class CallHeadersTest
{
    private static Verdict<CallHeaders> Read(
        Demand caseReference,
        Demand agent,
        Demand consent,
        params (string Name, string Value)[] headers
    )
    {
        var dictionary = new HeaderDictionary();
        foreach (var (name, value) in headers)
            dictionary.Append(name, value);
        return CallHeaders.Read(dictionary, SomeGrant.With(SomeGrant.Schooling, caseReference, agent, consent, "sector-token"));
    }

    [Fact]
    public void Headers_that_are_demanded_and_sound_are_taken()
    {
        Assert.True(
            Read(
                    Demand.Required,
                    Demand.Required,
                    Demand.Optional,
                    ("Case-Reference", "INC-2026-000771"),
                    ("Agent", "a.17"),
                    ("Idempotency-Key", "2ba829d3-b575-4840-acfd-384f92a65630")
                )
                .Allows(out var headers, out _)
        );
        Assert.Equal(("INC-2026-000771", "a.17", null), (headers.CaseReference, headers.Agent, headers.ConsentReference));
        Assert.Equal(Guid.Parse("2ba829d3-b575-4840-acfd-384f92a65630"), headers.IdempotencyKey);
    }

    [Fact]
    public void A_header_that_is_demanded_and_absent_has_its_own_code()
    {
        Assert.Equal("case-reference-required", Read(Demand.Required, Demand.None, Demand.None).Refusal!.Problem.Code);
        Assert.Equal("agent-required", Read(Demand.None, Demand.Required, Demand.None).Refusal!.Problem.Code);
        Assert.Equal("consent-required", Read(Demand.None, Demand.None, Demand.Required).Refusal!.Problem.Code);
        Assert.Equal(
            "case-reference-required",
            Read(Demand.Required, Demand.None, Demand.None, ("Case-Reference", "")).Refusal!.Problem.Code
        );
    }

    [Theory]
    [InlineData("Case-Reference", "INC-2026-000771")]
    [InlineData("Agent", "a17")]
    [InlineData("Consent-Reference", "C-2026-1")]
    public void A_header_that_nobody_needs_is_refused(string name, string value)
    {
        var refusal = Read(Demand.None, Demand.None, Demand.None, (name, value)).Refusal;
        Assert.Equal("header-invalid", refusal!.Problem.Code);
        Assert.Equal([name], refusal.Words);
    }

    [Theory]
    [InlineData("Case-Reference", "abc")]
    [InlineData("Case-Reference", "-abc")]
    [InlineData("Case-Reference", "a b c d")]
    [InlineData("Case-Reference", "2666041939")]
    [InlineData("Case-Reference", "file-2666041939-x")]
    [InlineData("Case-Reference", "AB123456")]
    [InlineData("Case-Reference", "x.J12345")]
    [InlineData("Agent", "2666041939")]
    [InlineData("Agent", "agent é")]
    [InlineData("Agent", "")]
    [InlineData("Consent-Reference", "AB123456")]
    [InlineData("Idempotency-Key", "1")]
    [InlineData("Idempotency-Key", "{2ba829d3-b575-4840-acfd-384f92a65630}")]
    public void A_header_of_the_wrong_form_or_with_a_persons_number_is_refused_without_being_told(string name, string value)
    {
        var refusal = Read(Demand.Optional, Demand.Optional, Demand.Optional, (name, value)).Refusal;
        if (value.Length == 0)
        {
            Assert.Null(refusal);
            return;
        }

        Assert.Equal("header-invalid", refusal!.Problem.Code);
        Assert.DoesNotContain(
            value,
            string.Concat(refusal.Words) + string.Concat(refusal.Errors) + refusal.Reason,
            StringComparison.Ordinal
        );
    }

    [Theory]
    [InlineData("Case-Reference", "abc", "invalid-format", "pattern ^[A-Za-z0-9][A-Za-z0-9._-]{3,63}$")]
    [InlineData("Case-Reference", "a b c d", "invalid-format", "pattern ^[A-Za-z0-9][A-Za-z0-9._-]{3,63}$")]
    [InlineData("Consent-Reference", "-abcd", "invalid-format", "pattern ^[A-Za-z0-9][A-Za-z0-9._-]{3,63}$")]
    [InlineData("Agent", "a/b", "invalid-format", "pattern ^[A-Za-z0-9._-]{1,64}$")]
    [InlineData("Agent", "AB123456", "looks-like-identifier", null)]
    [InlineData("Case-Reference", "file-2666041939-x", "looks-like-identifier", null)]
    [InlineData("Idempotency-Key", "1", "invalid-format", "format uuid")]
    public void A_refused_header_is_told_by_its_name_and_the_rule_that_it_breaks(string name, string value, string code, string? rule)
    {
        var error = Assert.Single(Read(Demand.Optional, Demand.Optional, Demand.Optional, (name, value)).Refusal!.Errors);
        Assert.Equal((name, code), (error.Pointer, error.Code));
        Assert.Equal(rule ?? References.NoPersonNumber, error.Rule);
    }

    [Fact]
    public void A_header_that_is_not_admitted_repeated_or_missing_is_told_so()
    {
        Assert.Equal("not-admitted", Read(Demand.None, Demand.None, Demand.None, ("Agent", "a17")).Refusal!.Errors[0].Code);
        Assert.Equal(
            "repeated",
            Read(Demand.Optional, Demand.None, Demand.None, ("Case-Reference", "ABCD"), ("Case-Reference", "EFGH")).Refusal!.Errors[0].Code
        );
        Assert.Equal(new RequestError("Agent", "missing-header"), Read(Demand.None, Demand.Required, Demand.None).Refusal!.Errors[0]);
    }

    [Fact]
    public void Two_values_are_not_one() =>
        Assert.Equal(
            "header-invalid",
            Read(Demand.Optional, Demand.None, Demand.None, ("Case-Reference", "ABCD"), ("Case-Reference", "EFGH")).Refusal!.Problem.Code
        );
}
