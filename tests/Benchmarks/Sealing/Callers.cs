using System.Diagnostics;
using Ledger;

namespace Benchmarks.Sealing;

/// <summary>Callers that each seal one record at a time, as requests do.</summary>
internal sealed class Callers(LedgerWriter ledger)
{
    private long _next;
    private long _done;

    /// <summary>
    /// Runs them for a time, or up to a number of records; how many were sealed, in how many seconds, and latencies in ms.
    /// </summary>
    /// <param name="callers">How many at a time.</param>
    /// <param name="duration">Longest run.</param>
    /// <param name="most">Most records.</param>
    /// <param name="every">Each so many-th latency of a caller is kept, so that keeping them is not what fills the memory.</param>
    public async Task<(long Sealed, double Seconds, List<double> Milliseconds)> RunAsync(
        int callers,
        TimeSpan duration,
        long most = long.MaxValue,
        int every = 1
    )
    {
        long before = Volatile.Read(ref _done);
        var watch = Stopwatch.StartNew();
        var left = most;
        var latencies = await Task.WhenAll(
            Enumerable
                .Range(0, callers)
                .Select(_ =>
                    Task.Run(async () =>
                    {
                        var own = new List<double>();
                        while (watch.Elapsed < duration && Interlocked.Decrement(ref left) >= 0)
                        {
                            var started = Stopwatch.GetTimestamp();
                            Reservation? seat;
                            while (!ledger.TryReserve(1, out seat))
                            {
                                await Task.Delay(1);
                            }

                            using (seat)
                            {
                                await ledger.AppendAsync(seat, [Records.Next(Interlocked.Increment(ref _next))]);
                            }

                            if (Interlocked.Increment(ref _done) % every == 0)
                            {
                                own.Add(Stopwatch.GetElapsedTime(started).TotalMilliseconds);
                            }
                        }

                        return own;
                    })
                )
        );
        var all = latencies.SelectMany(static own => own).ToList();
        return (_done - before, watch.Elapsed.TotalSeconds, all);
    }
}
