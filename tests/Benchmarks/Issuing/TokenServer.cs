using System.Diagnostics;
using System.Globalization;
using Benchmarks.Exchange;
using Interop.Node;
using Sandbox;

namespace Benchmarks.Issuing;

/// <summary>A token server as a process of its own on one core, with its connections and its requests.</summary>
public sealed class TokenServer : IAsyncDisposable
{
    public const int Core = 0;

    /// <summary>
    /// <c>--tiered</c>: .NET servers run with the runtime's defaults (tiered, with dynamic PGO), as they do in production. They need 40 s
    /// to warm up.
    /// </summary>
    public static readonly bool IsTiered = Environment.GetCommandLineArgs().Contains("--tiered", StringComparer.Ordinal);
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(180);
    private readonly Process _process;
    private readonly IAsyncDisposable? _owner;
    private readonly Assertions _assertions;
    private readonly Town _town;
    private readonly Uri _token;
    private TokenConnection[] _connections = [];

    private TokenServer(string name, Process process, IAsyncDisposable? owner, Town town, string issuer, Uri token) =>
        (Name, _process, _owner, _town, _token, _assertions) = (name, process, owner, town, token, new Assertions(town, issuer, token));

    public string Name { get; }

    public double MebibytesResident
    {
        get
        {
            _process.Refresh();
            return _process.WorkingSet64 / 1048576.0;
        }
    }

    private TimeSpan Cpu
    {
        get
        {
            _process.Refresh();
            return _process.TotalProcessorTime;
        }
    }

    /// <summary>Our authority: the program as it is shipped.</summary>
    public static Task<TokenServer> OursAsync(Town town, string folder) =>
        OursAsync(town, folder, "authority", Path.Combine(AppContext.BaseDirectory, "Authority.dll"));

    /// <summary>
    /// Our authority behind another engine, for example one that was built from src/Authority.Duende: the same configuration, a folder of
    /// its own.
    /// </summary>
    public static async Task<TokenServer> OursAsync(Town town, string folder, string name, string program)
    {
        var (file, token, issuer) = TokenTown.Authority(town, folder);
        return await StartAsync(town, folder, name, issuer, token, [program, "--config", file]);
    }

    /// <summary>The least that can be called a token server: <see cref="BareTokens"/>.</summary>
    public static async Task<TokenServer> BareAsync(Town town, string folder)
    {
        var (file, port) = (Path.Combine(folder, "bare.json"), TokenTown.FreePort());
        await File.WriteAllTextAsync(file, TokenTown.Peer(town));
        var issuer = string.Create(CultureInfo.InvariantCulture, $"https://localhost:{port}");
        return await StartAsync(
            town,
            folder,
            "bare",
            issuer,
            new Uri(issuer + "/token"),
            [Path.Combine(AppContext.BaseDirectory, "Benchmarks.dll"), "bare-tokens", file, port.ToString(CultureInfo.InvariantCulture)]
        );
    }

    private static async Task<TokenServer> StartAsync(Town town, string folder, string name, string issuer, Uri token, string[] program)
    {
        var start = new ProcessStartInfo("taskset", ["-c", Core.ToString(CultureInfo.InvariantCulture), "dotnet", .. program])
        {
            RedirectStandardOutput = true,
            UseShellExecute = false,
            WorkingDirectory = folder,
        };
        if (!IsTiered)
        {
            // Everything compiled for good at its first call: a saturated core would else spend the first minutes of its life compiling.
            start.Environment["DOTNET_TieredCompilation"] = "0";
            start.Environment["DOTNET_ReadyToRun"] = "0";
        }
        var process = Process.Start(start)!;
        process.OutputDataReceived += static (_, _) => { };
        process.BeginOutputReadLine();
        var server = new TokenServer(name, process, owner: null, town, issuer, token);
        await server.ConnectAsync();
        return server;
    }

    /// <summary>npm oidc-provider.</summary>
    public static async Task<TokenServer> PeerAsync(Town town)
    {
        var (program, issuer) = await NodeProgram.Start("issuer.mjs", TokenTown.Peer(town), Core);
        return new TokenServer("oidc-provider", Process.GetProcessById(program.Id), program, town, issuer, new Uri(issuer + "/token"));
    }

    /// <summary>Every connection sends its next request when the last is answered, for a time or until its requests are used up.</summary>
    public async Task<Figures> SaturateAsync(int perLane, TimeSpan atMost)
    {
        var requests = _assertions.Make(perLane);
        GC.Collect();
        await ConnectAsync(); // fresh ones: signing may have taken longer than a server keeps an idle connection
        var latencies = Enumerable.Range(0, _connections.Length).Select(_ => new List<double>(perLane)).ToArray();
        var cpu = Cpu;
        var watch = Stopwatch.StartNew();
        await Task.WhenAll(
            _connections.Select(
                (connection, lane) =>
                    Task.Run(async () =>
                    {
                        foreach (var request in requests[lane])
                        {
                            var start = watch.Elapsed;
                            if (start > atMost)
                                break;
                            await connection.AskAsync(request);
                            latencies[lane].Add((watch.Elapsed - start).TotalMilliseconds);
                        }
                    })
            )
        );
        var (elapsed, used) = (watch.Elapsed, Cpu - cpu);
        var all = latencies.SelectMany(static lane => lane).ToArray();
        Array.Sort(all);
        return new Figures(all.Length, elapsed.TotalSeconds, used, all);
    }

    public async ValueTask DisposeAsync()
    {
        await CloseAsync();
        _assertions.Dispose();
        if (_owner is not null)
            await _owner.DisposeAsync();
        else
        {
            _process.Kill(entireProcessTree: true);
            await _process.WaitForExitAsync();
        }
        _process.Dispose();
    }

    private async Task CloseAsync()
    {
        foreach (var connection in _connections)
            await connection.DisposeAsync();
        _connections = [];
    }

    private async Task ConnectAsync()
    {
        await CloseAsync();
        var watch = Stopwatch.StartNew();
        while (true)
        {
            try
            {
                _connections = await Task.WhenAll(
                    Enumerable
                        .Range(0, TokenTown.Clients)
                        .Select(lane => TokenConnection.OpenAsync(_token, _town.File.Ca, TokenTown.Certificate(_town, lane)))
                );
                return;
            }
            catch (Exception exception)
                when (exception is System.Net.Sockets.SocketException && watch.Elapsed < Patience && !_process.HasExited)
            {
                await Task.Delay(200);
            }
        }
    }
}
