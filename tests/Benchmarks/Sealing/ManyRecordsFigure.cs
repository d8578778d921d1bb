using System.Diagnostics;
using System.Globalization;
using System.Text;
using Ledger;
using Ledger.Tiles;

namespace Benchmarks.Sealing;

/// <summary>
/// Memory and append latency as the log grows, then the verification of all of it. Bounded in time: the count reached is stated.
/// </summary>
public static class ManyRecordsFigure
{
    private const int Steps = 10;

    public static async Task<int> RunAsync(string folder, int records)
    {
        Console.WriteLine(await MeasureAsync(folder, records, TimeSpan.FromSeconds(100)));
        return 0;
    }

    public static async Task<string> MeasureAsync(string folder, int records, TimeSpan most)
    {
        var text = new StringBuilder();
        var log = Path.Combine(folder, "many");
        using var keys = LogKey.Create();
        var watch = Stopwatch.StartNew();
        text.AppendLine("64 callers, as the log grows");
        text.AppendLine("      records   records/s    p50 ms    p99 ms   resident MiB   managed MiB");
        await using (var ledger = LedgerWriter.Open(Records.Options(log), keys, TimeProvider.System))
        {
            var (load, done) = (new Callers(ledger), 0L);
            await load.RunAsync(64, TimeSpan.FromSeconds(2));
            for (var step = 0; step < Steps && watch.Elapsed < most; step++)
            {
                var (count, took, latencies) = await load.RunAsync(64, most - watch.Elapsed, records / Steps, every: 32);
                done += count;
                text.AppendLine(
                    CultureInfo.InvariantCulture,
                    $"{done,13:N0} {count / took,11:N0} {Records.Percentile(latencies, 0.50),9:F2} {Records.Percentile(latencies, 0.99),9:F2} {Environment.WorkingSet / 1048576.0,14:F0} {GC.GetTotalMemory(forceFullCollection: true) / 1048576.0,13:F0}"
                );
                await Console.Error.WriteLineAsync($"{done:N0} of {records:N0} records");
            }
        }

        var reader = LogReader.Open(log, keys.Verifier(Records.Options(log).Origin));
        await Console.Error.WriteLineAsync("verifying");
        watch.Restart();
        var before = Environment.CpuUsage;
        reader.Verify();
        var (both, cpu) = (watch.Elapsed.TotalSeconds, (Environment.CpuUsage.TotalTime - before.TotalTime).TotalSeconds);
        text.AppendLine(
            CultureInfo.InvariantCulture,
            $"full verification of {reader.Checkpoint.Size:N0} records (every byte, leaf, tile, root, signature), {Environment.ProcessorCount} cores: {both:F1} s, {reader.Checkpoint.Size / both / 1e6:F2} million records/s; {cpu:F1} s of CPU, {reader.Checkpoint.Size / cpu / 1e6:F2} million records per CPU second"
        );
        Directory.Delete(log, recursive: true);
        return text.ToString();
    }
}
