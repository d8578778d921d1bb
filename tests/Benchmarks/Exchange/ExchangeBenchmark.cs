using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using Benchmarks.Issuing;
using Ledger;
using Sandbox;
using Sandbox.Persons;

namespace Benchmarks.Exchange;

/// <summary>
/// The whole exchange beside bare YARP with the same mutual TLS and the same upstream, interleaved on the same core; then the batch path.
/// </summary>
public static class ExchangeBenchmark
{
    private const int GatewayCore = 0,
        Connections = 32;
    private static readonly string[] Fields = ["CPU seconds per 1,000 requests", "requests/s"];

    public static async Task<int> RunAsync(string[] args)
    {
        var rounds = args.Number("--rounds", 5);
        var seconds = TimeSpan.FromSeconds(args.Number("--seconds", 8));
        var report = new StringBuilder();
        Gateway.GatewayOptions captured = null!;
        await using var town = await Town.StartAsync(
            new TownOptions
            {
                Pupils = 20_000,
                RequireAssertion = false,
                Remember = 0,
                ConfigureGateway = options => captured = options,
            }
        );
        // The generator, the authority and the institutions keep to the other core.
        if (OperatingSystem.IsLinux())
            Process.GetCurrentProcess().ProcessorAffinity = 2;
        var folder = town.State.Folder("bench");
        using var gateway = Contender.Start("gateway", Own(captured, town, folder), folder, GatewayCore);
        using var bare = Contender.Start("bare", Own(captured, town, folder, "bare"), folder, GatewayCore);
        var token = await town.TokenFor("anss-eligibility", "ASD_SCHOOLING", null, "education.school-enrolment.read");
        var tokenUntil = Stopwatch.StartNew();
        using var client = EnrolmentCaller.Client(town);
        var bodies = Bodies(town);
        Load Of(Contender contender) => new(client, lane => EnrolmentCaller.Request(contender.Port, bodies[lane % bodies.Length], token));
        await ReadyAsync(gateway, Of(gateway));
        await ReadyAsync(bare, Of(bare));

        Describe(report, rounds, seconds);
        var saturated = new Dictionary<string, List<Figures>>(StringComparer.Ordinal) { ["gateway"] = [], ["bare"] = [] };
        var arriving = new Dictionary<string, List<Figures>>(StringComparer.Ordinal) { ["gateway"] = [], ["bare"] = [] };
        foreach (var contender in new[] { gateway, bare })
            await Of(contender).SaturateAsync(contender, Connections, seconds);
        for (var round = 1; round <= rounds; round++)
        {
            foreach (var contender in new[] { gateway, bare })
            {
                if (tokenUntil.Elapsed > TimeSpan.FromSeconds(120))
                {
                    token = await town.TokenFor("anss-eligibility", "ASD_SCHOOLING", null, "education.school-enrolment.read");
                    tokenUntil.Restart();
                }

                saturated[contender.Name].Add(await Of(contender).SaturateAsync(contender, Connections, seconds));
                arriving[contender.Name].Add(await Of(contender).ArriveAsync(contender, 1000, seconds));
                Console.WriteLine(
                    $"round {round}/{rounds} {contender.Name}: {saturated[contender.Name][^1].PerSecond:F0}/s, {saturated[contender.Name][^1].CpuSecondsPerThousand:F4} CPU s/1,000"
                );
            }
        }

        Table(report, saturated, arriving);
        report.AppendLine(
            CultureInfo.InvariantCulture,
            $"memory resident at {Connections} connections: gateway {gateway.MebibytesResident:F0} MiB, bare YARP {bare.MebibytesResident:F0} MiB"
        );
        report.AppendLine();
        await BatchAsync(report, town, gateway, client);
        Console.Write(report);
        if (Path.GetDirectoryName(args.Text("--out")) is { } target)
        {
            if (target.Length > 0)
                Directory.CreateDirectory(target);
            await File.WriteAllTextAsync(args.Text("--out")!, report.ToString());
        }

        return 0;
    }

    private static async Task BatchAsync(StringBuilder report, Town town, Contender gateway, HttpMessageInvoker client)
    {
        const int Lines = 5000,
            Batches = 8;
        var line = Encoding.UTF8.GetString(Bodies(town)[0].AsSpan(1));
        var text = string.Join('\n', Enumerable.Range(0, Lines).Select(i => $"{{\"reference\":\"r-{i}\",{line}"));
        var token = await town.TokenFor("anss-batch", "ASD_SCHOOLING", null, "education.school-enrolment.batch");
        using var batchClient = EnrolmentCaller.Client(town, "anss-batch");
        var cpu = gateway.Cpu;
        var watch = Stopwatch.StartNew();
        var locations = await Task.WhenAll(
            Enumerable
                .Range(0, Batches)
                .Select(async _ =>
                {
                    using var request = new HttpRequestMessage(
                        HttpMethod.Post,
                        new Uri($"https://localhost:{gateway.Port}/education/v1/school-enrolment-batches")
                    )
                    {
                        Content = new StringContent(text, Encoding.UTF8, "application/x-ndjson"),
                    };
                    request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", token);
                    request.Headers.Add("Idempotency-Key", Guid.CreateVersion7().ToString());
                    using var response = await batchClient.SendAsync(request, CancellationToken.None);
                    if (response.StatusCode != HttpStatusCode.Accepted)
                        throw new InvalidOperationException(await response.Content.ReadAsStringAsync());
                    return response.Headers.Location!.ToString();
                })
        );
        foreach (var location in locations)
        {
            while (true)
            {
                using var request = new HttpRequestMessage(HttpMethod.Get, new Uri($"https://localhost:{gateway.Port}{location}"));
                request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", token);
                using var response = await batchClient.SendAsync(request, CancellationToken.None);
                var manifest = JsonSerializer.Deserialize<JsonElement>(await response.Content.ReadAsStringAsync());
                if (manifest.GetProperty("state").GetString() == "COMPLETED")
                    break;
                await Task.Delay(10);
            }
        }

        var took = watch.Elapsed.TotalSeconds;
        var used = (gateway.Cpu - cpu).TotalSeconds;
        report.AppendLine(
            CultureInfo.InvariantCulture,
            $"batch path, {Batches} batches of {Lines} lines, a durable record each, two cores in all: {Batches * Lines / took:F0} children/s, {Batches * Lines / used:F0} children per CPU second of the gateway, {used / (Batches * Lines) * 1000:F4} CPU s per 1,000 children"
        );
    }

    private static void Table(StringBuilder report, Dictionary<string, List<Figures>> saturated, Dictionary<string, List<Figures>> arriving)
    {
        report.AppendLine(
            "                                              whole exchange            bare YARP                 exchange ÷ bare"
        );
        Row(report, $"saturated, {Fields[1]}", saturated, static figures => figures.PerSecond, "F0");
        Row(report, $"saturated, {Fields[0]}", saturated, static figures => figures.CpuSecondsPerThousand, "F4");
        Row(report, $"at 1,000/s, {Fields[0]}", arriving, static figures => figures.CpuSecondsPerThousand, "F4");
        Row(report, "at 1,000/s, p50 ms", arriving, static figures => figures.Percentile(0.50), "F2");
        Row(report, "at 1,000/s, p99 ms", arriving, static figures => figures.Percentile(0.99), "F2");
        report.AppendLine();
    }

    private static void Row(
        StringBuilder report,
        string name,
        Dictionary<string, List<Figures>> figures,
        Func<Figures, double> value,
        string format
    )
    {
        double[] Sorted(string contender) => [.. figures[contender].Select(value).Order()];
        var (gateway, bare) = (Sorted("gateway"), Sorted("bare"));
        string Show(double[] sorted) =>
            $"{sorted[sorted.Length / 2].ToString(format, CultureInfo.InvariantCulture)} ({sorted[0].ToString(format, CultureInfo.InvariantCulture)}–{sorted[^1].ToString(format, CultureInfo.InvariantCulture)})";
        report.AppendLine(
            CultureInfo.InvariantCulture,
            $"{name,-46}{Show(gateway),-26}{Show(bare),-26}{gateway[gateway.Length / 2] / bare[bare.Length / 2]:F2}"
        );
    }

    private static void Describe(StringBuilder report, int rounds, TimeSpan seconds)
    {
        var model = File.ReadLines("/proc/cpuinfo")
            .First(static line => line.StartsWith("model name", StringComparison.Ordinal))
            .Split(':')[1]
            .Trim();
        report.AppendLine(
            CultureInfo.InvariantCulture,
            $"{TimeProvider.System.GetUtcNow():yyyy-MM-dd}, {model}, {Environment.ProcessorCount} cores, Linux {Environment.OSVersion.Version}, .NET {Environment.Version}"
        );
        report.AppendLine(
            CultureInfo.InvariantCulture,
            $"gateway and bare YARP each pinned to core {GatewayCore} in turn; generator, authority and institutions on the other core; {rounds} interleaved rounds of {seconds.TotalSeconds:F0} s, median (min–max)"
        );
        report.AppendLine(
            CultureInfo.InvariantCulture,
            $"mutual TLS 1.3 with P-256 certificates, {Connections} keep-alive connections, HTTP/1.1; TieredCompilation=0, gcConcurrent=0; each answer's record synced to disk before it leaves"
        );
        report.AppendLine();
    }

    private static async Task ReadyAsync(Contender contender, Load load)
    {
        for (var attempt = 0; ; attempt++)
        {
            try
            {
                await load.SaturateAsync(contender, 1, TimeSpan.FromMilliseconds(50));
                return;
            }
            catch (Exception) when (attempt < 100)
            {
                await Task.Delay(100);
            }
        }
    }

    /// <summary>A town's gateway again, with ports, log and stores of its own.</summary>
    internal static Settings Own(Gateway.GatewayOptions town, Town of, string folder, string name = "gateway")
    {
        var options = JsonSerializer.Deserialize<Gateway.GatewayOptions>(JsonSerializer.Serialize(town))!;
        (options.DataPort, options.OperationsPort, options.DpopPort, options.DiagnosePort) = (
            TokenTown.FreePort(),
            TokenTown.FreePort(),
            TokenTown.FreePort(),
            null
        );
        options.HandshakesAtOnce = 1024;
        (options.Ledger, options.Spool, options.DossierStore.File) = (
            Path.Combine(folder, $"ledger-{name}"),
            Path.Combine(folder, $"spool-{name}"),
            Path.Combine(folder, $"dossiers-{name}.db")
        );
        (options.Status.File, options.Replay.File, options.LedgerPolicy) = (
            Path.Combine(folder, $"status-{name}.db"),
            Path.Combine(folder, $"replay-{name}.db"),
            ""
        );
        var key = Path.Combine(folder, "log.key");
        if (!File.Exists(key))
        {
            using var made = LogKey.Create();
            made.Save(key);
        }

        return new Settings
        {
            Gateway = options,
            Upstream = $"{of["menps"].Address.ToString().TrimEnd('/')}/v1/school-enrolments/query",
            LogKey = key,
        };
    }

    private static byte[][] Bodies(Town town) =>
        [.. new[] { Fixtures.PlainChild, Fixtures.Orphan, Fixtures.FormerPlacement }.Select(idcs => EnrolmentCaller.Body(town, idcs))];
}
