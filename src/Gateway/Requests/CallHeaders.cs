using System.Collections.Immutable;
using Agreements;
using Gateway.Problems;
using Microsoft.Extensions.Primitives;

namespace Gateway.Requests;

/// <summary>The call headers of exchanges page, section 1.2, checked against what the grant demands.</summary>
public sealed record CallHeaders
{
    /// <summary>Names of the headers that are read.</summary>
    public static ImmutableArray<string> Names { get; } = ["Case-Reference", "Agent", "Consent-Reference", "Idempotency-Key"];

    /// <summary>The caller's own file number; null when it sent none.</summary>
    public string? CaseReference { get; init; }

    /// <summary>Pseudonymous staff id at the consumer; null when it sent none.</summary>
    public string? Agent { get; init; }

    /// <summary>Where the consumer keeps the recorded consent; null when it sent none.</summary>
    public string? ConsentReference { get; init; }

    /// <summary>Key of a write or batch; null when it sent none. Whether one is required the operation says.</summary>
    public Guid? IdempotencyKey { get; init; }

    /// <summary>Reads and checks.</summary>
    /// <returns>The headers; or <c>header-invalid</c> (form, a person's number, or a header that the grant does not admit),
    /// <c>case-reference-required</c>, <c>agent-required</c>, <c>consent-required</c>.</returns>
    public static Verdict<CallHeaders> Read(IHeaderDictionary headers, Grant grant) => Read(headers, grant, all: null);

    /// <summary>The same rules, all asked although one has refused: what a dry run lists.</summary>
    public static ImmutableArray<Refusal> Findings(IHeaderDictionary headers, Grant grant)
    {
        var all = new List<Refusal>();
        Read(headers, grant, all);
        return [.. all];
    }

    /// <summary>What a grant says to headers that were read under another; null when it takes them.</summary>
    public static Refusal? Again(string? caseReference, string? agent, string? consent, Grant grant)
    {
        var headers = new HeaderDictionary();
        if (caseReference is not null)
            headers["Case-Reference"] = caseReference;
        if (agent is not null)
            headers["Agent"] = agent;
        if (consent is not null)
            headers["Consent-Reference"] = consent;
        return Read(headers, grant).Refusal;
    }

    private static Verdict<CallHeaders> Read(IHeaderDictionary headers, Grant grant, List<Refusal>? all)
    {
        Refusal? first = null;
        if (
            Refuses(
                Check(
                    headers,
                    "Case-Reference",
                    grant.CaseReference,
                    Problem.CaseReferenceRequired,
                    References.CaseFault,
                    out var caseReference
                )
            )
        )
            return first!;
        if (Refuses(Check(headers, "Agent", grant.Agent, Problem.AgentRequired, References.ReferenceFault, out var agent)))
            return first!;
        if (Refuses(Check(headers, "Consent-Reference", grant.Consent, Problem.ConsentRequired, References.CaseFault, out var consent)))
            return first!;
        Guid? key = null;
        if (headers.TryGetValue("Idempotency-Key", out var keys) && keys.Count > 0)
        {
            if (keys.Count == 1 && Guid.TryParseExact(keys[0], "D", out var parsed))
                key = parsed;
            else if (Refuses(Invalid("Idempotency-Key", keys.Count == 1 ? ("invalid-format", "format uuid") : Repeated)))
                return first!;
        }

        if (first is not null)
            return first;
        return new CallHeaders
        {
            CaseReference = caseReference,
            Agent = agent,
            ConsentReference = consent,
            IdempotencyKey = key,
        };

        // Where all are wanted, a refusal is noted and the next header looked at.
        bool Refuses(Refusal? refusal)
        {
            if (refusal is null)
                return false;
            first ??= refusal;
            all?.Add(refusal);
            return all is null;
        }
    }

    private static readonly (string Code, string Rule) Repeated = ("repeated", "one value"),
        NotAdmitted = ("not-admitted", "the agreement admits no such header");

    private delegate (string Code, string Rule)? Form(ReadOnlySpan<char> text);

    private static Refusal? Check(IHeaderDictionary headers, string name, Demand demand, Problem required, Form form, out string? value)
    {
        value = null;
        if (!headers.TryGetValue(name, out var values) || StringValues.IsNullOrEmpty(values))
            return demand == Demand.Required
                ? new Refusal(required) { Words = [name], Errors = [new RequestError(name, "missing-header")] }
                : null;
        // Not demanded is not admitted: what nobody needs is not collected.
        if (demand == Demand.None)
            return Invalid(name, NotAdmitted);
        if (values.Count != 1)
            return Invalid(name, Repeated);
        if (form(values[0]) is { } fault)
            return Invalid(name, fault);
        value = values[0];
        return null;
    }

    private static Refusal Invalid(string name, (string Code, string Rule) fault) =>
        new(Problem.HeaderInvalid) { Words = [name], Errors = [new RequestError(name, fault.Code) { Rule = fault.Rule }] };
}
