using System.Buffers;
using System.Collections.Immutable;
using System.Globalization;
using Gateway.Admission;
using Gateway.Audit;
using Gateway.Authorization;
using Gateway.Batches;
using Gateway.Catalogue;
using Gateway.Declarations;
using Gateway.Observability;
using Gateway.Problems;
using Gateway.Proofs;
using Gateway.Quotas;
using Ledger;
using Ledger.Subjects;

namespace Gateway;

/// <summary>
/// Step 8: the only place where bytes leave towards a caller. An answer leaves with the receipt of its record, a refusal too;
/// what could not be sealed is 503 and says nothing else.
/// </summary>
internal sealed class Release(
    Intake intake,
    Sealing sealing,
    RefusalCounts counts,
    GatewayMeters meters,
    TimeProvider time,
    ILogger<Release> log
)
{
    private static readonly ImmutableArray<string> Outcomes = ["application/fhir+json", ProblemDocument.ContentType];

    /// <summary>Lets a sealed disclosure out.</summary>
    public async Task AnswerAsync(HttpContext http, ExchangeFacts facts, Sealed answer)
    {
        var response = Prepare(http, StatusCodes.Status200OK, answer.Disclosure.ContentType);
        Headers(response, answer.Receipt, facts.Id, facts.Salt);
        Limits(response, facts.Share?.State);
        await WriteAsync(http, answer.Disclosure.Body);
        meters.Ended(facts.Operation!, answer.Disclosure.MatchStatus, time.GetElapsedTime(facts.ArrivedAt));
    }

    /// <summary>
    /// Seals a refusal, then lets it out; without a durable record the caller learns only that the ledger is unavailable. Of a flood of
    /// identical ones most share a record that follows: they leave with its id and without a receipt.
    /// </summary>
    public async Task RefuseAsync(HttpContext http, ExchangeFacts facts, Refusal refusal, Reservation seat)
    {
        Explain(facts, refusal);
        if (refusal.Problem == Problem.LedgerUnavailable)
        {
            await UnsealedAsync(http, facts, refusal);
            return;
        }

        var place = !seat.IsUsed && RefusalKind.MayShare(facts, refusal) ? counts.Place(facts, refusal) : null;
        if (place?.Shared is { } shared)
        {
            await SendAsync(http, facts, refusal, Body(http, facts, refusal, shared), receipt: null);
            return;
        }

        // A fault after the disclosure was sealed finds its seat used: it gets a record of its own, or the caller learns that there is
        // none.
        using var second = seat.IsUsed && sealing.TryReserve(1, out var taken) ? taken : null;
        if (seat.IsUsed && second is null)
        {
            await UnsealedAsync(http, facts, Sealing.Unavailable(lost: null));
            return;
        }

        var body = Body(http, facts, refusal, facts.Id);
        if (!(await sealing.SealAsync(facts, refusal, body, second ?? seat)).Allows(out var receipt, out var unavailable))
        {
            await UnsealedAsync(http, facts, unavailable);
            return;
        }

        place?.Sealed();
        await SendAsync(http, facts, refusal, body, receipt);
    }

    /// <summary>Lets out the reply to a call about a batch; results are streamed between two records of their own.</summary>
    public async Task BatchAsync(HttpContext http, ExchangeFacts facts, BatchReply reply, Reservation seat)
    {
        if (reply.Streams is { } entitlement)
        {
            await StreamAsync(http, facts, reply.Batch, entitlement, seat);
            return;
        }

        var response = Prepare(http, reply.Status, reply.ContentType);
        if (reply.Location is not null)
            response.Headers.Location = reply.Location;
        if (reply.Batch.State is BatchState.Accepted or BatchState.Running)
            response.Headers.RetryAfter = "1";
        Headers(response, reply.Receipt!, facts.Id, facts.Salt);
        if (reply.ContentType is not null)
            await WriteAsync(http, reply.Body);
        meters.Ended(facts.Operation!, reply.Batch.State.ToString(), time.GetElapsedTime(facts.ArrivedAt));
    }

    /// <summary>Lets out what became of declarations.</summary>
    public async Task DeclaredAsync(HttpContext http, ExchangeFacts facts, DeclarationReply reply)
    {
        var response = Prepare(http, StatusCodes.Status200OK, reply.IsBatch ? "application/x-ndjson" : "application/json");
        Headers(response, reply.Receipt, facts.Id, facts.Salt);
        await WriteAsync(http, reply.Body);
        meters.Ended(facts.Operation!, reply.Outcome, time.GetElapsedTime(facts.ArrivedAt));
    }

    // release.begin is durable before the first byte; a missing release.end means "may have been sent in part".
    private async Task StreamAsync(HttpContext http, ExchangeFacts facts, Batch batch, Entitlement entitlement, Reservation seat)
    {
        var begin = new BatchSize(batch.Lines, batch.Bytes, StatusCodes.Status200OK, Digest: null);
        if (
            !(await sealing.SealAsync("release.begin", facts.Id, batch.Id, facts, act: null, begin, seat)).Allows(
                out var receipt,
                out var refusal
            )
        )
        {
            await UnsealedAsync(http, facts, refusal);
            return;
        }

        var response = Prepare(http, StatusCodes.Status200OK, "application/x-ndjson");
        response.ContentLength = batch.Bytes;
        Headers(response, receipt, facts.Id, batch.Submission.Salt);
        using var digest = new SaltedDigest(batch.Submission.Salt);
        foreach (var piece in batch.Results())
        {
            // Stopped before the first piece it is refused like any call. Later, what was not sent stays here, and the broken body shows
            // it.
            if (intake.Again(entitlement).Allows(out var now, out var stopped))
                stopped = batch.Withheld(now);
            if (stopped is not null)
            {
                if (response.HasStarted)
                    http.Abort();
                else
                    await RefuseAsync(http, facts, stopped, seat);
                return;
            }

            digest.Append(piece);
            await response.BodyWriter.WriteAsync(piece, http.RequestAborted);
        }

        if (!sealing.TryReserve(1, out var last))
            return;
        using (last)
            await sealing.SealAsync(
                "release.end",
                Ulid.New(time),
                facts.Id,
                facts,
                act: null,
                begin with
                {
                    Digest = digest.Finish(),
                    Status = 0,
                },
                last
            );
        meters.Ended(facts.Operation!, "results", time.GetElapsedTime(facts.ArrivedAt));
    }

    /// <summary>Lets out what is nobody's data and needs no record: what the gateway says of itself.</summary>
    public static Task PlainAsync(HttpContext http, ReadOnlyMemory<byte> body)
    {
        Prepare(http, StatusCodes.Status200OK, "application/json");
        return WriteAsync(http, body);
    }

    /// <summary>Lets a refusal out of a listener that carries no data: there is nothing that a record could be about.</summary>
    public static Task PlainAsync(HttpContext http, ReadOnlyMemory<byte> body, Refusal refusal)
    {
        var response = Prepare(http, refusal.Problem.Status, ProblemDocument.ContentType);
        response.Headers.ContentLanguage = Language(http);
        if (refusal.RetryAfterSeconds is { } seconds)
            response.Headers.RetryAfter = Text(seconds);
        return WriteAsync(http, body);
    }

    /// <summary>
    /// Lets out a file of the log: hashes, signatures, or bundles for those who may read all. Who reads the log as a whole is not an
    /// exchange.
    /// </summary>
    public static Task FileAsync(HttpContext http, LogFile file)
    {
        var response = Prepare(http, StatusCodes.Status200OK, file.ContentType);
        response.Headers.CacheControl = file.Caching;
        return WriteAsync(http, file.Body);
    }

    /// <summary>Lets out a record or its proof, sealed like an answer.</summary>
    public async Task EvidenceAsync(HttpContext http, ExchangeFacts facts, Evidence evidence, Receipt receipt)
    {
        var response = Prepare(
            http,
            evidence.Location is null ? StatusCodes.Status200OK : StatusCodes.Status303SeeOther,
            evidence.Location is null ? evidence.ContentType : null
        );
        if (evidence.Tag is not null)
            response.Headers.ETag = $"\"{evidence.Tag}\"";
        if (evidence.Location is not null)
            response.Headers.Location = evidence.Location;
        Headers(response, receipt, facts.Id, facts.Salt);
        await WriteAsync(http, evidence.Body);
        meters.Ended(facts.Operation!, "evidence", time.GetElapsedTime(facts.ArrivedAt));
    }

    /// <summary>Lets out an answer of the catalogue, or that the caller has it already.</summary>
    public async Task CatalogueAsync(HttpContext http, ExchangeFacts facts, CatalogueAnswer answer, bool known, Receipt receipt)
    {
        var response = Prepare(http, known ? StatusCodes.Status304NotModified : StatusCodes.Status200OK, known ? null : answer.ContentType);
        if (answer.Tag is not null)
            response.Headers.ETag = answer.Tag.ToString();
        if (answer.Vary is not null)
            response.Headers.Vary = answer.Vary;
        if (answer.Language is not null)
            response.Headers.ContentLanguage = answer.Language;
        if (answer.ContentSecurityPolicy is not null)
            (response.Headers.ContentSecurityPolicy, response.Headers.XContentTypeOptions) = (answer.ContentSecurityPolicy, "nosniff");
        Headers(response, receipt, facts.Id, facts.Salt);
        if (!known)
            await WriteAsync(http, answer.Body);
        meters.Ended(facts.Operation!, known ? "known" : "catalogue", time.GetElapsedTime(facts.ArrivedAt));
    }

    /// <summary>A refusal without a record: counted, so that the next <c>gap</c> record tells of it.</summary>
    public Task UnsealedAsync(HttpContext http, ExchangeFacts facts, Refusal refusal)
    {
        meters.Unsealed();
        return SendAsync(http, facts, refusal, Body(http, facts, refusal, facts.Id), receipt: null);
    }

    /// <summary>Turns an exception into the refusal that is sealed and told; the exception itself goes to the diagnostic log.</summary>
    public Refusal Fault(Exception fault, ExchangeFacts facts, bool hasLeft)
    {
        if (fault is BadHttpRequestException { StatusCode: StatusCodes.Status413PayloadTooLarge })
            return new Refusal(Problem.BodyTooLarge);
        // The body broke, or came too slowly, while its sender waits for the answer.
        if (fault is BadHttpRequestException && !hasLeft)
            return new Refusal(Problem.RequestMalformed) { Reason = "the body could not be read" };
        if (fault is OperationCanceledException or IOException)
            return new Refusal(Problem.CallerGone) { Reason = "the caller left before the answer" };
        // A message may quote what was being read; the type and the place never do.
        log.LogError("Exchange {ExchangeId} failed with {Fault} at {Place}", facts.Id, fault.GetType().Name, fault.TargetSite?.Name);
        return new Refusal(Problem.InternalFault);
    }

    private async Task SendAsync(HttpContext http, ExchangeFacts facts, Refusal refusal, ReadOnlyMemory<byte> body, Receipt? receipt)
    {
        var response = Prepare(
            http,
            refusal.Problem.Status,
            IsFhir(http) ? OperationOutcomeWriter.ContentType : ProblemDocument.ContentType
        );
        response.Headers.ContentLanguage = Language(http);
        if (receipt is not null)
            Headers(response, receipt, facts.Id, facts.Salt);
        Limits(response, refusal.Quota ?? facts.Share?.State);
        if (refusal.RetryAfterSeconds is { } seconds)
            response.Headers.RetryAfter = Text(seconds);
        if (refusal.Challenge.Count > 0)
            response.Headers.WWWAuthenticate = refusal.Challenge;
        // A 401 without a challenge is none (RFC 9110, section 15.5.2).
        else if (response.StatusCode == StatusCodes.Status401Unauthorized)
            response.Headers.WWWAuthenticate = "Bearer";
        if (refusal.Problem == Problem.ContentEncodingUnsupported)
            response.Headers.AcceptEncoding = "identity";
        // What is left of a body that was not read is not worth a connection's time.
        if (refusal.Problem.Status is 413 or 400 || refusal.Problem == Problem.ConnectionLimitReached)
            response.Headers.Connection = "close";
        await WriteAsync(http, body);
        meters.Ended(facts.Operation ?? "none", refusal.Problem.Code, time.GetElapsedTime(facts.ArrivedAt));
    }

    private static HttpResponse Prepare(HttpContext http, int status, string? contentType)
    {
        // What leaves waits for nobody but its caller.
        http.Turn()?.Dispose();
        var response = http.Response;
        response.Clear();
        response.StatusCode = status;
        response.ContentType = contentType;
        response.Headers.CacheControl = "no-store";
        return response;
    }

    // From step 4 on, refusals included: the tightest quota that applied, or the one that is used up.
    private void Limits(HttpResponse response, QuotaState? known)
    {
        if (known is not { } quota)
            return;
        response.Headers["RateLimit-Limit"] = Text(quota.Limit);
        response.Headers["RateLimit-Remaining"] = Text(quota.Remaining);
        response.Headers["RateLimit-Reset"] = Text(quota.SecondsTo(time.GetUtcNow()));
    }

    private static void Headers(HttpResponse response, Receipt receipt, string exchangeId, byte[] salt) =>
        response.Headers[ReceiptHeader.Name] = ReceiptHeader.Format(receipt, exchangeId, salt);

    // The caller may be gone; the record stands all the same.
    private static async Task WriteAsync(HttpContext http, ReadOnlyMemory<byte> body)
    {
        http.Response.ContentLength = body.Length;
        await http.Response.BodyWriter.WriteAsync(body, http.RequestAborted);
    }

    private static ReadOnlyMemory<byte> Body(HttpContext http, ExchangeFacts facts, Refusal refusal, string record)
    {
        var buffer = new ArrayBufferWriter<byte>(1024);
        if (IsFhir(http))
            OperationOutcomeWriter.Write(buffer, refusal, record, Language(http), facts.Entitlement?.Operation.FhirType, facts.Registry);
        else
            ProblemDocument.Write(buffer, refusal, record, Language(http), facts.Registry);
        return buffer.WrittenMemory;
    }

    private void Explain(ExchangeFacts facts, Refusal refusal)
    {
        if (refusal.Reason is null)
            return;
        var client = facts.Caller?.Client.Id ?? "a stranger";
        var (code, rule, reason) = (refusal.Problem.Code, refusal.Rule, refusal.Reason);
        log.LogInformation("Exchange {ExchangeId} of {Client}: {Code} {Rule}, {Reason}", facts.Id, client, code, rule, reason);
    }

    // In FHIR a refusal is an OperationOutcome, unless the caller likes a problem document better.
    private static bool IsFhir(HttpContext http) =>
        http.Request.Path.StartsWithSegments("/fhir", StringComparison.Ordinal)
        && Accepted.Best(http.Request, Outcomes) != ProblemDocument.ContentType;

    private static string Language(HttpContext http) => Languages.Negotiate(http.Request.Headers.AcceptLanguage);

    private static string Text(long value) => value.ToString(CultureInfo.InvariantCulture);
}
