using System.Diagnostics;
using System.Globalization;
using System.Text;
using Benchmarks.Exchange;
using Interop.Node;

namespace Benchmarks.Issuing;

/// <summary>
/// Our authority beside npm oidc-provider doing the same thing: private_key_jwt ES256 with single-use assertions over mutual TLS 1.3,
/// certificate-bound ES256 JWT access tokens for a resource, RFC 9396 details. Interleaved on the same core.
/// </summary>
public static class TokensBenchmark
{
    private const int MostPerSecond = 14_000;

    public static async Task<int> RunAsync(string[] args)
    {
        var rounds = args.Number("--rounds", 5);
        var seconds = args.Number("--seconds", 6);
        var warm = args.Number("--warm", TokenServer.IsTiered ? 40 : 15);
        var many = args.Number("--many", 1_000_000);
        var exponent = args.Number("--fill", 7);
        var report = new StringBuilder();
        await NodePackages.Ensure();
        await using var town = await TokenTown.StartAsync();
        // The generator keeps to the other core.
        if (OperatingSystem.IsLinux())
            Process.GetCurrentProcess().ProcessorAffinity = 2;
        var folder = town.State.Folder("bench");
        await using (var ours = await TokenServer.OursAsync(town, folder))
        {
            Describe(report, rounds, seconds, warm);
            var others = new List<TokenServer>();
            try
            {
                if (Wanted(args, "oidc-provider"))
                    others.Add(await TokenServer.PeerAsync(town));
                if (Wanted(args, "bare"))
                    others.Add(await TokenServer.BareAsync(town, folder));
                if (args.Text("--beside") is { } build)
                    others.Add(
                        await TokenServer.OursAsync(town, town.State.Folder("bench-beside"), "other build", Path.GetFullPath(build))
                    );
                if (args.Text("--duende") is { } program)
                    others.Add(
                        await TokenServer.OursAsync(town, town.State.Folder("bench-duende"), "Duende engine", Path.GetFullPath(program))
                    );
                await BesideAsync(report, [ours, .. others], rounds, seconds, warm);
            }
            finally
            {
                foreach (var other in others)
                    await other.DisposeAsync();
            }
            if (many > 0)
                await ManyAsync(report, ours, many);
        }
        if (exponent >= 3)
            await ReplayCost.MeasureAsync(report, folder, exponent);
        Console.Write(report);
        if (args.Text("--out") is { } file)
        {
            if (Path.GetDirectoryName(file) is { Length: > 0 } target)
                Directory.CreateDirectory(target);
            await File.WriteAllTextAsync(file, report.ToString());
        }
        return 0;
    }

    private static async Task BesideAsync(StringBuilder report, TokenServer[] servers, int rounds, int seconds, int warm)
    {
        var figures = servers.ToDictionary(static server => server.Name, static _ => new List<Figures>(), StringComparer.Ordinal);
        foreach (var server in servers)
            await server.SaturateAsync(MostPerSecond * warm / TokenTown.Clients, TimeSpan.FromSeconds(warm));
        for (var round = 1; round <= rounds; round++)
        {
            foreach (var server in servers)
            {
                var run = await server.SaturateAsync(MostPerSecond * seconds / TokenTown.Clients, TimeSpan.FromSeconds(seconds));
                figures[server.Name].Add(run);
                Console.WriteLine(
                    $"round {round}/{rounds} {server.Name}: {run.PerSecond:F0}/s, {run.CpuSecondsPerThousand:F4} CPU s per 1,000"
                );
            }
        }
        report.AppendLine();
        report.AppendLine(
            $"{"",-38}{string.Concat(servers.Select(static server => $"{server.Name,-28}"))}{(servers.Length > 1 ? $"authority ÷ {servers[1].Name}" : "")}"
        );
        Row(report, "tokens/s", "F0", figures, servers, static run => run.PerSecond);
        Row(report, "tokens per CPU second", "F0", figures, servers, static run => 1000 / run.CpuSecondsPerThousand);
        Row(report, "CPU seconds per 1,000 tokens", "F4", figures, servers, static run => run.CpuSecondsPerThousand);
        Row(report, "p50 ms", "F2", figures, servers, static run => run.Percentile(0.50));
        Row(report, "p99 ms", "F2", figures, servers, static run => run.Percentile(0.99));
        report.AppendLine();
        foreach (var server in servers)
            report.AppendLine(
                CultureInfo.InvariantCulture,
                $"memory resident after the rounds: {server.Name} {server.MebibytesResident:F0} MiB"
            );
        report.AppendLine();
    }

    private static async Task ManyAsync(StringBuilder report, TokenServer server, int many)
    {
        const int Slice = 100_000;
        var (before, done) = (server.MebibytesResident, 0L);
        var most = before;
        var watch = Stopwatch.StartNew();
        while (done < many && watch.Elapsed < TimeSpan.FromMinutes(20))
        {
            done += (await server.SaturateAsync(Slice / TokenTown.Clients, TimeSpan.FromMinutes(1))).Requests;
            most = Math.Max(most, server.MebibytesResident);
        }
        report.AppendLine(
            CultureInfo.InvariantCulture,
            $"{done:N0} tokens more from the authority, none refused: {before:F0} MiB resident before, {server.MebibytesResident:F0} MiB after, {most:F0} MiB at most"
        );
        report.AppendLine();
    }

    private static void Describe(StringBuilder report, int rounds, int seconds, int warm)
    {
        var model = File.ReadLines("/proc/cpuinfo")
            .FirstOrDefault(static line => line.StartsWith("model name", StringComparison.Ordinal))
            ?.Split(':')[^1]
            .Trim()
            ?? "unknown";
        report.AppendLine(
            CultureInfo.InvariantCulture,
            $"{TimeProvider.System.GetUtcNow():yyyy-MM-dd}, {model}, {Environment.ProcessorCount} cores, {Environment.OSVersion.VersionString.Replace("Unix", "Linux", StringComparison.Ordinal)}, .NET {Environment.Version}, npm oidc-provider 9.13.3 on Node 22"
        );
        report.AppendLine(
            CultureInfo.InvariantCulture,
            $"both servers pinned to core {TokenServer.Core} in turn, generator on the other; {rounds} interleaved rounds of {seconds} s after {warm} s of warming up, median (min–max)"
        );
        report.AppendLine(
            CultureInfo.InvariantCulture,
            $"{TokenTown.Clients} clients, one kept-alive mutual-TLS 1.3 connection each (P-256); private_key_jwt ES256, assertions signed beforehand, each used once; ES256 at+jwt of 300 s for one resource, certificate-bound, with authorization_details"
        );
        var compiled = TokenServer.IsTiered
            ? "with the runtime's defaults (tiered compilation, dynamic PGO)"
            : "compiled at first call (TieredCompilation=0, ReadyToRun=0)";
        report.AppendLine(CultureInfo.InvariantCulture, $"authority and bare: {compiled}");
        report.AppendLine(
            "authority: the program as shipped; every jti durable in SQLite (synchronous=FULL), every token's record sealed in the ledger (fdatasync) before its answer"
        );
        report.AppendLine("bare: Kestrel, one ES256 verification and one signature, nothing else; what the machine has to share out");
        report.AppendLine(
            "oidc-provider: FAPI 2.0 profile on; its replay memory and its tokens in process memory, nothing durable, no record"
        );
    }

    private static void Row(
        StringBuilder report,
        string label,
        string format,
        Dictionary<string, List<Figures>> figures,
        TokenServer[] servers,
        Func<Figures, double> of
    )
    {
        double[] Values(TokenServer server) => [.. figures[server.Name].Select(of).Order()];
        string Cell(double[] values) =>
            string.Format(
                CultureInfo.InvariantCulture,
                "{0:" + format + "} ({1:" + format + "}–{2:" + format + "})",
                values[values.Length / 2],
                values[0],
                values[^1]
            );
        var all = servers.Select(Values).ToArray();
        report.AppendLine(
            CultureInfo.InvariantCulture,
            $"{label,-38}{string.Concat(all.Select(values => $"{Cell(values),-28}"))}{(all.Length > 1 ? all[0][all[0].Length / 2] / all[1][all[1].Length / 2] : 1):F2}"
        );
    }

    /// <summary><c>--with a,b</c> names the contenders beside the authority; all of them when it is not given.</summary>
    private static bool Wanted(string[] args, string name) =>
        args.Text("--with") is not { } names || names.Split(',').Contains(name, StringComparer.Ordinal);
}
