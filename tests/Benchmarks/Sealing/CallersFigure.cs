using System.Diagnostics;
using System.Globalization;
using System.Text;
using Ledger;

namespace Benchmarks.Sealing;

/// <summary>Throughput and latency at 1 to 1,024 callers, beside append + fdatasync of the same bytes alone.</summary>
public static class CallersFigure
{
    private static readonly TimeSpan MostRaw = TimeSpan.FromSeconds(1);

    /// <summary>Runs in a process of its own, whose syncs wait first when the disk is to be slower than it is.</summary>
    public static async Task<string> InProcessOfItsOwnAsync(string folder, int addedMilliseconds, int seconds)
    {
        var (start, means) = SlowSync.Before(
            folder,
            addedMilliseconds,
            [Environment.ProcessPath!, "ledger-callers", folder, seconds.ToString(CultureInfo.InvariantCulture)]
        );
        (start.RedirectStandardOutput, start.UseShellExecute) = (true, false);
        using var process = Process.Start(start)!;
        var text = await process.StandardOutput.ReadToEndAsync();
        await process.WaitForExitAsync();
        return process.ExitCode == 0
            ? $"{(addedMilliseconds == 0 ? "the disk's own sync time" : $"{addedMilliseconds} ms added to each sync{means}")}\n{text}"
            : throw new InvalidOperationException($"the callers' process ended with {process.ExitCode}: {text}");
    }

    public static async Task<int> RunAsync(string folder, int seconds, params int[] only)
    {
        var sync = Raw(Path.Combine(folder, "raw"), 64);
        var text = new StringBuilder();
        text.AppendLine(
            CultureInfo.InvariantCulture,
            $"  append + fdatasync alone, same bytes: 1 a write {1000 / Raw(Path.Combine(folder, "raw"), 1):N0}/s, 64 a write {64_000 / sync:N0}/s, 256 a write {256_000 / Raw(Path.Combine(folder, "raw"), 256):N0}/s; one sync with 64: {sync:F3} ms"
        );
        text.AppendLine(
            "  callers   records/s    p50 ms    p99 ms   2.2 syncs + 0.3 ms   records a sync   a sync under this load, ms   µs of CPU a record, callers included"
        );
        foreach (var callers in only.Length > 0 ? only : [1, 16, 64, 256, 1024])
        {
            var log = Path.Combine(folder, "log");
            using var keys = LogKey.Create();
            await using (var ledger = LedgerWriter.Open(Records.Options(log), keys, TimeProvider.System))
            {
                var load = new Callers(ledger);
                await load.RunAsync(callers, TimeSpan.FromSeconds(2));
                using var groups = new Groups();
                var before = Environment.CpuUsage;
                var (count, took, latencies) = await load.RunAsync(callers, TimeSpan.FromSeconds(seconds));
                var cpu = (Environment.CpuUsage.TotalTime - before.TotalTime).TotalMicroseconds;
                text.AppendLine(
                    CultureInfo.InvariantCulture,
                    $"  {callers,7} {count / took,11:N0} {Records.Percentile(latencies, 0.50),9:F2} {Records.Percentile(latencies, 0.99),9:F2} {2.2 * sync + 0.3,10:F2} {groups.Records,21:F1} {groups.Sync,16:F2} {cpu / count,27:F1}"
                );
            }

            Directory.Delete(log, recursive: true);
        }

        Console.Write(text);
        return 0;
    }

    /// <summary>Median ms of one write and one sync into a file that is filled with zeros beforehand, as a segment is.</summary>
    private static double Raw(string file, int records)
    {
        var (bytes, times) = (new byte[records * (Records.Bytes + 24)], new List<double>());
        using var handle = File.OpenHandle(file, FileMode.Create, FileAccess.ReadWrite);
        RandomAccess.Write(handle, new byte[64 << 20], 0);
        Posix.Fdatasync(handle);
        var watch = Stopwatch.StartNew();
        for (var i = 0; i < 400 && watch.Elapsed < MostRaw; i++)
        {
            var started = Stopwatch.GetTimestamp();
            RandomAccess.Write(handle, bytes, (long)i * bytes.Length % ((64 << 20) - bytes.Length));
            Posix.Fdatasync(handle);
            times.Add(Stopwatch.GetElapsedTime(started).TotalMilliseconds);
        }

        return Records.Percentile(times, 0.5);
    }
}
