using System.Globalization;
using System.Text;

namespace Benchmarks.Policy;

/// <summary>What the law costs on every call. Each figure writes its part of the report.</summary>
internal static class PolicyBenchmark
{
    public static async Task<int> RunAsync(string[] args)
    {
        var persons = int.Parse(args.Text("--persons") ?? "12500000", CultureInfo.InvariantCulture);
        var folder = Directory.CreateTempSubdirectory("policy-bench-").FullName;
        var report = new StringBuilder();
        report.AppendLine(
            CultureInfo.InvariantCulture,
            $"{Environment.ProcessorCount} cores, .NET {Environment.Version}, {DateTime.UtcNow:yyyy-MM-dd}"
        );
        try
        {
            await DossierFigure.MeasureAsync(report, folder, persons);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }

        Console.Write(report);
        if (args.Text("--out") is { } file)
            await File.WriteAllTextAsync(file, report.ToString());
        return 0;
    }
}
