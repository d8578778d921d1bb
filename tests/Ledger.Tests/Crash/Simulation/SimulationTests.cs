using Xunit;

namespace Ledger.Tests.Crash.Simulation;

/// <summary>
/// T14, TH-23: power losses by seed on a simulated disk that drops, reorders and tears sectors, at any call of the real ledger.
/// </summary>
public sealed class SimulationTests
{
    [Fact]
    public async Task Nothing_acknowledged_is_lost_whatever_arrived_of_what_was_not_synced()
    {
        var seeds = Extent.Of("T14", 400, 10_000);
        using var history = await History.Record();
        Assert.True(history.Length > 500);
        var (done, receipts) = (0, 0L);
        await Parallel.ForEachAsync(Enumerable.Range(1, seeds), new ParallelOptions { MaxDegreeOfParallelism = 2 }, (seed, _) =>
        {
            Interlocked.Add(ref receipts, history.CrashAndRecover(seed));
            if (Interlocked.Increment(ref done) % 100 == 0)
            {
                Extent.Progress("T14", "seeds", done, seeds);
            }

            return ValueTask.CompletedTask;
        });
        Assert.True(receipts > seeds);
        Extent.Passed("T14", $"simulated power loss, one of {history.Length} calls by seed", seeds, receipts);
    }
}
