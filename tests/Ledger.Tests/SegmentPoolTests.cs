using System.Collections.Concurrent;
using Ledger.Journal;
using Ledger.Tests.Support;
using Xunit;

namespace Ledger.Tests;

/// <summary>Segments ready ahead of the writer.</summary>
public sealed class SegmentPoolTests
{
    [Fact]
    public async Task A_spare_is_made_for_each_one_taken_however_fast_they_are_taken()
    {
        const int Takers = 4;
        const int Each = 10_000;
        using var folder = new TempFolder(memory: true);
        using var segments = new Segments(folder.Path);
        using var pool = new SegmentPool(
            segments,
            0,
            0,
            new LedgerOptions
            {
                Directory = folder.Path,
                Origin = Some.Origin,
                SegmentBytes = 512,
                SpareSegments = 1,
            }
        );
        var taken = new ConcurrentBag<int>();

        // The writer is alone. Four of them interrupt one another between any two steps, as a busy machine interrupts it once in a month.
        var takers = Task.WhenAll(
            Enumerable
                .Range(0, Takers)
                .Select(_ =>
                    Task.Factory.StartNew(
                        () =>
                        {
                            for (var i = 0; i < Each; i++)
                            {
                                var number = pool.Take();
                                segments.Delete(number);
                                taken.Add(number);
                            }
                        },
                        CancellationToken.None,
                        TaskCreationOptions.LongRunning,
                        TaskScheduler.Default
                    )
                )
        );

        // A spare that is never made leaves a taker waiting for good: a minute is no measure of speed, it only ends the test.
        Assert.Same(takers, await Task.WhenAny(takers, Task.Delay(TimeSpan.FromMinutes(1), TestContext.Current.CancellationToken)));
        await takers;
        Assert.Equal(Enumerable.Range(0, Takers * Each), taken.Order());
    }
}
