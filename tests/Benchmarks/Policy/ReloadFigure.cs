using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using Benchmarks.Exchange;
using Benchmarks.Issuing;
using Ledger;
using Sandbox;
using Sandbox.Persons;

namespace Benchmarks.Policy;

/// <summary>
/// Reload under load: 10,000 agreements change while 1,000 requests a second arrive whether or not earlier ones were answered. The worst
/// latency, from the instant at which a request was due, beside that of the same load without a reload, in the same process and run.
/// </summary>
internal static class ReloadFigure
{
    private const int GatewayCore = 0,
        PerSecond = 1000;
    private static readonly TimeSpan Settle = TimeSpan.FromSeconds(4);

    public static async Task<int> RunAsync(string[] args)
    {
        var (agreements, rounds, seconds) = (
            args.Number("--agreements", 10_000),
            args.Number("--rounds", 3),
            TimeSpan.FromSeconds(args.Number("--seconds", 15))
        );
        var report = new StringBuilder();
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
        var folder = town.State.Folder("bench");
        var contracts = ManyAgreements.Write(town, Path.Combine(folder, "contracts"), agreements);
        // The generator, the authority and the institutions keep to the other core.
        if (OperatingSystem.IsLinux())
            Process.GetCurrentProcess().ProcessorAffinity = 2;
        using var gateway = Contender.Start("gateway", Own(captured, town, folder, contracts.Folder), folder, GatewayCore);
        using var client = EnrolmentCaller.Client(town);
        var token = await town.TokenFor("anss-eligibility", "ASD_SCHOOLING", null, "education.school-enrolment.read");
        // Three of them, since the contract lets nobody be asked about more than 100,000 times a day.
        var bodies = new[] { Fixtures.PlainChild, Fixtures.Orphan, Fixtures.FormerPlacement }
            .Select(idcs => EnrolmentCaller.Body(town, idcs))
            .ToArray();
        var load = new Load(client, number => EnrolmentCaller.Request(gateway.Port, bodies[number % bodies.Length], token));
        var policy = await ReadyAsync(client, gateway.Port, token);
        report.AppendLine(
            CultureInfo.InvariantCulture,
            $"reload under load, {DateTime.UtcNow:yyyy-MM-dd}, {Environment.ProcessorCount} cores, .NET {Environment.Version}; load average {(await File.ReadAllTextAsync("/proc/loadavg"))[..4]} at the start"
        );
        report.AppendLine(
            CultureInfo.InvariantCulture,
            $"gateway pinned to core {GatewayCore}, which also reloads; {agreements:N0} signed agreements; {PerSecond:N0} requests/s arrive for {seconds.TotalSeconds:F0} s, HTTP/1.1 over mutual TLS; {rounds} rounds; memory {gateway.MebibytesResident:F0} MiB"
        );
        report.AppendLine("                                      p50 ms    p99 ms   worst ms   became law after s   CPU s of the gateway");
        await load.ArriveAsync(gateway, PerSecond, TimeSpan.FromSeconds(5)); // warm
        for (var round = 0; round < rounds; round++)
        {
            (string Name, Action? Change)[] phases =
            [
                ("no reload", null),
                ("one agreement of them changed", contracts.ChangeOne),
                ("all of them changed", contracts.ChangeAll),
                ("no reload again", null),
            ];
            foreach (var (name, change) in phases)
            {
                token = await town.TokenFor("anss-eligibility", "ASD_SCHOOLING", null, "education.school-enrolment.read");
                contracts.Prepare();
                await Task.Delay(Settle);
                var bearer = token;
                Func<Task<string>> ask = async () => await PolicyAsync(client, gateway.Port, bearer);
                using var over = new CancellationTokenSource();
                var reloading = change is null ? Task.FromResult((policy, double.NaN)) : ReloadAsync(change, policy, ask, over.Token);
                var figures = await load.ArriveAsync(gateway, PerSecond, seconds);
                await over.CancelAsync();
                var (now, took) = await reloading;
                policy = now;
                report.AppendLine(
                    CultureInfo.InvariantCulture,
                    $"{name,-34}{figures.Percentile(0.50),10:F2}{figures.Percentile(0.99),10:F2}{figures.Milliseconds[^1],11:F1}{Became(took, seconds),21}{figures.Cpu.TotalSeconds,23:F1}"
                );
                Console.WriteLine(report.ToString().TrimEnd().Split('\n')[^1]);
            }
        }

        report.AppendLine("every request was answered 200; a lost one would have ended the run");
        Console.Write(report);
        if (args.Text("--out") is { } file)
            await File.WriteAllTextAsync(file, report.ToString());
        return 0;
    }

    private static string Became(double took, TimeSpan load) =>
        double.IsNaN(took) ? "–"
        : double.IsPositiveInfinity(took) ? string.Create(CultureInfo.InvariantCulture, $"not in {load.TotalSeconds - 1:F0}")
        : took.ToString("F2", CultureInfo.InvariantCulture);

    // A second after the load began: the change, then a look twenty times a second at the policy that the gateway names.
    private static async Task<(string Policy, double Seconds)> ReloadAsync(
        Action change,
        string before,
        Func<Task<string>> ask,
        CancellationToken over
    )
    {
        await Task.Delay(TimeSpan.FromSeconds(1), CancellationToken.None);
        var start = Stopwatch.GetTimestamp();
        change();
        while (!over.IsCancellationRequested)
        {
            if (await ask() is var now && now != before)
                return (now, Stopwatch.GetElapsedTime(start).TotalSeconds);
            await Task.Delay(50, CancellationToken.None);
        }

        // Not while the load lasted: on the one core requests go first.
        return (before, double.PositiveInfinity);
    }

    private static async Task<string> ReadyAsync(HttpMessageInvoker client, int port, string token)
    {
        for (var attempt = 0; ; attempt++)
        {
            try
            {
                return await PolicyAsync(client, port, token);
            }
            catch (HttpRequestException) when (attempt < 3000)
            {
                await Task.Delay(100);
            }
        }
    }

    private static async Task<string> PolicyAsync(HttpMessageInvoker client, int port, string token)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, new Uri($"https://localhost:{port}/catalogue/v1/caller"))
        {
            Version = HttpVersion.Version11,
        };
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", token);
        using var response = await client.SendAsync(request, CancellationToken.None);
        var text = await response.Content.ReadAsStringAsync();
        if (!response.IsSuccessStatusCode)
            throw new InvalidOperationException($"{(int)response.StatusCode}: {text}");
        return JsonSerializer.Deserialize<JsonElement>(text).GetProperty("policy").GetString()!;
    }

    private static Settings Own(Gateway.GatewayOptions town, Town of, string folder, string contracts)
    {
        var options = JsonSerializer.Deserialize<Gateway.GatewayOptions>(JsonSerializer.Serialize(town))!;
        (options.DataPort, options.OperationsPort, options.DpopPort, options.DiagnosePort) = (
            TokenTown.FreePort(),
            TokenTown.FreePort(),
            TokenTown.FreePort(),
            null
        );
        (options.HandshakesAtOnce, options.Contracts, options.LedgerPolicy) = (1024, contracts, "");
        (options.Ledger, options.Spool, options.DossierStore.File) = (
            Path.Combine(folder, "ledger"),
            Path.Combine(folder, "spool"),
            Path.Combine(folder, "dossiers.db")
        );
        var key = Path.Combine(folder, "log.key");
        using (var made = LogKey.Create())
            made.Save(key);
        return new Settings
        {
            Gateway = options,
            Upstream = of["menps"].Address.ToString(),
            LogKey = key,
        };
    }
}
