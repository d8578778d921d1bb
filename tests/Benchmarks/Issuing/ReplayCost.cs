using System.Diagnostics;
using System.Globalization;
using System.Text;
using Tokens.Replay;
using Tokens.Stores;

namespace Benchmarks.Issuing;

/// <summary>What one durable reservation costs while the guard's table fills, in process, on a file on disk.</summary>
public static class ReplayCost
{
    private const int Callers = 16,
        Owners = 1000;
    private static long _next;

    public static async Task MeasureAsync(StringBuilder report, string folder, int largestExponent)
    {
        report.AppendLine(
            CultureInfo.InvariantCulture,
            $"cost of a replay check as the SQLite guard fills: durable reservations by {Callers} callers at once, and by one alone (median)"
        );
        report.AppendLine("  entries       at 16: CPU µs each   wall µs each     alone: ms    file MiB");
        var file = Path.Combine(folder, "replay-cost.db");
        var guard = ReplayStore.Open(new StoreSettings { File = file }, TimeProvider.System);
        long filled = 0;
        await ReserveAsync(guard, Callers, 20_000);
        filled += 20_000;
        for (var exponent = 3; exponent <= largestExponent; exponent++)
        {
            var target = (long)Math.Pow(10, exponent);
            if (filled > target)
            {
                // The warm-up filled more than the smallest steps hold: those start with a file of their own.
                await Close(guard);
                foreach (var old in Directory.EnumerateFiles(folder, "replay-cost*"))
                    File.Delete(old);
                guard = ReplayStore.Open(new StoreSettings { File = file }, TimeProvider.System);
                filled = 0;
            }
            if (target > filled)
                await ReserveAsync(guard, 4096, target - filled);
            filled = target;
            var count = exponent == 3 ? 2_000 : 10_000;
            using var self = Process.GetCurrentProcess();
            var (cpu, watch) = (self.TotalProcessorTime, Stopwatch.StartNew());
            await ReserveAsync(guard, Callers, count);
            var wall = watch.Elapsed;
            self.Refresh();
            var used = self.TotalProcessorTime - cpu;
            var alone = await AloneAsync(guard, 300);
            filled += count + 300;
            report.AppendLine(
                CultureInfo.InvariantCulture,
                $"  10^{exponent} {used.TotalMicroseconds / count,22:F1} {wall.TotalMicroseconds / count,14:F1} {alone,13:F2} {new FileInfo(file).Length / 1048576.0,11:F1}"
            );
            Console.WriteLine($"replay guard at 10^{exponent}: {wall.TotalMicroseconds / count:F1} µs");
        }
        await Close(guard);
        report.AppendLine();
    }

    private static async ValueTask Close(IReplayGuard guard)
    {
        if (guard is IAsyncDisposable later)
            await later.DisposeAsync();
        else
            (guard as IDisposable)?.Dispose();
    }

    private static async Task<double> AloneAsync(IReplayGuard guard, int count)
    {
        var times = new double[count];
        for (var i = 0; i < count; i++)
        {
            var watch = Stopwatch.StartNew();
            await OneAsync(guard);
            times[i] = watch.Elapsed.TotalMilliseconds;
        }
        Array.Sort(times);
        return times[count / 2];
    }

    private static async Task ReserveAsync(IReplayGuard guard, int callers, long count)
    {
        var left = count;
        await Task.WhenAll(
            Enumerable
                .Range(0, (int)Math.Min(callers, count))
                .Select(_ =>
                    Task.Run(async () =>
                    {
                        while (Interlocked.Decrement(ref left) >= 0)
                            await OneAsync(guard);
                    })
                )
        );
    }

    private static async ValueTask OneAsync(IReplayGuard guard)
    {
        var id = Interlocked.Increment(ref _next);
        var owner = string.Create(CultureInfo.InvariantCulture, $"owner-{id % Owners}");
        var key = ReplayKey.Of(ReplayKind.Assertion, owner, id.ToString(CultureInfo.InvariantCulture));
        if (!await guard.ReserveAsync(key, TimeProvider.System.GetUtcNow().AddMinutes(14)))
            throw new InvalidOperationException("a fresh id was refused");
    }
}
