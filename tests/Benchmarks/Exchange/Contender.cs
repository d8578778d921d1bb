using System.Diagnostics;
using System.Globalization;

namespace Benchmarks.Exchange;

/// <summary>A contender's process, pinned to one core; its CPU time comes from the kernel.</summary>
public sealed class Contender : IDisposable
{
    private readonly Process _process;

    private Contender(string name, Process process) => (Name, _process) = (name, process);

    public string Name { get; }
    public required int Port { get; init; }
    public double MebibytesResident
    {
        get
        {
            _process.Refresh();
            return _process.WorkingSet64 / 1048576.0;
        }
    }

    /// <summary>Starts a contender of this build, or the gateway of another one.</summary>
    /// <param name="name">Its name; of this build also the command that runs it.</param>
    /// <param name="settings">What it is told.</param>
    /// <param name="folder">Where that is written.</param>
    /// <param name="core">Its core.</param>
    /// <param name="build">Benchmarks.dll of another build; null for this one.</param>
    public static Contender Start(string name, Settings settings, string folder, int core, string? build = null)
    {
        var file = Path.Combine(folder, $"{name}.json");
        settings.Write(file);
        string[] run = build is null ? [Environment.ProcessPath!, name, file] : ["dotnet", build, "gateway", file];
        var start = new ProcessStartInfo("taskset", ["-c", core.ToString(CultureInfo.InvariantCulture), .. run])
        {
            RedirectStandardOutput = true,
            UseShellExecute = false,
        };
        // Short comparable runs: no tiering and no background collector in either contender (performance page, section 4).
        start.Environment["DOTNET_TieredCompilation"] = "0";
        start.Environment["DOTNET_gcConcurrent"] = "0";
        start.Environment["DOTNET_gcServer"] = "0";
        return new Contender(name, Process.Start(start)!) { Port = settings.Gateway.DataPort };
    }

    /// <summary>User and system time of the whole process.</summary>
    public TimeSpan Cpu
    {
        get
        {
            _process.Refresh();
            return _process.TotalProcessorTime;
        }
    }

    public void Dispose()
    {
        _process.Kill(entireProcessTree: true);
        _process.WaitForExit();
        _process.Dispose();
    }
}
