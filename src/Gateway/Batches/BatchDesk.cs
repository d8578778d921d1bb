using System.Security.Cryptography;
using Gateway.Admission;
using Gateway.Audit;
using Gateway.Authorization;
using Gateway.Problems;
using Gateway.Quotas;
using Gateway.Requests;
using Ledger;
using Ledger.Subjects;

namespace Gateway.Batches;

/// <summary>
/// The four calls of a batch: submit, manifest, results, purge. Each is authenticated, covered by the agreement and sealed, like any
/// exchange; the lines are asked by <see cref="BatchRunner"/>.
/// </summary>
internal sealed class BatchDesk(Exchange exchange, IQuotaBook quotas, BatchBook book, BatchRunner runner, Sealing sealing, Release release, TimeProvider time)
{
    /// <summary>Answers one call.</summary>
    public Task RunAsync(HttpContext http, RouteMatch route)
    {
        var facts = exchange.Begin(http, route.Operation.Id);
        return exchange.RunAsync(http, facts, records: 2, seat => AnswerAsync(http, route, facts, seat), (reply, seat) => release.BatchAsync(http, facts, reply, seat));
    }

    private async ValueTask<Verdict<BatchReply>> AnswerAsync(HttpContext http, RouteMatch route, ExchangeFacts facts, Reservation seat)
    {
        if (!(await exchange.AdmitAsync(http, route.Operation, facts)).Allows(out var entitlement, out var refusal)) return refusal;
        if (route.Part == "submit") return await SubmitAsync(http, entitlement, facts, seat);
        if (book.Find(route.Parameter!, entitlement.Caller.Client.Id) is not { } batch) return new Refusal(Problem.ResourceUnknown);
        return route.Part switch
        {
            "manifest" => await SealAsync(new BatchReply(batch, StatusCodes.Status200OK, "application/json", BatchManifest.Write(batch)), facts, "read", seat),
            "purge" => await PurgeAsync(batch, facts, seat),
            _ => Results(batch),
        };
    }

    private async ValueTask<Verdict<BatchReply>> SubmitAsync(HttpContext http, Entitlement entitlement, ExchangeFacts facts, Reservation seat)
    {
        if (!CallHeaders.Read(http.Request.Headers, entitlement.Grant).Allows(out var headers, out var refusal)) return refusal with { Clause = entitlement.Clause };
        if (headers.IdempotencyKey is not { } key) return new Refusal(Problem.IdempotencyKeyRequired);
        (facts.Agent, facts.CaseReference, facts.ConsentReference) = (headers.Agent, headers.CaseReference, headers.ConsentReference);
        if (!(await RequestBody.ReadAsync(http, BatchReader.MostBytes)).Allows(out var body, out refusal)) return refusal;
        facts.RequestDigest = SaltedDigest.Compute(facts.Salt, body.Span);
        if (!BatchReader.Count(body).Allows(out var lines, out refusal)) return refusal;
        if (lines > entitlement.Grant.MaxBatchLines) return new Refusal(Problem.BatchTooLarge) { Clause = entitlement.Clause };
        var (institution, operation) = (entitlement.Caller.Institution.Id, entitlement.Operation.Id);
        var use = new IdempotentUse(SHA256.HashData(body.Span), facts.Id, time.GetUtcNow());
        if (book.Claim(institution, operation, key.ToString("D"), use) is { } earlier) return await RepeatAsync(earlier, use, entitlement, facts, seat);
        if (!(await facts.Turn.Outside(quotas.OpenBatchAsync(entitlement, facts.Id))).Allows(out _, out refusal))
        {
            book.Release(institution, operation, key.ToString("D"));
            return refusal;
        }

        var batch = book.Open(entitlement, facts, body, lines);
        var reply = new BatchReply(batch, StatusCodes.Status202Accepted, "application/json", BatchManifest.Write(batch)) { Location = $"{entitlement.Operation.Path}/{batch.Id}" };
        var accepted = await SealAsync(reply, facts, "accepted", seat);
        if (accepted.Refusal is not null)
        {
            quotas.CloseBatch(entitlement, batch.Id);
            book.Release(institution, operation, key.ToString("D"));
            batch.Dispose();
            return accepted;
        }

        book.Add(batch);
        runner.Enqueue(batch);
        return accepted;
    }

    private async ValueTask<Verdict<BatchReply>> RepeatAsync(IdempotentUse earlier, IdempotentUse now, Entitlement entitlement, ExchangeFacts facts, Reservation seat)
    {
        if (!earlier.IsSame(now.BodyHash)) return new Refusal(Problem.IdempotencyConflict);
        if (book.Find(earlier.BatchId, entitlement.Caller.Client.Id) is not { } batch) return new Refusal(Problem.IdempotencyInProgress) { RetryAfterSeconds = 1 };
        var reply = new BatchReply(batch, StatusCodes.Status202Accepted, "application/json", BatchManifest.Write(batch)) { Location = $"{entitlement.Operation.Path}/{batch.Id}" };
        return await SealAsync(reply, facts, "repeated", seat);
    }

    private async ValueTask<Verdict<BatchReply>> PurgeAsync(Batch batch, ExchangeFacts facts, Reservation seat)
    {
        // Sealed before it happens: a crash between the two leaves a record of a purge that the restart performs anyway, for the keys are gone.
        var act = batch.State is BatchState.Completed ? "purged" : "cancelled";
        var sealedReply = await SealAsync(new BatchReply(batch, StatusCodes.Status204NoContent, ContentType: null, default), facts, act, seat);
        if (sealedReply.Refusal is null) batch.End(time.GetUtcNow());
        return sealedReply;
    }

    private static Verdict<BatchReply> Results(Batch batch) => batch.State switch
    {
        BatchState.Completed => new BatchReply(batch, StatusCodes.Status200OK, "application/x-ndjson", default) { Streams = true },
        BatchState.Purged or BatchState.Cancelled => new Refusal(Problem.BatchPurged),
        _ => new Refusal(Problem.BatchNotReady) { RetryAfterSeconds = 1 },
    };

    private async ValueTask<Verdict<BatchReply>> SealAsync(BatchReply reply, ExchangeFacts facts, string act, Reservation seat)
    {
        var size = new BatchSize(reply.Batch.Lines, reply.Body.Length, reply.Status, reply.Body.IsEmpty ? null : SaltedDigest.Compute(facts.Salt, reply.Body.Span));
        var reference = act == "accepted" ? null : reply.Batch.Id;
        if (!(await sealing.SealAsync("batch", facts.Id, reference, facts, act, size, seat)).Allows(out var receipt, out var refusal)) return refusal;
        return reply with { Receipt = receipt };
    }
}

/// <summary>What a call about a batch is answered with.</summary>
/// <param name="Batch">The batch.</param>
/// <param name="Status">HTTP status.</param>
/// <param name="ContentType">Media type; null without a body.</param>
/// <param name="Body">Body; empty for results, which are streamed.</param>
internal sealed record BatchReply(Batch Batch, int Status, string? ContentType, ReadOnlyMemory<byte> Body)
{
    /// <summary>Path of the batch.</summary>
    public string? Location { get; init; }
    /// <summary>The results follow in pieces, between a <c>release.begin</c> and a <c>release.end</c> record.</summary>
    public bool Streams { get; init; }
    /// <summary>Receipt of the call's record; a streamed reply gets its own at its beginning.</summary>
    public Receipt? Receipt { get; init; }
}
