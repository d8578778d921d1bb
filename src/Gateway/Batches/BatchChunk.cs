using System.Buffers;
using Gateway.Audit;
using Gateway.Authorization;
using Gateway.Authorization.Dossiers;
using Gateway.Minimization;
using Gateway.Problems;
using Gateway.Quotas;
using Gateway.Requests;
using Ledger;

namespace Gateway.Batches;

/// <summary>
/// One chunk of a batch. Each line passes the same gate, quota, release and sealing as a single question; the chunk shares one call
/// to each source and one group in the ledger.
/// </summary>
/// <remarks>
/// Order: results at rest, records sealed, lines readable. <i>A crash before the records are durable: the lines are asked again, what
/// rests is void. A crash after: nothing is lost and nothing is asked twice.</i>
/// </remarks>
internal sealed class BatchChunk(Intake intake, DossierRegister dossiers, IQuotaBook quotas, ChunkSources sources, Sealing sealing, TimeProvider time)
{
    private static readonly TimeSpan QuotaPause = TimeSpan.FromMilliseconds(250);
    private static readonly TimeSpan SeatPause = TimeSpan.FromMilliseconds(100);

    /// <summary>Begins to read a batch.</summary>
    public BatchCursor Begin(Batch batch)
    {
        var (entitlement, registry) = (batch.Entitlement, batch.Entitlement.Registry);
        var reader = new BatchReader(registry.Operations[entitlement.Operation.BatchOf!], entitlement.Grant, entitlement.Granted);
        return new BatchCursor(reader, BatchReader.Lines(batch.Body).GetEnumerator());
    }

    /// <summary>Is it outside the hours of the batch's grant, or can nobody rely on the clock? Its chunks wait.</summary>
    public bool IsClosed(Batch batch) => intake.ClockIsOff || batch.Entitlement.ClosedForSeconds(intake.Now) is not null;

    /// <summary>Works one chunk off; false when there was none left.</summary>
    /// <exception cref="LedgerUnavailable">The records could not be sealed: nothing became readable, the chunk is asked again.</exception>
    public async Task<bool> RunAsync(Batch batch, BatchCursor cursor, CancellationToken stopping)
    {
        using var either = CancellationTokenSource.CreateLinkedTokenSource(stopping, batch.Stopped);
        var chunk = cursor.Chunk(ChunkSources.ChunkSize(batch.Entitlement), intake.Today);
        if (chunk.Count == 0) return false;
        Reservation? seat;
        while (!sealing.TryReserve(chunk.Count * 2, out seat)) await Task.Delay(SeatPause, time, either.Token);
        using var taken = seat;
        var stopped = intake.Stopped(batch.Entitlement.Caller, batch.Entitlement.Agreement);
        var works = chunk.Select(line => Decide(batch, line.Line, line.Number, stopped)).ToList();
        try
        {
            await ShareAsync(works);
            if (works.Count == 0)
            {
                await Task.Delay(QuotaPause, time, either.Token);
                return true;
            }

            await AskAsync(batch, works, seat, either.Token);
            await FinishAsync(batch, works, seat);
            if (stopped is not null) batch.Stop(stopped, time.GetUtcNow(), works.Count);
            cursor.Advance(works.Count);
            return true;
        }
        finally
        {
            foreach (var work in works) work.Dispose();
        }
    }

    /// <summary>Seals that a batch has all its results.</summary>
    public async Task SealCompletionAsync(Batch batch)
    {
        if (!sealing.TryReserve(1, out var seat)) return;
        using (seat)
        {
            var size = new BatchSize(batch.Lines, batch.Bytes, Status: 0, Digest: null);
            await sealing.SealAsync("batch", Ulid.New(time), batch.Id, batch.Submission, "completed", size, seat);
        }
    }

    /// <summary>Gives the batch's place back.</summary>
    public void Close(Batch batch) => quotas.CloseBatch(batch.Entitlement, batch.Id);

    private BatchLineWork Decide(Batch batch, BatchLine line, int number, Refusal? stopped)
    {
        var facts = new ExchangeFacts
        {
            Id = Ulid.New(time), Registry = batch.Submission.Registry, Status = batch.Submission.Status, Operation = batch.Submission.Operation, Address = batch.Submission.Address,
            CertificateThumbprint = batch.Submission.CertificateThumbprint, Trace = batch.Submission.Trace, Salt = batch.Submission.Salt,
            ArrivedAt = time.GetTimestamp(), Batch = (batch.Id, number), Caller = batch.Submission.Caller, Entitlement = batch.Entitlement,
            Agent = batch.Submission.Agent, CaseReference = batch.Submission.CaseReference, ConsentReference = batch.Submission.ConsentReference,
        };
        var work = new BatchLineWork(new AnswerLine(line.Reference, facts.Id), facts);
        if (stopped is not null) return Refused(work, stopped);
        if (!line.Request.Allows(out var request, out var refusal)) return Refused(work, refusal);
        facts.Person = intake.PersonOf(batch.Entitlement.Operation.Sector, request.Subject);
        if (!Permit.Decide(batch.Entitlement, request, facts.Person, dossiers, intake.Today).Allows(out var permit, out refusal))
        {
            // It tells something about the person, or nothing: the share is asked for all the same, see ShareAsync.
            facts.Gate = refusal.Gate;
            return Refused(work, refusal);
        }

        facts.Gate = permit.Obligations.Gate;
        work.Permit = permit;
        return work;
    }

    // Shares are asked for together, in the order of the lines. From the first line on that only waits for calls under way, or for the next
    // second, the chunk is cut: those lines are no refusals, they come again with the next chunk.
    private async Task ShareAsync(List<BatchLineWork> works)
    {
        var asked = works.FindAll(static work => work.Permit is not null || work.Facts.Gate is not null);
        var taken = await Task.WhenAll(asked.Select(work => quotas.TakeAsync(work.Facts.Entitlement!, work.Facts.Person!, work.Facts.Id, work.Facts.Agent).AsTask()));
        BatchLineWork? waits = null;
        foreach (var (work, verdict) in asked.Zip(taken))
        {
            if (verdict.Allows(out var lease, out var refusal)) Begin(work, lease);
            else if (refusal.Quota is { IsPassing: true } || refusal.Problem == Problem.Overloaded) waits ??= work;
            else Refused(work, refusal);
        }

        if (waits is null) return;
        var cut = works.IndexOf(waits);
        foreach (var later in works[cut..]) later.Dispose();
        works.RemoveRange(cut, works.Count - cut);
    }

    private void Begin(BatchLineWork work, QuotaLease lease)
    {
        work.Lease = lease;
        if (work.Permit is { } permit) work.Combination = sources.Begin(permit);
        else work.Charge = Charge.Refused;
    }

    private static BatchLineWork Refused(BatchLineWork work, Refusal refusal)
    {
        work.Refusal = refusal;
        return work;
    }

    private async Task AskAsync(Batch batch, List<BatchLineWork> works, Reservation seat, CancellationToken cancellation)
    {
        try
        {
            await sources.AskAsync(batch.Entitlement, works, cancellation);
            cancellation.ThrowIfCancellationRequested();
        }
        catch (OperationCanceledException)
        {
            await SealAskedAsync(batch, works, seat);
            throw;
        }
    }

    // Cancelled, or the gateway stops: nobody will read this chunk, but some of its persons were asked about. Their records say so, that nothing
    // came of it, and that it was not the source's doing.
    private async Task SealAskedAsync(Batch batch, List<BatchLineWork> works, Reservation seat)
    {
        var left = batch.Stopped.IsCancellationRequested ? new Refusal(Problem.CallerGone) : new Refusal(Problem.Interrupted);
        var records = new List<SealedRecord>();
        foreach (var work in works)
            if (work.Facts.Legs.Any(static leg => leg.Sent)) sealing.Add(records, work.Facts, left, ReadOnlyMemory<byte>.Empty);
        if (records.Count > 0) await sealing.SealChunkAsync(records, seat);
    }

    private async Task FinishAsync(Batch batch, List<BatchLineWork> works, Reservation seat)
    {
        var results = new ArrayBufferWriter<byte>(works.Count * 384);
        var records = new List<SealedRecord>(works.Count);
        var outcomes = new Dictionary<string, int>(StringComparer.Ordinal);
        foreach (var work in works)
        {
            var outcome = Write(work, results, records);
            outcomes[outcome] = outcomes.GetValueOrDefault(outcome) + 1;
        }

        try
        {
            batch.Keep(results.WrittenSpan);
        }
        catch (ObjectDisposedException)
        {
            // Its owner cancelled it a moment ago.
            await SealAskedAsync(batch, works, seat);
            throw;
        }

        if (!(await sealing.SealChunkAsync(records, seat)).Allows(out _, out var refusal))
        {
            batch.Forget();
            throw new LedgerUnavailable(refusal.Reason ?? "the ledger is unavailable");
        }

        foreach (var work in works) work.Lease?.Settle(work.Charge);
        batch.Publish(results.WrittenSpan, outcomes);
    }

    private string Write(BatchLineWork work, ArrayBufferWriter<byte> results, List<SealedRecord> records)
    {
        var verdict = work.Refusal is { } earlier ? earlier : sources.Conclude(work);
        if (verdict.Allows(out var disclosure, out var refusal))
        {
            work.Charge = Charges.Of(disclosure.MatchStatus);
            sealing.Add(records, work.Facts, disclosure, work.Permit!.Obligations.HiddenRule);
            Append(results, disclosure.Body.Span);
            return disclosure.MatchStatus;
        }

        work.Refusal = refusal;
        var body = DisclosureWriter.WriteUnanswered(work.Line, refusal);
        sealing.Add(records, work.Facts, refusal, body);
        Append(results, body);
        return refusal.Problem.Rule.StartsWith("REQ", StringComparison.Ordinal) ? "INVALID" : MatchStatus.Unavailable;
    }

    private static void Append(ArrayBufferWriter<byte> results, ReadOnlySpan<byte> line)
    {
        results.Write(line);
        results.Write("\n"u8);
    }
}
