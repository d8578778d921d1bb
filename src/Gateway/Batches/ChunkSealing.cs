using System.Buffers;
using Gateway.Audit;
using Gateway.Minimization;
using Gateway.Problems;
using Ledger;

namespace Gateway.Batches;

/// <summary>The end of a chunk: results at rest, records sealed, lines readable; in this order, and all of its lines together.</summary>
internal sealed class ChunkSealing(ChunkSources sources, Sealing sealing, TimeProvider time, ILogger<ChunkSealing> log) : IDisposable
{
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(100),
        UntilSealed = TimeSpan.FromSeconds(1);
    private readonly CancellationTokenSource _forced = new();

    /// <summary>Waits until the log has room for the records of so many lines; towards a partner each has two.</summary>
    /// <exception cref="OperationCanceledException">It was given up before.</exception>
    public async ValueTask<Reservation> RoomAsync(int lines, CancellationToken cancellation)
    {
        while (true)
        {
            cancellation.ThrowIfCancellationRequested();
            if (sealing.TryReserve(lines * 2, out var room))
                return room;
            await Task.Delay(Pause, time, cancellation);
        }
    }

    /// <summary>Writes, seals and publishes the lines, and charges them.</summary>
    /// <exception cref="LedgerUnavailable">The records are not known to be durable: nothing became readable.</exception>
    public async ValueTask<bool> FinishAsync(Batch batch, List<BatchLineWork> works, Reservation room)
    {
        var results = new ArrayBufferWriter<byte>(works.Count * 384);
        var records = new List<SealedRecord>(works.Count);
        var said = new ChunkOutcomes();
        foreach (var work in works)
            Write(work, results, records, said);
        batch.Keep(results.WrittenSpan);
        if (!(await sealing.SealChunkAsync(records, room)).Allows(out _, out var refusal))
        {
            batch.Forget();
            throw new LedgerUnavailable(refusal.Reason ?? "the ledger is unavailable");
        }

        foreach (var work in works)
        {
            work.IsSealed = true;
            work.Lease?.Settle(work.Charge);
        }

        batch.Publish(results.WrittenSpan, said);
        return true;
    }

    /// <summary>
    /// Cancelled, the gateway stops, or the chunk failed: its results are void, but some of its persons were asked about. Their records
    /// say so, that nothing came of it, and that the source was not at fault. They wait for the log as long as the process may, and
    /// reserve no room before.
    /// </summary>
    /// <param name="batch">The batch.</param>
    /// <param name="works">Lines of the chunk.</param>
    /// <param name="ended">The gateway stops, or its owner wants no more of it; otherwise the chunk failed.</param>
    /// <returns>How many lines had been asked.</returns>
    public async ValueTask<int> SealAskedAsync(Batch batch, List<BatchLineWork> works, bool ended)
    {
        var why = ended ? Problem.Interrupted : Problem.InternalFault;
        var left = new Refusal(batch.Stopped.IsCancellationRequested ? Problem.CallerGone : why);
        var records = new List<SealedRecord>();
        foreach (var work in works)
        {
            if (work.IsSealed || !work.Facts.Legs.Any(static leg => leg.Sent))
                continue;
            sealing.Add(records, work.Facts, left, ReadOnlyMemory<byte>.Empty);
        }

        try
        {
            while (records.Count > 0 && !await TrySealAsync(records))
                await Task.Delay(UntilSealed, time, _forced.Token);
        }
        catch (OperationCanceledException)
        {
            log.LogError("The log takes nothing: {Lines} lines of batch {BatchId} were asked and have no record", records.Count, batch.Id);
        }

        return records.Count;
    }

    /// <summary>The process ends now, whatever the log still owes.</summary>
    public void Force() => _forced.Cancel();

    /// <inheritdoc/>
    public void Dispose() => _forced.Dispose();

    /// <summary>Seals that a batch has all its results, once the log has room.</summary>
    public async ValueTask<bool> CompleteAsync(Batch batch, CancellationToken ended)
    {
        using var room = await RoomAsync(1, ended);
        var size = new BatchSize(batch.Lines, batch.Bytes, Status: 0, Digest: null);
        return (await sealing.SealAsync("batch", Ulid.New(time), batch.Id, batch.Submission, "completed", size, room)).Refusal is null;
    }

    private async ValueTask<bool> TrySealAsync(List<SealedRecord> records)
    {
        using var room = await RoomAsync(records.Count, _forced.Token);
        return (await sealing.SealChunkAsync(records, room)).Refusal is null;
    }

    private void Write(BatchLineWork work, ArrayBufferWriter<byte> results, List<SealedRecord> records, ChunkOutcomes said)
    {
        var verdict = work.Refusal is { } earlier ? earlier : sources.Conclude(work);
        if (verdict.Allows(out var disclosure, out var refusal))
        {
            work.Charge = Quotas.Charges.Of(disclosure.MatchStatus);
            sealing.Add(records, work.Facts, disclosure, work.Permit!.Obligations.HiddenRule);
            Append(results, disclosure.Body.Span);
            said.Add(disclosure);
            return;
        }

        work.Refusal = refusal;
        var body = DisclosureWriter.WriteUnanswered(work.Line, refusal, time.GetUtcNow());
        sealing.Add(records, work.Facts, refusal, body);
        Append(results, body);
        said.Add(refusal);
    }

    private static void Append(ArrayBufferWriter<byte> results, ReadOnlySpan<byte> line)
    {
        results.Write(line);
        results.Write("\n"u8);
    }
}
