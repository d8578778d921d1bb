using System.Collections.Concurrent;
using System.Threading.Channels;
using Ledger;

namespace Gateway.Batches;

/// <summary>
/// Works batches off, a chunk at a time, fair among batches: after each chunk a batch goes to the end of the queue. Four at once.
/// </summary>
internal sealed class BatchRunner(BatchChunk chunks, BatchBook book, BatchKeys keys, TimeProvider time, ILogger<BatchRunner> log) : BackgroundService
{
    private const int AtOnce = 4;
    private readonly Channel<(Batch Batch, BatchCursor Cursor)> _queue = Channel.CreateUnbounded<(Batch, BatchCursor)>();
    // Outside the hours of their grants; looked at again every minute.
    private readonly ConcurrentQueue<(Batch Batch, BatchCursor Cursor)> _waiting = new();

    /// <summary>Queues an accepted batch.</summary>
    public void Enqueue(Batch batch) => _queue.Writer.TryWrite((batch, chunks.Begin(batch)));

    /// <inheritdoc/>
    protected override Task ExecuteAsync(CancellationToken stoppingToken)
    {
        var workers = Enumerable.Range(0, AtOnce).Select(_ => WorkAsync(stoppingToken)).ToList();
        workers.Add(SweepAsync(stoppingToken));
        return Task.WhenAll(workers);
    }

    private async Task WorkAsync(CancellationToken stopping)
    {
        await foreach (var (batch, cursor) in _queue.Reader.ReadAllAsync(stopping))
        {
            var end = await StepAsync(batch, cursor, stopping);
            if (end == ChunkEnd.More) _queue.Writer.TryWrite((batch, cursor));
            else if (end == ChunkEnd.Closed) _waiting.Enqueue((batch, cursor));
            else chunks.Close(batch);
        }
    }

    private async Task<ChunkEnd> StepAsync(Batch batch, BatchCursor cursor, CancellationToken stopping)
    {
        if (batch.State == BatchState.Cancelled) return ChunkEnd.Complete;
        try
        {
            var end = await chunks.RunAsync(batch, cursor, stopping);
            if (end != ChunkEnd.Complete) return end;
            batch.Complete(time.GetUtcNow(), batch.Entitlement.Agreement.BatchResults);
            await chunks.SealCompletionAsync(batch);
            return end;
        }
        catch (Exception fault) when (fault is LedgerUnavailable or OperationCanceledException or ObjectDisposedException)
        {
            // Nothing of the chunk was readable: it is asked again once the ledger seals, unless its owner cancelled.
            if (batch.State == BatchState.Cancelled || stopping.IsCancellationRequested) return ChunkEnd.Complete;
            await Task.Delay(TimeSpan.FromSeconds(1), time, stopping);
            return ChunkEnd.More;
        }
        catch (Exception fault)
        {
            log.LogError("Batch {BatchId} stopped with {Fault} at {Place}", batch.Id, fault.GetType().Name, fault.TargetSite?.Name);
            batch.End(time.GetUtcNow());
            return ChunkEnd.Complete;
        }
    }

    private async Task SweepAsync(CancellationToken stopping)
    {
        using var timer = new PeriodicTimer(TimeSpan.FromMinutes(1), time);
        while (await timer.WaitForNextTickAsync(stopping))
        {
            book.Sweep();
            keys.Sweep();
            while (_waiting.TryDequeue(out var waiting)) _queue.Writer.TryWrite(waiting);
        }
    }
}
