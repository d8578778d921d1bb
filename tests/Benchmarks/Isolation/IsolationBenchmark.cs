using System.Diagnostics;
using System.Globalization;
using System.Text;
using System.Text.Json;
using Benchmarks.Exchange;
using Sandbox;
using Sandbox.Institutions.Behaviors;
using Sandbox.Persons;

namespace Benchmarks.Isolation;

/// <summary>
/// What the crowd of one client does to another client: an honest one asks at a fixed pace, alone and beside 32 and 320 busy connections,
/// then beside 800 callers of one slow institution. Each build of the gateway has a process, a log and stores of its own on the same core;
/// phases are interleaved.
/// </summary>
internal static class IsolationBenchmark
{
    private const int GatewayCore = 0,
        OthersCore = 1,
        PerSecond = 50;
    private const string Noisy = "anss-eligibility",
        Quiet = "anss-payments";
    private static readonly TimeSpan SlowInstitution = TimeSpan.FromMilliseconds(50);

    private static readonly Phase[] Phases =
    [
        new("alone", 0, 0, IsSlow: false),
        new("beside 32 connections", 32, 32, IsSlow: false),
        new("beside 320 connections", 320, 320, IsSlow: false),
        new("institution takes 50 ms, alone", 0, 0, IsSlow: true),
        new("beside 32 connections to it", 32, 32, IsSlow: true),
        new("beside 800 callers of it", 800, 8, IsSlow: true),
    ];

    public static async Task<int> RunAsync(string[] args)
    {
        var (rounds, duration) = (args.Number("--rounds", 3), TimeSpan.FromSeconds(args.Number("--seconds", 8)));
        Gateway.GatewayOptions captured = null!;
        await using var town = await Town.StartAsync(
            new TownOptions
            {
                Pupils = 2_000,
                RequireAssertion = false,
                Remember = 0,
                Witnesses = 0,
                ConfigureGateway = options => captured = options,
            }
        );
        // The callers, the authority and the institutions keep to the other core.
        if (OperatingSystem.IsLinux())
            Process.GetCurrentProcess().ProcessorAffinity = 2;
        var folder = town.State.Folder("bench");
        var contenders = new List<Contender>();
        if (args.Text("--beside") is { } build)
            contenders.Add(
                Contender.Start(
                    "before",
                    ExchangeBenchmark.Own(captured, town, folder, "before"),
                    folder,
                    GatewayCore,
                    Path.GetFullPath(build)
                )
            );
        contenders.Add(Contender.Start("gateway", ExchangeBenchmark.Own(captured, town, folder), folder, GatewayCore));
        try
        {
            var found = contenders.ToDictionary(
                static contender => contender.Name,
                static _ => Phases.ToDictionary(static phase => phase, static _ => new List<Found>()),
                StringComparer.Ordinal
            );
            foreach (var contender in contenders)
                await ReadyAsync(town, contender);
            for (var round = 1; round <= rounds; round++)
            {
                foreach (var phase in Phases)
                {
                    foreach (var contender in contenders)
                    {
                        found[contender.Name][phase].Add(await MeasureAsync(town, contender, phase, duration));
                        Console.WriteLine($"round {round}/{rounds} {contender.Name}, {phase.Name}: {found[contender.Name][phase][^1]}");
                    }
                }
            }

            var report = Report(found, rounds, duration);
            Console.Write(report);
            if (args.Text("--out") is { } file)
                await File.WriteAllTextAsync(file, report);
        }
        finally
        {
            foreach (var contender in contenders)
                contender.Dispose();
        }

        return 0;
    }

    private static async Task<Found> MeasureAsync(Town town, Contender contender, Phase phase, TimeSpan duration)
    {
        if (phase.IsSlow)
            town["menps"].Behaviors.Set(BehaviorMode.Slow, delay: SlowInstitution);
        else
            town["menps"].Behaviors.Clear();
        var (quietToken, noisyToken) = (await town.TokenFor(Quiet, "ASD_BACK_TO_SCHOOL"), await town.TokenFor(Noisy, "ASD_SCHOOLING"));
        var folder = town.State.Folder("bench");
        var crowdSettings = Settings(town, Noisy, noisyToken, contender.Port, phase.Callers, phase.Connections, seconds: 0);
        using var crowd = phase.Callers > 0 ? CallerProcess.Start("crowd", crowdSettings, folder, OthersCore) : null;
        var honestSettings = Settings(town, Quiet, quietToken, contender.Port, PerSecond, connections: 16, duration.TotalSeconds);
        using var honest = CallerProcess.Start("honest", honestSettings, folder, OthersCore);
        try
        {
            // Connections are open and both sides are warm before anything counts.
            if (await honest.StandardOutput.ReadLineAsync() != "warm")
                throw new InvalidOperationException("the honest client ended early");
            await CountAsync(crowd);
            var watch = Stopwatch.StartNew();
            var got = JsonSerializer.Deserialize<Got>((await honest.StandardOutput.ReadLineAsync())!)!;
            var (answered, lost) = await CountAsync(crowd);
            return new Found(got, answered / watch.Elapsed.TotalSeconds, answered + lost is > 0 and var calls ? (double)lost / calls : 0);
        }
        finally
        {
            crowd?.StandardInput.Close();
            if (crowd is not null)
                await crowd.WaitForExitAsync();
            await honest.WaitForExitAsync();
        }
    }

    private static CallerSettings Settings(Town town, string id, string token, int port, int callers, int connections, double seconds)
    {
        var entry = town.File.Clients.First(client => client.Id == id);
        return new(entry.Certificate, entry.CertificateKey, town.File.Ca, port, token, Bodies(town), callers, connections, seconds);
    }

    private static async Task<(long Answered, long Lost)> CountAsync(Process? crowd)
    {
        if (crowd is null)
            return default;
        await crowd.StandardInput.WriteLineAsync();
        await crowd.StandardInput.FlushAsync();
        var line = (await crowd.StandardOutput.ReadLineAsync())!.Split(' ');
        long[] counts = [.. line.Select(static count => long.Parse(count, CultureInfo.InvariantCulture))];
        return (counts[0], counts[1] + counts[2]);
    }

    private static async Task ReadyAsync(Town town, Contender contender)
    {
        using var client = EnrolmentCaller.Client(town, Quiet);
        var token = await town.TokenFor(Quiet, "ASD_BACK_TO_SCHOOL");
        for (var attempt = 0; ; attempt++)
        {
            if (
                (
                    await Honest.AskAsync(
                        client,
                        () => EnrolmentCaller.Request(contender.Port, Bodies(town)[0], token),
                        perSecond: 1,
                        TimeSpan.FromSeconds(1)
                    )
                ).Goodput > 0
            )
                return;
            if (attempt == 300)
                throw new InvalidOperationException($"{contender.Name} did not answer");
            await Task.Delay(500);
        }
    }

    private static string Report(Dictionary<string, Dictionary<Phase, List<Found>>> found, int rounds, TimeSpan duration)
    {
        var report = new StringBuilder();
        var model = File.ReadLines("/proc/cpuinfo")
            .First(static line => line.StartsWith("model name", StringComparison.Ordinal))
            .Split(':')[1]
            .Trim();
        report.AppendLine(
            CultureInfo.InvariantCulture,
            $"{TimeProvider.System.GetUtcNow():yyyy-MM-dd}, {model}, {Environment.ProcessorCount} cores, Linux {Environment.OSVersion.Version}, .NET {Environment.Version}; load average {File.ReadAllText("/proc/loadavg")[..4]} at the end"
        );
        report.Append(CultureInfo.InvariantCulture, $"gateway pinned to core {GatewayCore}; {rounds} interleaved rounds of ");
        report.AppendLine(CultureInfo.InvariantCulture, $"{duration.TotalSeconds:F0} s, median (min–max)");
        report.AppendLine("on the other core three processes: the honest client, the crowd (nice 10), authority with institutions");
        report.AppendLine(
            CultureInfo.InvariantCulture,
            $"the honest client asks {PerSecond} times a second over mutual TLS, latency from the instant at which each question was due; a refusal is an answer lost"
        );
        foreach (var (name, phases) in found)
        {
            report.AppendLine();
            report.AppendLine(
                CultureInfo.InvariantCulture,
                $"{(name == "gateway" ? "this build" : "the other build"),-34}{"goodput ÷ alone",-22}{"p50 ms",-22}{"p99 ms",-24}{"p99 ÷ alone",-14}{"crowd: answers/s",-22}crowd refused"
            );
            foreach (var (phase, all) in phases)
            {
                var alone = phases[Phases.First(other => other.Callers == 0 && other.IsSlow == phase.IsSlow)];
                string Of(Func<Found, double> value, string format) => Show([.. all.Select(value).Order()], format);
                report.AppendLine(
                    CultureInfo.InvariantCulture,
                    $"{phase.Name,-34}{Ratio(all, alone, static one => one.Got.Goodput, "F3"),-22}{Of(static one => one.Got.Percentile(0.5), "F1"),-22}{Of(static one => one.Got.Percentile(0.99), "F1"),-24}{Ratio(all, alone, static one => one.Got.Percentile(0.99), "F2"),-14}{(phase.Callers == 0 ? "–" : Of(static one => one.PerSecond, "F0")),-22}{(phase.Callers == 0 ? "–" : Of(static one => one.Refused, "P1"))}"
                );
            }
        }

        return report.ToString();
    }

    private static string Ratio(List<Found> some, List<Found> others, Func<Found, double> value, string format) =>
        (Median(some, value) / Median(others, value)).ToString(format, CultureInfo.InvariantCulture);

    private static double Median(List<Found> all, Func<Found, double> value) => all.Select(value).Order().ElementAt(all.Count / 2);

    private static string Show(double[] sorted, string format) =>
        string.Create(
            CultureInfo.InvariantCulture,
            $"{sorted[sorted.Length / 2].ToString(format, CultureInfo.InvariantCulture)} ({sorted[0].ToString(format, CultureInfo.InvariantCulture)}–{sorted[^1].ToString(format, CultureInfo.InvariantCulture)})"
        );

    private static byte[][] Bodies(Town town) =>
        [.. new[] { Fixtures.PlainChild, Fixtures.Orphan, Fixtures.FormerPlacement }.Select(idcs => EnrolmentCaller.Body(town, idcs))];

    /// <summary>One phase of a round.</summary>
    private sealed record Phase(string Name, int Callers, int Connections, bool IsSlow);

    /// <summary>What one phase came to.</summary>
    private sealed record Found(Got Got, double PerSecond, double Refused)
    {
        public override string ToString() =>
            string.Create(
                CultureInfo.InvariantCulture,
                $"goodput {Got.Goodput:F3}, p50 {Got.Percentile(0.5):F1} ms, p99 {Got.Percentile(0.99):F1} ms; crowd {PerSecond:F0}/s, {Refused:P1} refused"
            );
    }
}
