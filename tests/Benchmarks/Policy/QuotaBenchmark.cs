using System.Globalization;
using System.Text;

namespace Benchmarks.Policy;

/// <summary>The figure of the quotas alone; it is a part of the figures of the law, too.</summary>
internal static class QuotaBenchmark
{
    public static async Task<int> RunAsync(string[] args)
    {
        var report = new StringBuilder();
        report.AppendLine(
            CultureInfo.InvariantCulture,
            $"{Environment.ProcessorCount} cores, .NET {Environment.Version}, {DateTime.UtcNow:yyyy-MM-dd}"
        );
        await QuotaFigure.MeasureAsync(report);
        Console.Write(report);
        if (args is ["--out", var file])
            await File.WriteAllTextAsync(file, report.ToString());
        return 0;
    }
}
