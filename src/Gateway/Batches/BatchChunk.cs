using Gateway.Admission;
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
/// A batch is accepted once and admitted anew for each chunk: before it is read, before each source is asked, and before its records are
/// sealed. What was stopped meanwhile is neither asked nor released, and nothing leaves that the law of either moment does not release.
/// Order: results at rest, records sealed, lines readable. <i>A crash before the records are durable: the lines are asked again, what rests
/// is void. A crash after: nothing is lost and nothing is asked twice.</i>
/// </remarks>
internal sealed class BatchChunk(
    Intake intake,
    DossierRegister dossiers,
    IQuotaBook quotas,
    ChunkSources sources,
    ChunkSealing sealing,
    TimeProvider time
)
{
    private static readonly TimeSpan StatusPause = TimeSpan.FromSeconds(1);

    /// <summary>Begins to read a batch.</summary>
    public BatchCursor Begin(Batch batch)
    {
        var (entitlement, registry) = (batch.Entitlement, batch.Entitlement.Registry);
        var reader = new BatchReader(registry.Operations[entitlement.Operation.BatchOf!], entitlement.Grant, entitlement.Granted);
        return new BatchCursor(reader, BatchReader.Lines(batch.Body).GetEnumerator());
    }

    /// <summary>Works one chunk off, under the law of this moment.</summary>
    /// <param name="batch">The batch.</param>
    /// <param name="cursor">How far it is.</param>
    /// <param name="turn">The chunk's turn, given back while it waits for anything.</param>
    /// <param name="ended">Its owner cancelled it, or the gateway stops.</param>
    /// <exception cref="LedgerUnavailable">The records could not be sealed: nothing became readable, the chunk is asked again.</exception>
    public async Task<ChunkEnd> RunAsync(Batch batch, BatchCursor cursor, Turn turn, CancellationToken ended)
    {
        await turn.Outside(CertainAsync(ended));
        // Whether an agreement is in force, and open, is told by a clock.
        if (intake.ClockIsOff)
            return ChunkEnd.Closed;
        var size = cursor.Left(ChunkSources.ChunkSize(batch.Entitlement));
        if (size == 0)
            return ChunkEnd.Complete;
        // Nobody is asked about while the log has no room. It is not kept meanwhile: institutions that take long would leave no room for
        // anybody else.
        using (await turn.Outside(sealing.RoomAsync(size, ended))) { }

        var law = Admit(batch);
        if (law.Terms.Refusal?.Problem == Problem.OutsideHours)
            return ChunkEnd.Closed;
        batch.Start();
        var terms = law.Terms.Allows(out var admitted, out var refusal) ? admitted : batch.Entitlement;
        size = Math.Min(size, ChunkSources.ChunkSize(terms));
        var works = cursor.Chunk(size, terms, intake.Today).Select(line => Decide(batch, law, line.Line, line.Number)).ToList();
        try
        {
            await ShareAsync(works, turn);
            if (works.Count == 0)
                return ChunkEnd.Shared;
            bool MayAsk() => (refusal ??= intake.IsCurrent(law.Facts) ? null : Admit(batch).Terms.Refusal) is null;
            await sources.AskAsync(terms, works, turn, MayAsk, ended);
            ended.ThrowIfCancellationRequested();
            // For what came of it.
            using var room = await turn.Outside(sealing.RoomAsync(works.Count, ended));
            if (Again(batch, law, refusal, works) is { } stopped)
                batch.Stop(stopped, time.GetUtcNow(), works.Count(work => ReferenceEquals(work.Refusal, stopped)));
            await turn.Outside(sealing.FinishAsync(batch, works, room));
            cursor.Advance(works.Count);
            return ChunkEnd.More;
        }
        catch (Exception fault) when (fault is not LedgerUnavailable)
        {
            // Whatever became of the chunk: who was asked about has a record.
            await turn.Outside(sealing.SealAskedAsync(batch, works, ended.IsCancellationRequested));
            throw;
        }
        finally
        {
            foreach (var work in works)
                work.Dispose();
        }
    }

    /// <summary>Gives the batch's place back.</summary>
    public void Close(Batch batch) => quotas.CloseBatch(batch.Entitlement, batch.Id);

    private async ValueTask<bool> CertainAsync(CancellationToken ended)
    {
        while (!intake.IsCertain)
            await Task.Delay(StatusPause, time, ended);
        return true;
    }

    // The law of a chunk: what its owner may ask now, or why not.
    private (ExchangeFacts Facts, Verdict<Entitlement> Terms) Admit(Batch batch)
    {
        var facts = FactsOf(batch.Submission, batch: null);
        var verdict = batch.Ended is { } ended ? ended : intake.Readmit(batch.Entitlement, facts);
        // Of a token that was stopped nothing is known once it would have expired: what was handed in with it stays stopped.
        if (verdict.Refusal?.Problem == Problem.TokenNotAccepted)
            batch.Ended = verdict.Refusal;
        return (facts, verdict);
    }

    private ExchangeFacts FactsOf(ExchangeFacts of, (string Id, int Line)? batch) => of.Part(Ulid.New(time), batch, time.GetTimestamp());

    private BatchLineWork Decide(Batch batch, (ExchangeFacts Facts, Verdict<Entitlement> Terms) law, BatchLine line, int number)
    {
        var facts = FactsOf(law.Facts, (batch.Id, number));
        var work = new BatchLineWork(new AnswerLine(line.Reference, facts.Id), facts);
        if (!law.Terms.Allows(out var terms, out var refusal))
            return Refused(work, refusal);
        if (!line.Request.Allows(out var request, out refusal))
            return Refused(work, Intake.Named(refusal, terms.Agreement, terms.Grant, terms.Operation.Id));
        facts.Person = intake.PersonOf(terms.Operation.Sector, request.Subject);
        if (!Permit.Decide(terms, request, facts.Person, dossiers, intake.Today).Allows(out var permit, out refusal))
        {
            // It tells something about the person, or nothing: the share is asked for all the same, see ShareAsync.
            facts.Gate = refusal.Gate;
            return Refused(work, refusal);
        }

        facts.Gate = permit.Obligations.Gate;
        work.Permit = permit;
        return work;
    }

    // The law once more, now that the sources have answered: null when nothing has stopped the chunk.
    private Refusal? Again(Batch batch, (ExchangeFacts Facts, Verdict<Entitlement> Terms) law, Refusal? stopped, List<BatchLineWork> works)
    {
        if (law.Terms.Refusal is not null || (stopped is null && intake.IsCurrent(law.Facts)))
            return stopped;
        var now = Admit(batch);
        stopped ??= now.Terms.Refusal;
        foreach (var work in works)
        {
            if (work.Refusal is not null || work.Permit is not { } permit)
                continue;
            (work.Facts.Registry, work.Facts.Status, work.Facts.Caller, work.Facts.Entitlement) = (
                now.Facts.Registry,
                now.Facts.Status,
                now.Facts.Caller,
                now.Facts.Entitlement
            );
            if (stopped is not null || !now.Terms.Allows(out var terms, out _))
                Refused(work, stopped!);
            else if (Permit.Decide(terms, permit.Request, permit.Person, dossiers, intake.Today).Allows(out var fresh, out var refusal))
                Renew(work, permit, fresh);
            else
            {
                (work.Facts.Gate, work.Charge) = (refusal.Gate, Charges.Of(refusal));
                Refused(work, refusal);
            }
        }

        return stopped;
    }

    private void Renew(BatchLineWork work, Permit asked, Permit fresh)
    {
        work.Facts.Gate = fresh.Obligations.Gate;
        // Written with the contract under which the sources answered, and with the fields of both laws.
        work.Permit = asked.Within(fresh.Entitlement.Granted);
        if (fresh.Obligations.HiddenRule is not null && asked.Obligations.HiddenRule is null)
            (work.Permit, work.Combination) = (fresh, sources.Unknown(fresh));
        if (sources.Lapsed(fresh.Entitlement, work.Combination!) is { } lapsed)
            Refused(work, lapsed);
    }

    // Shares are asked for together, in the order of the lines. From the first line on that only waits for calls under way, or for the next
    // second, the chunk is cut: those lines are no refusals, they come again with the next chunk.
    private async Task ShareAsync(List<BatchLineWork> works, Turn turn)
    {
        var asked = works.FindAll(static work => work.Permit is not null || work.Facts.Gate is not null);
        var shares = asked.Select(work =>
            quotas.TakeAsync(work.Facts.Entitlement!, work.Facts.Person!, work.Facts.Id, work.Facts.Agent).AsTask()
        );
        var taken = await turn.Outside(new ValueTask<Verdict<QuotaLease>[]>(Task.WhenAll(shares)));
        BatchLineWork? waits = null;
        foreach (var (work, verdict) in asked.Zip(taken))
        {
            if (verdict.Allows(out var lease, out var refusal))
                Begin(work, lease);
            else if (refusal.Quota is { IsPassing: true } || refusal.Problem == Problem.Overloaded)
                waits ??= work;
            else
                Refused(work, refusal);
        }

        if (waits is null)
            return;
        var cut = works.IndexOf(waits);
        foreach (var later in works[cut..])
            later.Dispose();
        works.RemoveRange(cut, works.Count - cut);
    }

    private void Begin(BatchLineWork work, QuotaLease lease)
    {
        work.Lease = lease;
        if (work.Permit is { } permit)
            work.Combination = sources.Begin(permit);
        else
            work.Charge = Charge.Refused;
    }

    private static BatchLineWork Refused(BatchLineWork work, Refusal refusal)
    {
        work.Refusal = refusal;
        return work;
    }
}

/// <summary>How a chunk ended.</summary>
internal enum ChunkEnd
{
    /// <summary>There may be more lines.</summary>
    More,

    /// <summary>There was none left.</summary>
    Complete,

    /// <summary>It is outside the hours of the grant: the batch waits for the next opening.</summary>
    Closed,

    /// <summary>Calls under way hold what is left of the quotas: they are done in a moment.</summary>
    Shared,

    /// <summary>Its records could not be sealed: it is asked again.</summary>
    Unsealed,
}
