using System.Diagnostics;
using System.Globalization;
using Ledger;

namespace Benchmarks.Sealing;

/// <summary>
/// Opening after a crash: a journal of one GB of which nothing was published durably, so that all of it is read, hashed and published
/// again.
/// </summary>
public static class RecoveryFigure
{
    private const long Gigabyte = 1_000_000_000;

    public static async Task<int> RunAsync(string folder)
    {
        Console.WriteLine(await MeasureAsync(folder));
        return 0;
    }

    public static async Task<string> MeasureAsync(string folder)
    {
        var options = Records.Options(Path.Combine(folder, "recovery"));
        (options.DurableEvery, options.DurableBytes) = (TimeSpan.FromDays(1), long.MaxValue);
        using var keys = LogKey.Create();
        long records = 0;
        await using (var ledger = LedgerWriter.Open(options, keys, TimeProvider.System))
        {
            for (long bytes = 0; bytes < Gigabyte; bytes += 4000 * (Records.Bytes + 24))
            {
                Reservation? seat;
                while (!ledger.TryReserve(4000, out seat))
                {
                    await Task.Delay(1);
                }

                using (seat)
                {
                    await ledger.AppendAsync(seat, [.. Enumerable.Range(0, 4000).Select(_ => Records.Next(records++))]);
                }
            }
        }

        File.Delete(Path.Combine(options.Directory, "clean"));
        await Console.Error.WriteLineAsync($"{records:N0} records written, opening");
        var (before, watch) = (Environment.CpuUsage, Stopwatch.StartNew());
        TimeSpan opened,
            behind;
        double cpu;
        await using (var ledger = LedgerWriter.Open(options, keys, TimeProvider.System))
        {
            (opened, cpu) = (watch.Elapsed, (Environment.CpuUsage.TotalTime - before.TotalTime).TotalSeconds);
            await ledger.WhenPublished(ledger.Size);
            behind = watch.Elapsed;
        }

        Directory.Delete(options.Directory, recursive: true);
        return string.Create(
            CultureInfo.InvariantCulture,
            $"opening after a crash, 1 GB of journal ({records:N0} records), nothing of it published durably: {opened.TotalSeconds:F2} s ({cpu:F2} s of CPU), all of it published again after {behind.TotalSeconds:F2} s"
        );
    }
}
