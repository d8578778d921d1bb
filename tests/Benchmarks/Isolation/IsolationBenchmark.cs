using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Text;
using Benchmarks.Exchange;
using Sandbox;
using Sandbox.Institutions.Behaviors;
using Sandbox.Persons;

namespace Benchmarks.Isolation;

/// <summary>
/// What the crowd of one client does to another client: an honest one asks at a fixed pace, alone and beside 32 and 320 busy connections, then beside 800 callers of one
/// slow institution. Each build of the gateway has a process, a log and stores of its own on the same core; phases are interleaved.
/// </summary>
internal static class IsolationBenchmark
{
    private const int GatewayCore = 0, PerSecond = 50;
    private const string Noisy = "anss-eligibility", Quiet = "anss-payments";
    private static readonly TimeSpan SlowInstitution = TimeSpan.FromMilliseconds(50), Settle = TimeSpan.FromSeconds(2);

    private static readonly Phase[] Phases =
    [
        new("alone", 0, 0, IsSlow: false), new("beside 32 connections", 32, 32, IsSlow: false), new("beside 320 connections", 320, 320, IsSlow: false),
        new("institution takes 50 ms, alone", 0, 0, IsSlow: true), new("beside 800 callers of it", 800, 8, IsSlow: true),
    ];

    public static async Task<int> RunAsync(string[] args)
    {
        var (rounds, duration) = (args.Number("--rounds", 3), TimeSpan.FromSeconds(args.Number("--seconds", 8)));
        Gateway.GatewayOptions captured = null!;
        await using var town = await Town.StartAsync(new TownOptions { Pupils = 2_000, RequireAssertion = false, Remember = 0, Witnesses = 0, ConfigureGateway = options => captured = options });
        // The callers, the authority and the institutions keep to the other core.
        if (OperatingSystem.IsLinux()) Process.GetCurrentProcess().ProcessorAffinity = 2;
        var folder = town.State.Folder("bench");
        var contenders = new List<Contender>();
        if (args.Text("--beside") is { } build) contenders.Add(Contender.Start("before", ExchangeBenchmark.Own(captured, town, folder, "before"), folder, GatewayCore, Path.GetFullPath(build)));
        contenders.Add(Contender.Start("gateway", ExchangeBenchmark.Own(captured, town, folder), folder, GatewayCore));
        try
        {
            var found = contenders.ToDictionary(static contender => contender.Name, static _ => Phases.ToDictionary(static phase => phase, static _ => new List<Found>()), StringComparer.Ordinal);
            foreach (var contender in contenders) await ReadyAsync(town, contender);
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
            if (args.Text("--out") is { } file) await File.WriteAllTextAsync(file, report);
        }
        finally
        {
            foreach (var contender in contenders) contender.Dispose();
        }

        return 0;
    }

    private static async Task<Found> MeasureAsync(Town town, Contender contender, Phase phase, TimeSpan duration)
    {
        if (phase.IsSlow) town["menps"].Behaviors.Set(BehaviorMode.Slow, delay: SlowInstitution);
        else town["menps"].Behaviors.Clear();
        using var quiet = EnrolmentCaller.Client(town, Quiet, connections: 16);
        using var noisy = EnrolmentCaller.Client(town, Noisy, connections: Math.Max(1, phase.Connections));
        var body = Bodies(town);
        var (quietToken, noisyToken) = (await town.TokenFor(Quiet, "ASD_BACK_TO_SCHOOL"), await town.TokenFor(Noisy, "ASD_SCHOOLING"));
        // More callers than connections share these as streams.
        var version = phase.Callers > phase.Connections ? HttpVersion.Version20 : HttpVersion.Version11;
        var (asked, crowded) = (0, 0);
        var crowd = new Crowd(noisy, phase.Callers, () =>
        {
            var request = EnrolmentCaller.Request(contender.Port, body[Interlocked.Increment(ref crowded) % body.Length], noisyToken);
            (request.Version, request.VersionPolicy) = (version, HttpVersionPolicy.RequestVersionExact);
            return request;
        });
        HttpRequestMessage Question() => EnrolmentCaller.Request(contender.Port, body[Interlocked.Increment(ref asked) % body.Length], quietToken);
        using var stop = new CancellationTokenSource();
        var running = crowd.RunAsync(stop.Token);
        // Connections are open and both sides are warm before anything counts.
        await Honest.AskAsync(quiet, Question, PerSecond, Settle);
        var (answered, refused, broken) = (crowd.Answered, crowd.Refused, crowd.Broken);
        var watch = Stopwatch.StartNew();
        var got = await Honest.AskAsync(quiet, Question, PerSecond, duration);
        var seconds = watch.Elapsed.TotalSeconds;
        (answered, refused, broken) = (crowd.Answered - answered, crowd.Refused - refused, crowd.Broken - broken);
        await stop.CancelAsync();
        await running;
        return new Found(got, answered / seconds, answered + refused + broken is > 0 and var calls ? (double)(refused + broken) / calls : 0);
    }

    private static async Task ReadyAsync(Town town, Contender contender)
    {
        using var client = EnrolmentCaller.Client(town, Quiet);
        var token = await town.TokenFor(Quiet, "ASD_BACK_TO_SCHOOL");
        for (var attempt = 0; ; attempt++)
        {
            if ((await Honest.AskAsync(client, () => EnrolmentCaller.Request(contender.Port, Bodies(town)[0], token), perSecond: 1, TimeSpan.FromSeconds(1))).Goodput > 0) return;
            if (attempt == 300) throw new InvalidOperationException($"{contender.Name} did not answer");
            await Task.Delay(500);
        }
    }

    private static string Report(Dictionary<string, Dictionary<Phase, List<Found>>> found, int rounds, TimeSpan duration)
    {
        var report = new StringBuilder();
        var model = File.ReadLines("/proc/cpuinfo").First(static line => line.StartsWith("model name", StringComparison.Ordinal)).Split(':')[1].Trim();
        report.AppendLine(CultureInfo.InvariantCulture, $"{TimeProvider.System.GetUtcNow():yyyy-MM-dd}, {model}, {Environment.ProcessorCount} cores, Linux {Environment.OSVersion.Version}, .NET {Environment.Version}; load average {File.ReadAllText("/proc/loadavg")[..4]} at the end");
        report.AppendLine(CultureInfo.InvariantCulture, $"gateway pinned to core {GatewayCore}; callers, authority and institutions on the other core; {rounds} interleaved rounds of {duration.TotalSeconds:F0} s, median (min–max)");
        report.AppendLine(CultureInfo.InvariantCulture, $"the honest client asks {PerSecond} times a second over mutual TLS, latency from the instant at which each question was due; a refusal is an answer lost");
        foreach (var (name, phases) in found)
        {
            report.AppendLine();
            report.AppendLine(CultureInfo.InvariantCulture, $"{(name == "gateway" ? "this build" : "the other build"),-34}{"goodput ÷ alone",-22}{"p50 ms",-22}{"p99 ms",-24}{"p99 ÷ alone",-14}{"crowd: answers/s",-22}crowd refused");
            foreach (var (phase, all) in phases)
            {
                var alone = phases[Phases.First(other => other.Callers == 0 && other.IsSlow == phase.IsSlow)];
                string Of(Func<Found, double> value, string format) => Show([.. all.Select(value).Order()], format);
                report.AppendLine(CultureInfo.InvariantCulture,
                    $"{phase.Name,-34}{Ratio(all, alone, static one => one.Got.Goodput, "F3"),-22}{Of(static one => one.Got.Percentile(0.5), "F1"),-22}{Of(static one => one.Got.Percentile(0.99), "F1"),-24}{Ratio(all, alone, static one => one.Got.Percentile(0.99), "F2"),-14}{(phase.Callers == 0 ? "–" : Of(static one => one.PerSecond, "F0")),-22}{(phase.Callers == 0 ? "–" : Of(static one => one.Refused, "P1"))}");
            }
        }

        return report.ToString();
    }

    private static string Ratio(List<Found> some, List<Found> others, Func<Found, double> value, string format) =>
        (Median(some, value) / Median(others, value)).ToString(format, CultureInfo.InvariantCulture);

    private static double Median(List<Found> all, Func<Found, double> value) => all.Select(value).Order().ElementAt(all.Count / 2);

    private static string Show(double[] sorted, string format) =>
        string.Create(CultureInfo.InvariantCulture, $"{sorted[sorted.Length / 2].ToString(format, CultureInfo.InvariantCulture)} ({sorted[0].ToString(format, CultureInfo.InvariantCulture)}–{sorted[^1].ToString(format, CultureInfo.InvariantCulture)})");

    private static byte[][] Bodies(Town town) => [.. new[] { Fixtures.PlainChild, Fixtures.Orphan, Fixtures.FormerPlacement }.Select(idcs => EnrolmentCaller.Body(town, idcs))];

    /// <summary>One phase of a round.</summary>
    private sealed record Phase(string Name, int Callers, int Connections, bool IsSlow);

    /// <summary>What one phase came to.</summary>
    private sealed record Found(Got Got, double PerSecond, double Refused)
    {
        public override string ToString() =>
            string.Create(CultureInfo.InvariantCulture, $"goodput {Got.Goodput:F3}, p50 {Got.Percentile(0.5):F1} ms, p99 {Got.Percentile(0.99):F1} ms; crowd {PerSecond:F0}/s, {Refused:P1} refused");
    }
}
