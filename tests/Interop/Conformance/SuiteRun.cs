using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text.RegularExpressions;
using System.Xml.Linq;

namespace Interop.Conformance;

/// <summary>
/// The conformance suite of <c>tests/Authority.Tests</c> as a process, over the address of an engine and the folder that it was started
/// over.
/// </summary>
internal sealed partial class SuiteRun : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(4);

    private SuiteRun(string folder, int port) => (Folder, Port) = (folder, port);

    /// <summary>Contracts, keys, certificates, <c>authority.json</c>.</summary>
    public string Folder { get; }

    /// <summary>Public port that <c>authority.json</c> names.</summary>
    public int Port { get; }

    private static string Suite { get; } =
        Path.GetFullPath(
            Path.Combine(
                AppContext.BaseDirectory.Replace(
                    Path.Combine("tests", "Interop", "bin"),
                    Path.Combine("tests", "Authority.Tests", "bin"),
                    StringComparison.Ordinal
                ),
                "Authority.Tests.dll"
            )
        );

    /// <summary>Writes a fresh folder.</summary>
    public static async Task<SuiteRun> Prepare()
    {
        var run = new SuiteRun(Directory.CreateTempSubdirectory("suite-").FullName, FreePorts());
        var (code, said) = await Dotnet([Suite, "suite-folder", run.Folder, run.Port.ToString(CultureInfo.InvariantCulture)], []);
        Assert.True(code == 0, said);
        return run;
    }

    /// <summary>Runs the suite from outside and returns the outcome of each test method: how many of its cases passed.</summary>
    /// <param name="issuer">Address of the engine.</param>
    /// <param name="peer">Report on another's engine: leave out what needs its registrations changed, and judge refusals without our
    /// words.</param>
    public async Task<IReadOnlyDictionary<string, Outcome>> Against(string issuer, bool peer)
    {
        var report = Path.Combine(Folder, "report.xml");
        string[] filters =
        [
            "-parallel",
            "none",
            "-namespace",
            "Authority.Tests.Profile",
            "-trait-",
            "Needs=Inside",
            .. peer ? new[] { "-trait-", "Needs=Registry" } : [],
        ];
        var (code, said) = await Dotnet(
            [Suite, "-noColor", .. filters, "-xml", report],
            [("AUTHORITY_UNDER_TEST", issuer), ("AUTHORITY_FOLDER", Folder), ("AUTHORITY_REPORTING", peer ? "true" : "")]
        );
        Assert.True(File.Exists(report), said);
        if (!peer)
            Assert.True(code == 0, said);
        return XDocument
            .Load(report)
            .Descendants("test")
            .GroupBy(static test => (string)test.Attribute("method")!, StringComparer.Ordinal)
            .ToDictionary(static group => group.Key, Of, StringComparer.Ordinal);
    }

    /// <summary>What became of one test method.</summary>
    /// <param name="Passed">Cases that passed.</param>
    /// <param name="Of">Cases.</param>
    /// <param name="Why">The first assertion that failed, on one line.</param>
    internal sealed record Outcome(int Passed, int Of, string? Why);

    private static Outcome Of(IGrouping<string, XElement> cases)
    {
        var failed = cases.FirstOrDefault(static test => (string?)test.Attribute("result") != "Pass");
        var why = failed is null
            ? null
            : Space()
                .Replace(Address().Replace(failed.Descendants("message").FirstOrDefault()?.Value ?? "failed", "https://localhost"), " ")
                .Trim();
        return new(
            cases.Count(static test => (string?)test.Attribute("result") == "Pass"),
            cases.Count(),
            why is { Length: > 150 } ? why[..150] + "…" : why
        );
    }

    /// <summary>Starts our own authority's program over the folder and waits until it is ready.</summary>
    public async Task<Process> StartAuthority()
    {
        var start = new ProcessStartInfo(
            "dotnet",
            [Path.Combine(AppContext.BaseDirectory, "Authority.dll"), "--config", Path.Combine(Folder, "authority.json")]
        )
        {
            WorkingDirectory = Folder,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            UseShellExecute = false,
        };
        var process = Process.Start(start)!;
        process.OutputDataReceived += static (_, _) => { };
        process.ErrorDataReceived += static (_, _) => { };
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        using var http = new HttpClient
        {
            BaseAddress = new Uri(string.Create(CultureInfo.InvariantCulture, $"http://127.0.0.1:{Port + 2}")),
        };
        for (var i = 0; i < 300; i++)
        {
            try
            {
                if ((await http.GetAsync("/health/ready")).IsSuccessStatusCode)
                    return process;
            }
            catch (HttpRequestException)
            {
                Assert.False(process.HasExited, "the authority ended");
            }
            await Task.Delay(200);
        }
        await End(process);
        throw new InvalidOperationException("the authority did not become ready");
    }

    public static async Task End(Process process)
    {
        if (!process.HasExited)
            process.Kill(entireProcessTree: true);
        await process.WaitForExitAsync();
        process.Dispose();
    }

    public void Dispose() => Directory.Delete(Folder, recursive: true);

    /// <summary>Ids that a test's name carries.</summary>
    public static IEnumerable<string> Ids(string method) => Id().Matches(method).Select(static id => id.Value.Replace('_', '-'));

    private static async Task<(int Code, string Said)> Dotnet(string[] arguments, (string Name, string Value)[] environment)
    {
        var start = new ProcessStartInfo("dotnet", arguments)
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            UseShellExecute = false,
        };
        foreach (var (name, value) in environment)
            start.Environment[name] = value;
        using var process = Process.Start(start)!;
        using var patience = new CancellationTokenSource(Patience);
        try
        {
            var errors = process.StandardError.ReadToEndAsync(patience.Token);
            var output = await process.StandardOutput.ReadToEndAsync(patience.Token);
            await process.WaitForExitAsync(patience.Token);
            return (process.ExitCode, output + await errors);
        }
        catch (OperationCanceledException late)
        {
            process.Kill(entireProcessTree: true);
            throw new InvalidOperationException("the suite took too long", late);
        }
    }

    /// <summary>Three ports in a row that are free now.</summary>
    private static int FreePorts()
    {
        for (var i = 0; i < 100; i++)
        {
            using var first = new TcpListener(IPAddress.Loopback, 0);
            first.Start();
            var port = ((IPEndPoint)first.LocalEndpoint).Port;
            if (port < 65_000 && IsFree(port + 1) && IsFree(port + 2))
                return port;
        }
        throw new InvalidOperationException("no three free ports in a row");
    }

    private static bool IsFree(int port)
    {
        try
        {
            using var listener = new TcpListener(IPAddress.Loopback, port);
            listener.Start();
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }

    [GeneratedRegex(@"\s+", RegexOptions.CultureInvariant, 1000)]
    private static partial Regex Space();

    [GeneratedRegex("https://localhost:[0-9]+", RegexOptions.CultureInvariant, 1000)]
    private static partial Regex Address();

    [GeneratedRegex("OA_[0-9]{2}", RegexOptions.CultureInvariant, 1000)]
    private static partial Regex Id();
}
