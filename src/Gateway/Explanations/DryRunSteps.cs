using System.Collections.Immutable;
using Agreements;
using Agreements.Contracts;
using Gateway.Audit;
using Gateway.Authentication;
using Gateway.Authorization;
using Gateway.Problems;
using Gateway.Requests;

namespace Gateway.Explanations;

/// <summary>
/// Asks every rule that does not depend on a person what it would say to a call that is not made. The verdict is that of the exchange's own
/// steps (<see cref="Intake.Admit"/>, the readers of headers and question); the list comes from the same rules, asked on although one has
/// refused. It holds no register of dossiers, no quotas and no providers: what it cannot reach it cannot tell.
/// </summary>
internal sealed class DryRunSteps(Intake intake)
{
    /// <summary>Runs the rules.</summary>
    /// <param name="run">The call.</param>
    /// <param name="caller">Who would make it.</param>
    /// <param name="facts">Snapshots of law and status.</param>
    public DryRunVerdict Run(DryRun run, Caller caller, ExchangeFacts facts)
    {
        var registry = facts.Registry;
        if (!registry.Operations.TryGetValue(run.Operation, out var operation))
            return new DryRunVerdict(WouldPass: false, [new Refusal(Problem.RouteUnknown)]);
        // Agreements of others look like none, as at the authority.
        if (Own(run, caller, registry) is not { } own)
            return new DryRunVerdict(WouldPass: false, [new Refusal(Problem.AgreementUnknown)]);
        var asked = caller with
        {
            AgreementReference = run.Agreement.Contains('@', StringComparison.Ordinal) ? run.Agreement : own.Reference,
            Purpose = run.Purpose,
            Operations = [operation.Id],
        };
        var findings = new List<Refusal>();
        if (AgreementInForce.Registered(registry, asked).Refusal is { } outdated)
            findings.Add(outdated);
        if (AgreementInForce.Standing(registry, facts.Status, own, intake.Today) is { } standing)
            findings.Add(standing);
        findings.AddRange(Entitlement.Findings(registry, asked, own, operation, intake.Now));
        var ofQuestion = registry.FindGrant(own.Id, asked.Institution.Id, asked.Purpose, operation.Id) is { } match
            ? OfQuestion(run, operation, match, registry)
            : [];
        findings.AddRange(ofQuestion);

        // What the exchange itself says is the answer; the list explains it and can add nothing to it.
        var admitted = intake.Admit(asked, operation, registry, facts.Status).Allows(out _, out var first);
        if (first is not null && !findings.Exists(finding => finding.Rule == first.Rule))
            findings.Insert(0, first);
        return new DryRunVerdict(admitted && ofQuestion.IsEmpty, [.. findings]);
    }

    private static Agreement? Own(DryRun run, Caller caller, Registry registry)
    {
        var id = run.Agreement.Split('@')[0];
        return
            registry.Agreements.TryGetValue(id, out var agreement) && agreement.Grants.Any(grant => grant.Consumer == caller.Institution.Id)
            ? agreement
            : null;
    }

    private ImmutableArray<Refusal> OfQuestion(DryRun run, Operation operation, GrantMatch match, Registry registry)
    {
        var clause = $"{match.Agreement.Reference} {match.Grant.Clause}";
        var headers = SomeQuestion.Headers(run);
        var findings = CallHeaders.Findings(headers, match.Grant).Select(refusal => refusal with { Clause = clause }).ToList();
        var bulk = operation.BatchOf is not null || operation.AnsweredByGateway;
        if (bulk && !headers.ContainsKey("Idempotency-Key"))
            findings.Add(new Refusal(Problem.IdempotencyKeyRequired));
        // A declaration is all about its person: its content is judged when it is made.
        if (operation.AnsweredByGateway)
            return [.. findings];
        var type = operation.FhirType is { } name ? registry.FhirTypes[name] : null;
        if (type is not null && run.Request is null && run.Fields.IsEmpty && run.Scheme is null)
            return [.. findings];
        var body = SomeQuestion.Body(run, operation, match.Grant, type);
        if (
            intake.Read(registry, operation, match.Agreement, match.Grant, match.Operation, body).Refusal is { } refused
            && Stated(refused, run, match) is { } content
        )
            findings.Add(content);
        return [.. findings];
    }

    // What the dry run leaves open is not held against it.
    private static Refusal? Stated(Refusal refused, DryRun run, GrantMatch match)
    {
        if (run.Request is not null || !refused.Errors.Any(static error => error.Code == "missing-member"))
            return refused;
        var errors = new RequestErrors();
        foreach (var error in refused.Errors)
            if (error.Code != "missing-member")
                errors.Add(error);
        foreach (var path in refused.Missing)
            errors.AddMissing(path);
        return errors.IsEmpty ? null : Intake.Named(errors.ToRefusal([]), match.Agreement, match.Grant, match.Operation.Id);
    }
}

/// <summary>What came of a dry run.</summary>
/// <param name="WouldPass">No rule that was asked would have refused.</param>
/// <param name="Findings">What would have been refused, in the order of the steps.</param>
internal sealed record DryRunVerdict(bool WouldPass, ImmutableArray<Refusal> Findings);
