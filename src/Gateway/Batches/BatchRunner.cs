using System.Collections.Concurrent;
using System.Threading.Channels;
using Gateway.Admission;
using Ledger;

namespace Gateway.Batches;

/// <summary>
/// Works batches off, each by itself and a chunk at a time. Batches of one system at the same institutions take turns after each chunk;
/// no other batch waits for them. The gateway's own work is done in turns by system, and a batch gives its turn back while it waits for
/// an institution. So a system with many batches, or a slow institution, delays no other system and no other institution's batches.
/// </summary>
/// <remarks>Chunks under way, and what they hold in memory, are bounded by the pairs of systems and grants; work at once by the
/// processors.</remarks>
internal sealed class BatchRunner(
    BatchChunk chunks,
    ChunkSealing sealing,
    BatchBook book,
    BatchKeys keys,
    TimeProvider time,
    ILogger<BatchRunner> log
) : BackgroundService
{
    // Of one system at the same institutions: one chunk is asked while another is made or sealed.
    private const int AtOnce = 2;
    private static readonly int WorkAtOnce = Math.Max(2, Environment.ProcessorCount);
    private static readonly TimeSpan UntilOpen = TimeSpan.FromMinutes(1),
        UntilSealed = TimeSpan.FromSeconds(1),
        UntilShared = TimeSpan.FromMilliseconds(250);
    private readonly Channel<(Batch Batch, BatchCursor Cursor)> _accepted = Channel.CreateUnbounded<(Batch, BatchCursor)>();
    private readonly ConcurrentDictionary<string, Task> _running = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<(string Client, string Institutions), FairSeats> _places = new();
    private readonly FairSeats _work = new(WorkAtOnce, time);

    /// <summary>Takes an accepted batch.</summary>
    public void Enqueue(Batch batch) => _accepted.Writer.TryWrite((batch, chunks.Begin(batch)));

    /// <inheritdoc/>
    public override async Task StopAsync(CancellationToken cancellationToken)
    {
        using var forced = cancellationToken.UnsafeRegister(static end => ((ChunkSealing)end!).Force(), sealing);
        await base.StopAsync(cancellationToken);
    }

    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        try
        {
            await Task.WhenAll(BeginAsync(stoppingToken), SweepAsync(stoppingToken));
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // The gateway stops. Where it stops before it has begun (a port in use), the host would call this a fault of its own.
        }
    }

    private async Task BeginAsync(CancellationToken stopping)
    {
        try
        {
            await foreach (var (batch, cursor) in _accepted.Reader.ReadAllAsync(stopping))
            {
                var work = _running[batch.Id] = WorkAsync(batch, cursor, stopping);
                // It may have ended before it was written down.
                if (work.IsCompleted)
                    _running.TryRemove(KeyValuePair.Create(batch.Id, work));
            }
        }
        finally
        {
            await Task.WhenAll(_running.Values);
        }
    }

    private async Task WorkAsync(Batch batch, BatchCursor cursor, CancellationToken stopping)
    {
        // Not on the thread that takes batches.
        await Task.Yield();
        using var ended = CancellationTokenSource.CreateLinkedTokenSource(stopping, batch.Stopped);
        var institutions = string.Join(' ', batch.Entitlement.Grant.Sources.Select(static source => source.Institution));
        var whose = (batch.Entitlement.Caller.Client.Id, institutions);
        var places = _places.GetOrAdd(whose, static (_, clock) => new FairSeats(AtOnce, clock), time);
        var mine = new FairLane(batch.Id, isBulk: false);
        try
        {
            while (await StepAsync(batch, cursor, places, mine, ended.Token) is var end && end != ChunkEnd.Complete)
                if (Pause(end) is { } pause)
                    await Task.Delay(pause, time, ended.Token);
        }
        catch (Exception fault) when (fault is OperationCanceledException or ObjectDisposedException && ended.IsCancellationRequested)
        {
            // Its owner wants no more of it, or the gateway stops.
        }
        catch (Exception fault)
        {
            log.LogError("Batch {BatchId} stopped with {Fault} at {Place}", batch.Id, fault.GetType().Name, fault.TargetSite?.Name);
            batch.End(time.GetUtcNow());
        }
        finally
        {
            chunks.Close(batch);
            _running.TryRemove(batch.Id, out _);
        }
    }

    private static TimeSpan? Pause(ChunkEnd end) =>
        end switch
        {
            ChunkEnd.Closed => UntilOpen,
            ChunkEnd.Unsealed => UntilSealed,
            ChunkEnd.Shared => UntilShared,
            _ => null,
        };

    private async Task<ChunkEnd> StepAsync(Batch batch, BatchCursor cursor, FairSeats places, FairLane mine, CancellationToken ended)
    {
        ended.ThrowIfCancellationRequested();
        await places.EnterAsync(mine, Timeout.InfiniteTimeSpan, ended);
        try
        {
            var (client, began) = (batch.Entitlement.Caller.Client, time.GetTimestamp());
            var lane = _work.LaneOf(client.Id);
            await _work.EnterAsync(lane, Timeout.InfiniteTimeSpan, ended);
            using var turn = new Turn(client, began, Timeout.InfiniteTimeSpan, _work, lane);
            var end = await chunks.RunAsync(batch, cursor, turn, ended);
            if (end != ChunkEnd.Complete)
                return end;
            batch.Complete(time.GetUtcNow(), batch.Entitlement.Agreement.BatchResults);
            await turn.Outside(sealing.CompleteAsync(batch, ended));
            return end;
        }
        catch (Exception fault) when (fault is LedgerUnavailable or OperationCanceledException && !ended.IsCancellationRequested)
        {
            // Nothing of the chunk was readable: it is asked again once the ledger seals.
            return ChunkEnd.Unsealed;
        }
        finally
        {
            places.Leave(mine);
        }
    }

    private async Task SweepAsync(CancellationToken stopping)
    {
        using var timer = new PeriodicTimer(TimeSpan.FromMinutes(1), time);
        while (await timer.WaitForNextTickAsync(stopping))
        {
            book.Sweep();
            keys.Sweep();
        }
    }
}
