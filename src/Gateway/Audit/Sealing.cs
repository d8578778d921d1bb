using System.Diagnostics.CodeAnalysis;
using Gateway.Admission;
using Gateway.Minimization;
using Gateway.Problems;
using Ledger;
using Ledger.Subjects;

namespace Gateway.Audit;

/// <summary>
/// Step 7: makes an exchange's record and has it sealed. What it gives back, a <see cref="Receipt"/>, is the only thing that
/// opens the way out.
/// </summary>
internal sealed class Sealing(ILedger ledger, SubjectKeys keys, TimeProvider time)
{
    /// <summary>State of the ledger, for readiness.</summary>
    public LedgerState State => ledger.State;

    /// <summary>
    /// Takes room for <paramref name="records"/> records before anything else is done. False: answer 503 and fetch nothing.
    /// </summary>
    public bool TryReserve(int records, [NotNullWhen(true)] out Reservation? seat) => ledger.TryReserve(records, out seat);

    /// <summary>
    /// Seals a disclosure. <i>A crash after this and before release leaves a record of a disclosure that never arrived: the safe side.</i>
    /// </summary>
    public ValueTask<Verdict<Receipt>> SealAsync(ExchangeFacts facts, Disclosure disclosure, string? hiddenRule, Reservation seat) =>
        AppendAsync(facts.Turn, seat, RecordsOf(facts, disclosure, hiddenRule));

    /// <summary>Seals that a party was given the record of an exchange, or its proof.</summary>
    public ValueTask<Verdict<Receipt>> SealAsync(ExchangeFacts facts, int status, ReadOnlyMemory<byte> body, Reservation seat)
    {
        var outcome = new Outcome
        {
            Result = "permit",
            Status = status,
            Length = body.Length,
            ResponseDigest = body.IsEmpty ? null : SaltedDigest.Compute(facts.Salt, body.Span),
            TotalMilliseconds = Elapsed(facts),
        };
        return AppendAsync(facts.Turn, seat, [SealedRecord.Of(AuditRecord.Write("access", facts, outcome, keys, time.GetUtcNow()))]);
    }

    /// <summary>Seals a refusal or a fault with everything that was known when it was made.</summary>
    public ValueTask<Verdict<Receipt>> SealAsync(ExchangeFacts facts, Refusal refusal, ReadOnlyMemory<byte> body, Reservation seat) =>
        AppendAsync(facts.Turn, seat, [RecordOf(facts, refusal, body)]);

    /// <summary>Seals identical refusals of one second together; each was told already, with the id of this record.</summary>
    public ValueTask<Verdict<Receipt>> SealAsync(CountedRefusals counted, Reservation seat) =>
        AppendAsync(turn: null, seat, [CountedRecord.Of(counted, keys, time.GetUtcNow())]);

    /// <summary>Seals that a write is about to happen, before it does.</summary>
    /// <param name="facts">What is known; <see cref="ExchangeFacts.About"/> says what it continues.</param>
    /// <param name="intent">Id of the intent; the record of the outcome refers to it.</param>
    /// <param name="seat">Room for one record.</param>
    public ValueTask<Verdict<Receipt>> SealIntentAsync(ExchangeFacts facts, string intent, Reservation seat) =>
        AppendAsync(facts.Turn, seat, [SealedRecord.Of(AuditRecord.WriteIntent(intent, facts, keys, time.GetUtcNow()))]);

    /// <summary>
    /// Seals what a write comes to, before it takes effect: the gateway's own writes fail after this only by a record too many.
    /// </summary>
    public ValueTask<Verdict<Receipt>> SealWriteAsync(ExchangeFacts facts, ReadOnlyMemory<byte> body, Reservation seat) =>
        AppendAsync(facts.Turn, seat, [Written(facts, body)]);

    /// <summary>The same for what stops or goes on: the record of the call and that of the stop itself, together or not at all.</summary>
    public ValueTask<Verdict<Receipt>> SealWriteAsync(
        ExchangeFacts facts,
        ReadOnlyMemory<byte> body,
        SealedRecord? stop,
        Reservation seat
    ) => AppendAsync(facts.Turn, seat, stop is { } second ? [Written(facts, body), second] : [Written(facts, body)]);

    /// <summary>Adds the record of a write, one line of a batch, to those of its chunk.</summary>
    public void AddWrite(ICollection<SealedRecord> records, ExchangeFacts facts, ReadOnlyMemory<byte> body) =>
        records.Add(Written(facts, body));

    /// <summary>Seals an event of a batch.</summary>
    /// <param name="kind">batch, release.begin or release.end.</param>
    /// <param name="id">The event's own id.</param>
    /// <param name="reference">What it continues.</param>
    /// <param name="facts">What was known.</param>
    /// <param name="act">What happened.</param>
    /// <param name="size">Figures.</param>
    /// <param name="seat">Room for one record.</param>
    public ValueTask<Verdict<Receipt>> SealAsync(
        string kind,
        string id,
        string? reference,
        ExchangeFacts facts,
        string? act,
        BatchSize size,
        Reservation seat
    ) =>
        AppendAsync(
            facts.Turn,
            seat,
            [SealedRecord.Of(AuditRecord.WriteBatch(kind, id, reference, facts, act, size, keys, time.GetUtcNow()))]
        );

    /// <summary>Adds the records of one line of a batch to those of its chunk.</summary>
    public void Add(ICollection<SealedRecord> records, ExchangeFacts facts, Disclosure disclosure, string? hiddenRule)
    {
        foreach (var record in RecordsOf(facts, disclosure, hiddenRule))
            records.Add(record);
    }

    /// <summary>Adds the record of one line that was refused.</summary>
    public void Add(ICollection<SealedRecord> records, ExchangeFacts facts, Refusal refusal, ReadOnlyMemory<byte> body) =>
        records.Add(RecordOf(facts, refusal, body));

    /// <summary>Seals the lines of one chunk of a batch together, all or none; gives how many records that were.</summary>
    public async ValueTask<Verdict<int>> SealChunkAsync(IReadOnlyList<SealedRecord> records, Reservation seat)
    {
        try
        {
            return (await ledger.AppendAsync(seat, records)).Count;
        }
        catch (LedgerUnavailable lost)
        {
            return Unavailable(lost);
        }
    }

    /// <summary>Seals that the clock of this machine was set; false when it could not be.</summary>
    public async ValueTask<bool> SealClockAsync(TimeSpan offset)
    {
        if (!ledger.TryReserve(1, out var seat))
            return false;
        using (seat)
            return (await AppendAsync(turn: null, seat, [ClockRecord.Of(time, offset)])).Refusal is null;
    }

    private SealedRecord Written(ExchangeFacts facts, ReadOnlyMemory<byte> body)
    {
        var outcome = new Outcome
        {
            Result = "permit",
            Status = StatusCodes.Status200OK,
            Length = body.Length,
            ResponseDigest = SaltedDigest.Compute(facts.Salt, body.Span),
            TotalMilliseconds = Elapsed(facts),
        };
        return SealedRecord.Of(AuditRecord.Write("access", facts, outcome, keys, time.GetUtcNow()));
    }

    // Towards a partner the true reason stands in a second record, whatever the outcome, so that sizes and counts tell nothing.
    private SealedRecord[] RecordsOf(ExchangeFacts facts, Disclosure disclosure, string? hiddenRule)
    {
        var (now, split) = (time.GetUtcNow(), AuditRecord.IsSplit(facts));
        var outcome = new Outcome
        {
            Result = "permit",
            Status = 200,
            Rule = split ? null : hiddenRule,
            Match = disclosure.MatchStatus,
            Released = disclosure.ReleasedPaths,
            Stripped = disclosure.StrippedPaths,
            Undeclared = disclosure.Undeclared,
            Length = disclosure.Body.Length,
            ResponseDigest = SaltedDigest.Compute(facts.Salt, disclosure.Body.Span),
            TotalMilliseconds = Elapsed(facts),
        };
        var access = SealedRecord.Of(AuditRecord.Write("access", facts, outcome, keys, now));
        return split ? [access, SealedRecord.Of(AuditRecord.WriteDecision(Ulid.New(time), facts, hiddenRule, outcome, now))] : [access];
    }

    private SealedRecord RecordOf(ExchangeFacts facts, Refusal refusal, ReadOnlyMemory<byte> body)
    {
        var kind = refusal.IsFault ? "fault" : "deny";
        var outcome = new Outcome
        {
            Result = kind,
            Status = refusal.Problem.Status,
            Code = refusal.Problem.Code,
            Rule = refusal.Rule,
            Errors = refusal.Errors,
            By = refusal.Provider is null ? "gateway" : "provider",
            Length = body.Length,
            ResponseDigest = SaltedDigest.Compute(facts.Salt, body.Span),
            TotalMilliseconds = Elapsed(facts),
        };
        return SealedRecord.Of(AuditRecord.Write(kind, facts, outcome, keys, time.GetUtcNow()));
    }

    private async ValueTask<Verdict<Receipt>> AppendAsync(Turn? turn, Reservation seat, SealedRecord[] records)
    {
        try
        {
            return (await turn.Outside(ledger.AppendAsync(seat, records)))[0];
        }
        catch (LedgerUnavailable lost)
        {
            return Unavailable(lost);
        }
    }

    /// <summary>Nothing is released: the record is not known to be durable.</summary>
    public static Refusal Unavailable(LedgerUnavailable? lost) =>
        new(Problem.LedgerUnavailable)
        {
            Rule = lost is null ? "AUD-01" : "AUD-02",
            RetryAfterSeconds = 5,
            Reason = lost?.Message,
        };

    private int Elapsed(ExchangeFacts facts) => (int)time.GetElapsedTime(facts.ArrivedAt).TotalMilliseconds;
}
