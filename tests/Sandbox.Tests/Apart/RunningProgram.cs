using System.Diagnostics;
using System.Text;

namespace Sandbox.Tests.Apart;

/// <summary>One of the shipped programs as a process of its own, with what it printed.</summary>
internal sealed class RunningProgram : IAsyncDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);
    private readonly Process _process;
    private readonly StringBuilder _printed = new();

    /// <param name="project">Name of the project below <c>src</c>.</param>
    /// <param name="folder">Working directory.</param>
    /// <param name="settings">Configuration on top of the files.</param>
    /// <param name="arguments">Command line.</param>
    public RunningProgram(string project, string folder, IReadOnlyDictionary<string, string> settings, params string[] arguments)
    {
        var start = new ProcessStartInfo("dotnet", [Assembly(project), .. arguments])
        {
            WorkingDirectory = folder,
            UseShellExecute = false,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        foreach (var (name, value) in settings)
            start.Environment[name] = value;
        _process = Process.Start(start)!;
        _process.OutputDataReceived += (_, line) => Print(line.Data);
        _process.ErrorDataReceived += (_, line) => Print(line.Data);
        _process.BeginOutputReadLine();
        _process.BeginErrorReadLine();
    }

    /// <summary>Everything that it printed so far.</summary>
    public string Printed
    {
        get
        {
            lock (_printed)
                return _printed.ToString();
        }
    }

    public bool HasExited => _process.HasExited;

    /// <summary>SIGKILL: the process runs nothing after it. Gives the exit code that the shell would show.</summary>
    public async Task<int> KillAsync()
    {
        _process.Kill();
        await _process.WaitForExitAsync();
        return _process.ExitCode;
    }

    /// <summary>SIGTERM: asks it to stop.</summary>
    public async Task TermAsync()
    {
        using var term = Process.Start("kill", ["-TERM", _process.Id.ToString(System.Globalization.CultureInfo.InvariantCulture)]);
        await term.WaitForExitAsync();
    }

    /// <summary>Waits until it has ended by itself; gives its exit code.</summary>
    public async Task<int> EndedAsync()
    {
        using var impatient = new CancellationTokenSource(Patience);
        await _process.WaitForExitAsync(impatient.Token);
        return _process.ExitCode;
    }

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited)
        {
            await TermAsync();
            using var impatient = new CancellationTokenSource(Patience);
            await _process.WaitForExitAsync(impatient.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            if (!_process.HasExited)
                await KillAsync();
        }

        _process.Dispose();
    }

    /// <summary>Where the build put the program: beside its sources, so that it runs with its own settings file.</summary>
    private static string Assembly(string project)
    {
        var output = new DirectoryInfo(AppContext.BaseDirectory);
        var root = output;
        while (root is not null && !File.Exists(Path.Combine(root.FullName, "Gateway.sln")))
            root = root.Parent;
        return Path.Combine(
            root?.FullName ?? throw new DirectoryNotFoundException("Gateway.sln"),
            "src",
            project,
            "bin",
            output.Parent!.Name,
            output.Name,
            project + ".dll"
        );
    }

    private void Print(string? line)
    {
        lock (_printed)
        {
            if (line is not null && _printed.Length < 1 << 20)
                _printed.AppendLine(line);
        }
    }
}
