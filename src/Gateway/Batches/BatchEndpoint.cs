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
internal sealed class BatchEndpoint(
    Exchange exchange,
    IQuotaBook quotas,
    BatchBook book,
    BatchKeys keys,
    BatchRunner runner,
    Sealing sealing,
    Release release
)
{
    /// <summary>Answers one call.</summary>
    public Task RunAsync(HttpContext http, RouteMatch route)
    {
        var facts = exchange.Begin(http, route.Operation.Id);
        return exchange.RunAsync(
            http,
            facts,
            records: 2,
            seat => AnswerAsync(http, route, facts, seat),
            (reply, seat) => release.BatchAsync(http, facts, reply, seat)
        );
    }

    private async ValueTask<Verdict<BatchReply>> AnswerAsync(HttpContext http, RouteMatch route, ExchangeFacts facts, Reservation seat)
    {
        if (!(await exchange.AdmitAsync(http, route.Operation, facts)).Allows(out var entitlement, out var refusal))
            return refusal;
        if (route.Part == "submit")
            return await SubmitAsync(http, entitlement, facts, seat);
        if (book.Find(route.Parameter!, entitlement) is not { } batch)
            return new Refusal(Problem.ResourceUnknown);
        return route.Part switch
        {
            "manifest" => await SealAsync(
                new BatchReply(batch, StatusCodes.Status200OK, "application/json", BatchManifest.Write(batch)),
                facts,
                "read",
                seat
            ),
            "purge" => await PurgeAsync(batch, facts, seat),
            _ => Results(batch, entitlement),
        };
    }

    private async ValueTask<Verdict<BatchReply>> SubmitAsync(
        HttpContext http,
        Entitlement entitlement,
        ExchangeFacts facts,
        Reservation seat
    )
    {
        if (!CallHeaders.Read(http.Request.Headers, entitlement.Grant).Allows(out var headers, out var refusal))
            return refusal with { Clause = entitlement.Clause };
        if (headers.IdempotencyKey is not { } key)
            return new Refusal(Problem.IdempotencyKeyRequired);
        (facts.Agent, facts.CaseReference, facts.ConsentReference) = (headers.Agent, headers.CaseReference, headers.ConsentReference);
        if (!(await RequestBody.ReadAsync(http, BatchReader.MostBytes)).Allows(out var body, out refusal))
            return refusal;
        facts.RequestDigest = SaltedDigest.Compute(facts.Salt, body.Span);
        if (!BatchReader.Count(body).Allows(out var lines, out refusal))
            return refusal;
        if (lines > entitlement.Grant.MaxBatchLines)
            return new Refusal(Problem.BatchTooLarge) { Clause = entitlement.Clause };
        if (!(await facts.Turn.Outside(keys.ClaimAsync(entitlement, key, body, facts.Id))).Allows(out var claim, out refusal))
            return refusal;
        if (!claim.IsNew)
            return await RepeatAsync(claim.Use, entitlement, facts, seat);
        var accepted = false;
        try
        {
            var verdict = await AcceptAsync(entitlement, facts, body, lines, seat);
            accepted = verdict.Refusal is null;
            return verdict;
        }
        finally
        {
            // Whatever kept it from being accepted, a fault too: a key that leads to nothing would be in progress for a week.
            if (!accepted)
                await keys.ReleaseAsync(claim.Use);
        }
    }

    private async ValueTask<Verdict<BatchReply>> AcceptAsync(
        Entitlement entitlement,
        ExchangeFacts facts,
        ReadOnlyMemory<byte> body,
        int lines,
        Reservation seat
    )
    {
        if (!(await facts.Turn.Outside(quotas.OpenBatchAsync(entitlement, facts.Id))).Allows(out _, out var refusal))
            return refusal;
        Batch? batch = null;
        var accepted = false;
        try
        {
            batch = book.Open(entitlement, facts, body, lines);
            var verdict = await SealAsync(Taken(batch), facts, "accepted", seat);
            accepted = verdict.Refusal is null;
            if (!accepted)
                return verdict;
            book.Add(batch);
            runner.Enqueue(batch);
            return verdict;
        }
        finally
        {
            if (!accepted)
            {
                quotas.CloseBatch(entitlement, facts.Id);
                batch?.Dispose();
            }
        }
    }

    private async ValueTask<Verdict<BatchReply>> RepeatAsync(KeyUse earlier, Entitlement entitlement, ExchangeFacts facts, Reservation seat)
    {
        if (book.Find(earlier.Batch, entitlement) is not { } batch)
            return new Refusal(Problem.IdempotencyInProgress) { RetryAfterSeconds = 1 };
        return await SealAsync(Taken(batch), facts, "repeated", seat);
    }

    private static BatchReply Taken(Batch batch) =>
        new(batch, StatusCodes.Status202Accepted, "application/json", BatchManifest.Write(batch))
        {
            Location = $"{batch.Entitlement.Operation.Path}/{batch.Id}",
        };

    private async ValueTask<Verdict<BatchReply>> PurgeAsync(Batch batch, ExchangeFacts facts, Reservation seat)
    {
        // Sealed before it happens: a crash between the two leaves a record of a purge that the restart performs anyway, for the keys are
        // gone.
        var act = batch.State is BatchState.Completed ? "purged" : "cancelled";
        var sealedReply = await SealAsync(
            new BatchReply(batch, StatusCodes.Status204NoContent, ContentType: null, default),
            facts,
            act,
            seat
        );
        if (sealedReply.Refusal is null)
            book.End(batch);
        return sealedReply;
    }

    private Verdict<BatchReply> Results(Batch batch, Entitlement now)
    {
        if (batch.State is BatchState.Completed)
            book.PurgeIfDue(batch, now);
        return batch.State switch
        {
            BatchState.Completed when batch.Withheld(now) is { } withheld => withheld,
            BatchState.Completed => new BatchReply(batch, StatusCodes.Status200OK, "application/x-ndjson", default) { Streams = now },
            BatchState.Purged or BatchState.Cancelled => new Refusal(Problem.BatchPurged),
            _ => new Refusal(Problem.BatchNotReady) { RetryAfterSeconds = 1 },
        };
    }

    private async ValueTask<Verdict<BatchReply>> SealAsync(BatchReply reply, ExchangeFacts facts, string act, Reservation seat)
    {
        var size = new BatchSize(
            reply.Batch.Lines,
            reply.Body.Length,
            reply.Status,
            reply.Body.IsEmpty ? null : SaltedDigest.Compute(facts.Salt, reply.Body.Span)
        );
        var reference = act == "accepted" ? null : reply.Batch.Id;
        if (!(await sealing.SealAsync("batch", facts.Id, reference, facts, act, size, seat)).Allows(out var receipt, out var refusal))
            return refusal;
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

    /// <summary>
    /// The results follow in pieces, between a <c>release.begin</c> and a <c>release.end</c> record, to whom this was allowed; null for all
    /// other replies.
    /// </summary>
    public Entitlement? Streams { get; init; }

    /// <summary>Receipt of the call's record; a streamed reply gets its own at its beginning.</summary>
    public Receipt? Receipt { get; init; }
}
