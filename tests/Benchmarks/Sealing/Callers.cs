using System.Diagnostics;
using Ledger;

namespace Benchmarks.Sealing;

/// <summary>Callers that each seal one record at a time, as requests do.</summary>
internal sealed class Callers(LedgerWriter ledger)
{
    private long next;

    /// <summary>Runs them for a time, or up to a number of records; how many were sealed, in how many seconds, and each latency in ms.</summary>
    public async Task<(long Sealed, double Seconds, List<double> Milliseconds)> RunAsync(int callers, TimeSpan duration, long most = long.MaxValue)
    {
        var watch = Stopwatch.StartNew();
        var left = most;
        var latencies = await Task.WhenAll(Enumerable.Range(0, callers).Select(_ => Task.Run(async () =>
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
                    await ledger.AppendAsync(seat, [Records.Next(Interlocked.Increment(ref next))]);
                }

                own.Add(Stopwatch.GetElapsedTime(started).TotalMilliseconds);
            }

            return own;
        })));
        var all = latencies.SelectMany(static own => own).ToList();
        return (all.Count, watch.Elapsed.TotalSeconds, all);
    }
}
