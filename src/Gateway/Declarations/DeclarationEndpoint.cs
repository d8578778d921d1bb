using Agreements.Contracts;
using Gateway.Admission;
using Gateway.Audit;
using Gateway.Authorization;
using Gateway.Authorization.Dossiers;
using Gateway.Problems;
using Gateway.Requests;
using Ledger;
using Ledger.Subjects;

namespace Gateway.Declarations;

/// <summary>
/// Takes declarations of dossiers (exchanges page, section 11.2): authenticated, covered by the agreement and sealed like any exchange, and
/// answered by the gateway itself.
/// </summary>
internal sealed class DeclarationEndpoint(Exchange exchange, DeclarationKeys keys, DeclarationWork work, Release release)
{
    /// <summary>Answers one call.</summary>
    public Task RunAsync(HttpContext http, Operation operation)
    {
        var facts = exchange.Begin(http, operation.Id);
        return exchange.RunAsync(
            http,
            facts,
            records: 2,
            seat => DeclareAsync(http, operation, facts, seat),
            (reply, _) => release.DeclaredAsync(http, facts, reply)
        );
    }

    private async ValueTask<Verdict<DeclarationReply>> DeclareAsync(
        HttpContext http,
        Operation operation,
        ExchangeFacts facts,
        Reservation seat
    )
    {
        try
        {
            return await AnswerAsync(http, operation, facts, seat);
        }
        catch (DossiersUnavailable)
        {
            return new Refusal(Problem.Overloaded) { RetryAfterSeconds = 5, Reason = "the register of dossiers does not answer" };
        }
    }

    private async ValueTask<Verdict<DeclarationReply>> AnswerAsync(
        HttpContext http,
        Operation operation,
        ExchangeFacts facts,
        Reservation seat
    )
    {
        if (!(await exchange.AdmitAsync(http, operation, facts)).Allows(out var entitlement, out var refusal))
            return refusal;
        if (!(await ReadAsync(http, entitlement, facts)).Allows(out var call, out refusal))
            return refusal;
        // What follows waits for the register of dossiers and, with others, for its order.
        return await facts.Turn.Outside(
            keys.OnceAsync(
                call,
                () => work.RunAsync(call, seat, http.RequestAborted),
                kept => RepeatAsync(call, kept, seat),
                http.RequestAborted
            )
        );
    }

    private async ValueTask<Verdict<DeclarationCall>> ReadAsync(HttpContext http, Entitlement entitlement, ExchangeFacts facts)
    {
        if (!CallHeaders.Read(http.Request.Headers, entitlement.Grant).Allows(out var headers, out var refusal))
            return refusal with { Clause = entitlement.Clause };
        if (headers.IdempotencyKey is not { } key)
            return new Refusal(Problem.IdempotencyKeyRequired);
        (facts.Agent, facts.CaseReference, facts.ConsentReference) = (headers.Agent, headers.CaseReference, headers.ConsentReference);
        var lines = entitlement.Operation.Protocol == OperationProtocol.Lines;
        if (!(await RequestBody.ReadAsync(http, lines ? BatchReader.MostBytes : RequestBody.SingleBytes)).Allows(out var body, out refusal))
            return refusal;
        facts.RequestDigest = SaltedDigest.Compute(facts.Salt, body.Span);
        var call = keys.CallOf(entitlement, facts, key, body.Span);
        var reader = new DeclarationReader(entitlement);
        if (!lines)
        {
            var line = reader.Read(body, 1);
            call.Lines.Add(line);
            return line.Content.Refusal is { } invalid ? invalid : call;
        }

        if (!BatchReader.Count(body).Allows(out var count, out refusal))
            return refusal;
        if (count > entitlement.Grant.MaxBatchLines)
            return new Refusal(Problem.BatchTooLarge) { Clause = entitlement.Clause };
        foreach (var line in BatchReader.Lines(body))
            call.Lines.Add(reader.Read(line, call.Lines.Count + 1));
        return call;
    }

    // No second effect: the record of the repetition refers to the first.
    private async ValueTask<Verdict<DeclarationReply>> RepeatAsync(DeclarationCall call, KeyedCall kept, Reservation seat)
    {
        var body = KeptAnswers.Unpack(kept.Body!);
        if (!(await work.CloseAsync(call, "repeated", kept.Exchange, body, seat)).Allows(out var receipt, out var refusal))
            return refusal;
        return new DeclarationReply(body, call.IsBatch, "repeated", receipt);
    }
}
