using System.Collections.Concurrent;
using System.Diagnostics;

namespace Interop.Node;

/// <summary>
/// A script of <c>clients/</c> as a process. It gets its settings as a JSON file and ends when its standard input ends, so that it never
/// outlives the tests. Lines that it prints are kept.
/// </summary>
public sealed class NodeProgram : IAsyncDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);
    private readonly Process _process;
    private readonly string _settings;
    private readonly ConcurrentQueue<string> _lines = new();
    private readonly ConcurrentQueue<string> _errors = new();
    private readonly TaskCompletionSource<string> _ready = new(TaskCreationOptions.RunContinuationsAsynchronously);

    private NodeProgram(ProcessStartInfo start, string settings)
    {
        _settings = settings;
        _process = new Process { StartInfo = start, EnableRaisingEvents = true };
        _process.OutputDataReceived += (_, line) =>
        {
            if (line.Data is null)
                return;
            _lines.Enqueue(line.Data);
            if (line.Data.StartsWith("ready", StringComparison.Ordinal))
                _ready.TrySetResult(line.Data["ready".Length..].Trim());
        };
        _process.ErrorDataReceived += (_, line) =>
        {
            if (line.Data is not null)
                _errors.Enqueue(line.Data);
        };
        _process.Exited += (_, _) => _ready.TrySetException(new InvalidOperationException("the script ended before it was ready"));
    }

    /// <summary>What it printed so far.</summary>
    public IReadOnlyCollection<string> Lines => _lines;

    /// <summary>What it complained about so far, for the message of a failing test.</summary>
    public string Errors => string.Join('\n', _errors);

    /// <summary>Process id.</summary>
    public int Id => _process.Id;

    /// <summary>Starts a script and waits for its line <c>ready …</c>.</summary>
    /// <param name="script">File in <c>clients/</c>.</param>
    /// <param name="settings">JSON text of its settings: addresses and file names, no secret.</param>
    /// <param name="pinnedTo">Core to pin it to, for measurements; null anywhere.</param>
    /// <param name="arguments">More arguments.</param>
    /// <returns>The program, and what it printed after <c>ready</c>.</returns>
    public static async Task<(NodeProgram Program, string Said)> Start(
        string script,
        string settings,
        int? pinnedTo = null,
        params string[] arguments
    )
    {
        var program = await Launch(script, settings, arguments, pinnedTo);
        try
        {
            return (program, await program._ready.Task.WaitAsync(Patience));
        }
        catch (Exception exception) when (exception is TimeoutException or InvalidOperationException)
        {
            await program.DisposeAsync();
            throw new InvalidOperationException($"{script} did not start: {program.Errors}", exception);
        }
    }

    /// <summary>Runs a script to its end and returns what it printed.</summary>
    /// <exception cref="InvalidOperationException">It failed or took over a minute; the message holds what it said.</exception>
    public static async Task<IReadOnlyCollection<string>> Run(string script, string settings, params string[] arguments)
    {
        await using var program = await Launch(script, settings, arguments, pinnedTo: null);
        await program.Completed();
        return program.Lines;
    }

    /// <summary>Waits for its end.</summary>
    /// <exception cref="InvalidOperationException">It failed or took over a minute; the message holds what it said.</exception>
    public async Task Completed()
    {
        using var patience = new CancellationTokenSource(Patience);
        try
        {
            await _process.WaitForExitAsync(patience.Token);
        }
        catch (OperationCanceledException late)
        {
            throw new InvalidOperationException($"the script took too long: {Errors}", late);
        }
        if (_process.ExitCode != 0)
            throw new InvalidOperationException($"the script failed:\n{string.Join('\n', _lines)}\n{Errors}");
    }

    /// <inheritdoc />
    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited)
        {
            _process.StandardInput.Close();
            using var impatient = new CancellationTokenSource(TimeSpan.FromSeconds(5));
            try
            {
                await _process.WaitForExitAsync(impatient.Token);
            }
            catch (OperationCanceledException)
            {
                _process.Kill(entireProcessTree: true);
            }
        }
        _process.Dispose();
        File.Delete(_settings);
    }

    private static async Task<NodeProgram> Launch(string script, string settings, string[] arguments, int? pinnedTo)
    {
        await NodePackages.Ensure();
        var file = Path.Combine(Path.GetTempPath(), $"interop-{Path.GetRandomFileName()}.json");
        await File.WriteAllTextAsync(file, settings);
        string[] command = [NodePackages.Node, Path.Combine(NodePackages.Folder, script), file, .. arguments];
        if (pinnedTo is { } core)
            command = ["taskset", "-c", core.ToString(System.Globalization.CultureInfo.InvariantCulture), .. command];
        var start = new ProcessStartInfo(command[0], command[1..])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            UseShellExecute = false,
        };
        start.Environment["NODE_ENV"] = "production";
        start.Environment["NODE_NO_WARNINGS"] = "1";
        var program = new NodeProgram(start, file);
        program._process.Start();
        program._process.BeginOutputReadLine();
        program._process.BeginErrorReadLine();
        return program;
    }
}
