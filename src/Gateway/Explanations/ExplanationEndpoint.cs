using System.Collections.Frozen;
using Gateway.Admission;
using Gateway.Audit;
using Gateway.Authentication;
using Gateway.Problems;
using Gateway.Proofs;
using Ledger;
using Ledger.Subjects;
using Tokens.Transport;

namespace Gateway.Explanations;

/// <summary>
/// <c>POST /catalogue/v1/explanations</c> (exchanges page, section 13): why an exchange of one's own was refused, or what a call would come
/// to. Any valid token will do, also one whose agreement is no law any more: that may be just what is to be explained. Sealed as an access
/// of the catalogue; nobody is asked, nothing is charged.
/// </summary>
internal sealed class ExplanationEndpoint(
    Exchange exchange,
    Intake intake,
    PastRefusals past,
    DryRunSteps rehearsal,
    Sealing sealing,
    Release release
) : IPathEndpoint
{
    /// <summary>The endpoint's path.</summary>
    public const string Path = "/catalogue/v1/explanations";
    private const string Operation = "catalogue.explanation.read",
        Purpose = "CATALOGUE";

    // POST of JSON, without query.
    private static readonly WireRoute Wire = new(
        FrozenSet.Create(StringComparer.Ordinal, "POST"),
        FrozenSet.Create(StringComparer.OrdinalIgnoreCase, "application/json")
    );

    /// <inheritdoc/>
    public WireRoute? WireOf(string path) => path == Path ? Wire : null;

    /// <inheritdoc/>
    public Task RunAsync(HttpContext http, string path)
    {
        var facts = exchange.Begin(http, Operation);
        return exchange.RunAsync(
            http,
            facts,
            records: 1,
            seat => SealedAsync(http, facts, seat),
            (told, _) => release.EvidenceAsync(http, facts, told.Answer, told.Receipt)
        );
    }

    private async ValueTask<Verdict<(Evidence Answer, Receipt Receipt)>> SealedAsync(
        HttpContext http,
        ExchangeFacts facts,
        Reservation seat
    )
    {
        if (!(await AnswerAsync(http, facts)).Allows(out var answer, out var refusal))
            return refusal;
        return (await sealing.SealAsync(facts, StatusCodes.Status200OK, answer.Body, seat)).Allows(out var receipt, out refusal)
            ? (answer, receipt)
            : refusal;
    }

    private async ValueTask<Verdict<Evidence>> AnswerAsync(HttpContext http, ExchangeFacts facts)
    {
        if (!(await exchange.RecognizeAsync(http, facts)).Allows(out var caller, out var refusal))
            return refusal;
        facts.Caller = caller with { Purpose = Purpose };
        if (!(await RequestBody.ReadAsync(http, RequestBody.SingleBytes)).Allows(out var body, out refusal))
            return refusal;
        facts.RequestDigest = SaltedDigest.Compute(facts.Salt, body.Span);
        if (!ExplanationRequest.Read(body).Allows(out var request, out refusal))
            return refusal;
        if (request.DryRun is { } run)
            return Json(ExplanationDocument.Write(run, rehearsal.Run(run, caller, facts), facts.Registry));
        if (
            !(
                await facts.Turn.Outside(
                    new ValueTask<Verdict<PastRefusal>>(past.FindAsync(request.ExchangeId!, caller, facts.Registry, http.RequestAborted))
                )
            ).Allows(out var found, out refusal)
        )
            return refusal;
        if (found.IsAboutPerson && !MayStillAsk(found, caller, facts))
            return new Refusal(Problem.ResourceUnknown);
        facts.About = found.ExchangeId;
        return Json(ExplanationDocument.Write(found, facts.Registry));
    }

    private bool MayStillAsk(PastRefusal found, Caller caller, ExchangeFacts facts) =>
        found.Operation is { } id
        && facts.Registry.Operations.TryGetValue(id, out var operation)
        && intake.Admit(caller, operation, facts.Registry, facts.Status).Refusal is null;

    private static Evidence Json(ReadOnlyMemory<byte> body) => new(body, "application/json");
}

/// <summary>The room's services.</summary>
internal static class ExplanationsRoom
{
    /// <summary>Adds the room.</summary>
    public static IServiceCollection AddExplanations(this IServiceCollection services) =>
        services.AddSingleton<PastRefusals>().AddSingleton<DryRunSteps>().AddSingleton<IPathEndpoint, ExplanationEndpoint>();
}
