using System.Diagnostics;
using System.Globalization;
using System.Text;
using Agreements;
using Agreements.Loading;
using Contracts;

namespace Benchmarks.Policy;

/// <summary>
/// The law itself: looking a grant up and judging its standing among 10 and 10,000 agreements, loading them, and taking one change of them.
/// </summary>
internal static class LawFigure
{
    private const int Asked = 1_000_000,
        Rounds = 5;

    public static async Task<int> RunAsync(string[] args)
    {
        var most = args.Length > 0 ? int.Parse(args[0], CultureInfo.InvariantCulture) : 10_000;
        var report = new StringBuilder();
        report.AppendLine(
            CultureInfo.InvariantCulture,
            $"law, {Environment.ProcessorCount} cores, .NET {Environment.Version}, {DateTime.UtcNow:yyyy-MM-dd}; load average {(await File.ReadAllTextAsync("/proc/loadavg"))[..4]} at the start"
        );
        foreach (var count in (int[])[10, most])
            await MeasureAsync(report, count);
        Console.Write(report);
        return 0;
    }

    private static async Task MeasureAsync(StringBuilder report, int count)
    {
        var folder = Directory.CreateTempSubdirectory("law-bench-").FullName;
        try
        {
            Write(folder, count);
            var watch = Stopwatch.StartNew();
            var before = GC.GetTotalMemory(forceFullCollection: true);
            await using var watcher = RegistryWatcher.Start(folder, TimeProvider.System, out var load)
                ?? throw new InvalidDataException(string.Join('\n', load.Errors.Take(5)));
            var took = watch.Elapsed;
            report.AppendLine(
                CultureInfo.InvariantCulture,
                $"{count,7:N0} agreements: first load {took.TotalSeconds:F2} s, {(GC.GetTotalMemory(forceFullCollection: true) - before) / 1048576.0:F0} MiB with what is remembered"
            );
            // Among many, the same ten again, as calls of a day keep to few; then all of them in turn, which no processor's cache holds.
            Ask(report, watcher.Current, 10);
            if (count > 10)
                Ask(report, watcher.Current, count);
            await ChangeAsync(report, watcher, folder, count);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static void Ask(StringBuilder report, Registry registry, int over)
    {
        var ids = registry.Agreements.Keys.Order(StringComparer.Ordinal).Take(over).ToArray();
        var (day, local) = (new DateOnly(2026, 11, 21), new DateTime(2026, 11, 21, 12, 0, 0, DateTimeKind.Unspecified));
        var best = double.MaxValue;
        long allocated = 0,
            found = 0;
        for (var round = 0; round < Rounds; round++)
        {
            var (bytes, start) = (GC.GetAllocatedBytesForCurrentThread(), Stopwatch.GetTimestamp());
            for (var i = 0; i < Asked; i++)
            {
                var id = ids[(int)((uint)i * 2654435761u % (uint)ids.Length)];
                if (
                    registry.FindGrant(id, "anss", "ASD_SCHOOLING", "education.school-enrolment.read") is { } match
                    && AgreementStatus.Of(registry, match.Agreement, day) is AgreementState.InForce
                    && !AgreementStatus.PriorAuthorizationMissing(registry, match.Agreement, "ASD_SCHOOLING", day)
                    && OpenHours.AreOpen(match.Grant.Hours, local)
                )
                    found++;
            }

            best = Math.Min(best, Stopwatch.GetElapsedTime(start).TotalMicroseconds / Asked);
            allocated = GC.GetAllocatedBytesForCurrentThread() - bytes;
        }

        report.AppendLine(
            CultureInfo.InvariantCulture,
            $"{"",8}grant, standing, authorization, hours: {best * 1000:F0} ns, {allocated / (double)Asked:F1} bytes a call, best of {Rounds} rounds of {Asked:N0} over {over:N0} agreements, {found / Rounds:N0} permitted"
        );
    }

    private static async Task ChangeAsync(StringBuilder report, RegistryWatcher watcher, string folder, int count)
    {
        // Files that have just been written are read again for two seconds, and the memory trusts them after the next look.
        await Task.Delay(TimeSpan.FromSeconds(3));
        var times = new List<double>();
        for (var i = 0; i < 6; i++)
        {
            var law = watcher.Current;
            var path = Path.Combine(folder, "suspensions.yaml");
            var start = Stopwatch.GetTimestamp();
            await File.WriteAllTextAsync(
                path,
                $"schema: gateway.suspensions/1\nsuspensions:\n  - {{ kind: agreement, id: {CopiedContracts.Other(i)}, by: menps, since: 2026-11-01 }}\n"
            );
            while (ReferenceEquals(watcher.Current, law))
                await Task.Delay(2);
            times.Add(Stopwatch.GetElapsedTime(start).TotalSeconds);
            await Task.Delay(TimeSpan.FromSeconds(1.5));
        }

        report.AppendLine(
            CultureInfo.InvariantCulture,
            $"{"",8}a suspension is law after {times.Min():F2} to {times.Max():F2} s of {count:N0} agreements (each: {string.Join(' ', times.Select(static one => one.ToString("F2", CultureInfo.InvariantCulture)))})"
        );
    }

    private static void Write(string folder, int count)
    {
        var copy = CopiedContracts.To(folder);
        copy.WriteKeys();
        copy.Multiply("ANSS-MENPS-2026-01", count);
        // Files of the last two seconds are read at every look, which a deployment does not do for ever.
        foreach (var path in Directory.GetFiles(copy.At("agreements")))
            File.SetLastWriteTimeUtc(path, DateTime.UtcNow.AddHours(-1));
    }
}
