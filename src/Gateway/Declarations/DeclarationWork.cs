using System.Buffers;
using Gateway.Audit;
using Gateway.Authorization.Dossiers;
using Gateway.Observability;
using Gateway.Problems;
using Gateway.Quotas;
using Ledger;
using Ledger.Subjects;

namespace Gateway.Declarations;

/// <summary>
/// Does what was declared, 500 lines at a time: decide in a turn of the register, seal, commit. Nobody's gate opens without a record.
/// </summary>
/// <remarks>
/// <i>A crash before the records of a chunk are durable: nothing of it happened. After them and before the commit: records of declarations
/// that had no effect, the safe side. After the commit: the caller repeats, and the lines are UNCHANGED or, once the last chunk is
/// committed and with it the answer, the same answer is given again.</i>
/// </remarks>
internal sealed class DeclarationWork(
    Intake intake,
    DossierRegister register,
    IQuotaBook quotas,
    Sealing sealing,
    DossierMeters meters,
    TimeProvider time
)
{
    private const int Chunk = 500;
    private static readonly TimeSpan SeatPause = TimeSpan.FromMilliseconds(20),
        Patience = TimeSpan.FromSeconds(2);

    /// <summary>Declares all lines of a call.</summary>
    /// <exception cref="DossiersUnavailable">The register's store does not answer; chunks before it are done.</exception>
    public async ValueTask<Verdict<DeclarationReply>> RunAsync(DeclarationCall call, Reservation seat, CancellationToken cancellation)
    {
        if (!call.IsBatch)
            return await SingleAsync(call, seat, cancellation);
        if (!(await quotas.OpenBatchAsync(call.Entitlement, call.Facts.Id)).Allows(out _, out var full))
            return full;
        try
        {
            if (await IntendAsync(call, cancellation) is { } unsealed)
                return unsealed;
            foreach (var lines in call.Lines.Chunk(Chunk))
                if (await ChunkAsync(call, lines, isLast: lines[^1].Number == call.Lines.Count, cancellation) is { } refusal)
                    return refusal;
        }
        finally
        {
            quotas.CloseBatch(call.Entitlement, call.Facts.Id);
        }

        if (!(await CloseAsync(call, "declared", call.Intent, call.Answer.WrittenMemory, seat)).Allows(out var receipt, out var lost))
            return lost;
        return new DeclarationReply(call.Answer.WrittenMemory, IsBatch: true, "declared", receipt);
    }

    /// <summary>Seals what the call as a whole came to; its receipt lets the answer out.</summary>
    public ValueTask<Verdict<Receipt>> CloseAsync(
        DeclarationCall call,
        string act,
        string? reference,
        ReadOnlyMemory<byte> body,
        Reservation seat
    )
    {
        var size = new BatchSize(
            call.IsBatch ? call.Lines.Count : 0,
            body.Length,
            StatusCodes.Status200OK,
            SaltedDigest.Compute(call.Facts.Salt, body.Span)
        );
        return sealing.SealAsync("batch", call.Facts.Id, reference, call.Facts, act, size, seat);
    }

    private async ValueTask<Verdict<DeclarationReply>> SingleAsync(DeclarationCall call, Reservation seat, CancellationToken cancellation)
    {
        using var turn = await register.BeginAsync(cancellation);
        if (!turn.Renew(call.Scope, call.Facts.Id))
            return DeclarationKeys.Busy(call, call.Asked);
        var line = call.Lines[0];
        var facts = call.Facts;
        if (!(await quotas.TakeMissAsync(call.Entitlement, facts.Id)).Allows(out var miss, out var refusal))
            return refusal;
        using var taken = miss;
        // After all that may have been waited for: the law that counts is that of now.
        if (intake.Lapsed(call.Entitlement, facts, out _) is { } lapsed)
            return lapsed;
        var verdict = Decide(turn, line, facts);
        if (!verdict.Allows(out var outcome, out refusal))
        {
            miss.Settle(Charges.Of(refusal));
            return refusal;
        }

        var body = DeclarationAnswers.Single(outcome);
        call.Intent = Ulid.New(time);
        // The intent refers to the declaration that opened the dossier, the record of the effect to the intent.
        using (var first = await SeatAsync(1, cancellation))
        {
            if (first is null)
                return Sealing.Unavailable(lost: null);
            if ((await sealing.SealIntentAsync(facts, call.Intent, first)).Refusal is { } unsealed)
                return unsealed;
        }

        facts.About = call.Intent;
        if (!(await sealing.SealWriteAsync(facts, body, seat)).Allows(out var receipt, out var lost))
            return lost;
        Keep(turn, call, body.Span);
        turn.Commit();
        return new DeclarationReply(body, IsBatch: false, DeclarationAnswers.Word(outcome), receipt);
    }

    private async ValueTask<Refusal?> IntendAsync(DeclarationCall call, CancellationToken cancellation)
    {
        call.Intent = Ulid.New(time);
        using var seat = await SeatAsync(1, cancellation);
        if (seat is null)
            return Sealing.Unavailable(lost: null);
        return (
            await sealing.SealAsync(
                "intent",
                call.Intent,
                reference: null,
                call.Facts,
                act: null,
                new BatchSize(call.Lines.Count, 0, 0, Digest: null),
                seat
            )
        ).Refusal;
    }

    private async ValueTask<Refusal?> ChunkAsync(DeclarationCall call, DeclarationLine[] lines, bool isLast, CancellationToken cancellation)
    {
        using var turn = await register.BeginAsync(cancellation);
        // Not before: declarations that wait for the register would fill the log's room, and others could not be recorded.
        using var seat = await SeatAsync(lines.Length, cancellation);
        if (seat is null)
            return Sealing.Unavailable(lost: null);
        if (!turn.Renew(call.Scope, call.Facts.Id))
            return DeclarationKeys.Busy(call, call.Asked);
        if (!intake.IsCertain)
            return new Refusal(Problem.Overloaded) { RetryAfterSeconds = 5, Reason = "the status list could not be read for a minute" };
        // The turn may have been waited for: the law that counts is that of now.
        var law = FactsOf(call.Facts, batch: null);
        var reader = intake.Readmit(call.Entitlement, law).Allows(out var now, out var stopped) ? new DeclarationReader(now) : null;
        var records = new List<SealedRecord>(lines.Length);
        using var misses = new Misses(quotas);
        foreach (var line in lines)
        {
            var facts = FactsOf(law, (call.Facts.Id, line.Number));
            var refused = stopped ?? await misses.TakeAsync(facts);
            var verdict = refused ?? Decide(turn, line.Under(reader!), facts);
            misses.Note(verdict.Refusal);
            var body = DeclarationAnswers.Line(line.Reference, facts.Id, verdict, time.GetUtcNow());
            if (verdict.Refusal is { } refusal)
                sealing.Add(records, facts, refusal, body);
            else
                sealing.AddWrite(records, facts, body);
            call.Answer.Write(body.Span);
        }

        if ((await sealing.SealChunkAsync(records, seat)).Refusal is { } lost)
            return lost;
        misses.Charge();
        if (isLast)
            Keep(turn, call, call.Answer.WrittenSpan);
        turn.Commit();
        return null;
    }

    private Verdict<DeclaredOutcome> Decide(DeclarationTurn turn, DeclarationLine line, ExchangeFacts facts)
    {
        var entitlement = facts.Entitlement!;
        if (!line.Content.Allows(out var content, out var refusal))
            return refusal;
        facts.Person = intake.PersonOf(content.Sector, content.Subject);
        facts.Act = content.Act.ToString().ToUpperInvariant();
        var declaration = new Declaration(0, register.HandleOf(facts.Person), content.Act, content.From, content.To, content.Province);
        var (agreement, id) = (entitlement.Agreement.Id, ExchangeNumber.Of(facts.Id));
        var outcome = turn.Declare(agreement, content.Quality, declaration, id, out var opening);
        meters.Declared(agreement, facts.Act, outcome);
        if (outcome == DeclaredOutcome.Conflict)
        {
            // This refusal tells something about the person, so it costs a miss like every other that does.
            facts.Gate = content.Act == DeclaredAct.Open ? "open" : "none";
            return new Refusal(Problem.StateConflict) { Clause = entitlement.Clause, Gate = facts.Gate };
        }

        if (outcome == DeclaredOutcome.Unchanged)
            facts.Act = "UNCHANGED";
        else if (content.Act != DeclaredAct.Open)
            Refer(turn.ExchangeOf(opening), content, agreement, facts);
        return outcome;
    }

    // Closing and moving point at the record of the opening: a dossier opened, used once and closed within a day is found by it.
    private void Refer(UInt128 opening, DeclarationContent content, string agreement, ExchangeFacts facts)
    {
        facts.About = ExchangeNumber.Text(opening);
        if (opening != 0 && content.Act == DeclaredAct.Close && time.GetUtcNow() - ExchangeNumber.TimeOf(opening) < TimeSpan.FromDays(1))
            meters.Brief(agreement);
    }

    private void Keep(DeclarationTurn turn, DeclarationCall call, ReadOnlySpan<byte> answer) =>
        turn.KeepAnswer(call.Scope, call.Facts.Id, KeptAnswers.Pack(answer), time.GetUtcNow());

    private ExchangeFacts FactsOf(ExchangeFacts of, (string Id, int Line)? batch) => of.Part(Ulid.New(time), batch, time.GetTimestamp());

    // Null when the log has no room for too long: the caller is not left waiting for it.
    private async ValueTask<Reservation?> SeatAsync(int records, CancellationToken cancellation)
    {
        var began = time.GetTimestamp();
        while (true)
        {
            if (sealing.TryReserve(records, out var seat))
                return seat;
            if (time.GetElapsedTime(began) > Patience)
                return null;
            await Task.Delay(SeatPause, time, cancellation);
        }
    }
}
