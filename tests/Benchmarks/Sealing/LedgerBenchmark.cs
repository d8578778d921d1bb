using System.Globalization;
using System.Text;

namespace Benchmarks.Sealing;

/// <summary>
/// The ledger's speed: durable proven records per second and latency by number of callers and by sync time, beside the disk's own limit and
/// beside SQLite and PostgreSQL; verification, recovery, memory and append on a large log. One file for each figure.
/// </summary>
public static class LedgerBenchmark
{
    public static async Task<int> RunAsync(string[] args)
    {
        var seconds = args.Number("--seconds", 3);
        var records = args.Number("--records", 10_000_000);
        var most = args.Number("--most", 120);
        var report = new StringBuilder();
        var folder = Directory.CreateTempSubdirectory("ledger-benchmark-").FullName;
        try
        {
            Describe(report, seconds);
            foreach (var milliseconds in new[] { 0, 1, 5, 10 })
            {
                Add(report, await CallersFigure.InProcessOfItsOwnAsync(folder, milliseconds, seconds));
            }

            Add(report, SqliteFigure.Measure(folder, seconds));
            Add(report, await PostgresFigure.MeasureAsync(seconds));
            Add(report, await ManyRecordsFigure.MeasureAsync(folder, records, TimeSpan.FromSeconds(most)));
            Add(report, await RecoveryFigure.MeasureAsync(folder));
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }

        if (args.Text("--out") is { } file)
        {
            await File.WriteAllTextAsync(file, report.ToString());
        }

        return 0;
    }

    private static void Add(StringBuilder report, string figure)
    {
        Console.WriteLine(figure);
        report.AppendLine(figure);
    }

    private static void Describe(StringBuilder report, int seconds)
    {
        var model = File.ReadLines("/proc/cpuinfo")
            .FirstOrDefault(static line => line.StartsWith("model name", StringComparison.Ordinal))
            ?.Split(':')[^1]
            .Trim()
            ?? "unknown";
        Add(
            report,
            string.Create(
                CultureInfo.InvariantCulture,
                $"""
                {TimeProvider.System.GetUtcNow():yyyy-MM-dd}, {model}, {Environment.ProcessorCount} cores, Linux {Environment.OSVersion.Version}, .NET {Environment.Version}, load before: {File.ReadAllText(
                        "/proc/loadavg"
                    ).Split(' ')[0]}
                records of {Records.Bytes} bytes; every figure counts records that are durable, hashed into the tree and under a signed checkpoint; {seconds} s a cell after 2 s of warming up;
                generator and ledger share the machine's cores; added sync time: every fdatasync waits first; medians of records a sync and of the sync under the load are the ledger's own meters

                """
            )
        );
    }
}
