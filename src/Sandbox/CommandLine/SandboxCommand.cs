using System.CommandLine;
using Ledger;
using Sandbox.Pki;
using Sandbox.Walk;
using Serilog;
using Spectre.Console;

namespace Sandbox.CommandLine;

/// <summary>The command line: the town by default, its parts as sub-commands.</summary>
public static class SandboxCommand
{
    /// <summary>State folder of every command.</summary>
    internal static Option<string> State { get; } = new("--state") { Description = "State folder: keys, certificates, contracts, ledger", DefaultValueFactory = _ => ".sandbox", Recursive = true };

    private static readonly Option<bool> Once = new("--once") { Description = "End after the walk; exit code 1 if anything was not as expected" };
    private static readonly Option<int?> PortBase = new("--port-base") { Description = "First of consecutive ports, instead of the usual ones" };
    private static readonly Option<bool> Fresh = new("--fresh") { Description = "Delete the state folder first" };
    private static readonly Option<bool> Quotas = new("--quotas") { Description = "Keep the quotas that the contracts state" };
    private static readonly Option<string?> Contracts = new("--contracts") { Description = "Contracts to deploy, instead of the repository's" };

    /// <summary>The whole command line.</summary>
    public static RootCommand Root()
    {
        var root = new RootCommand("The whole town in one process: authority, gateway, stand-in institutions, and a walk through one exchange.")
        {
            State, Once, PortBase, Fresh, Quotas, Contracts,
            InstitutionCommand.Create(), CertificatesCommand.Create(), PrepareCommand.Create(), AskCommand.Create(), AssertionCommand.Create(),
        };
        root.SetAction(async (parsed, stop) =>
        {
            var options = new TownOptions
            {
                State = parsed.GetValue(State),
                Ports = parsed.GetValue(PortBase) is { } first ? TownPorts.From(first) : TownPorts.Usual,
                KeepsQuotas = parsed.GetValue(Quotas),
                Contracts = parsed.GetValue(Contracts),
            };
            try
            {
                return await Run(options, parsed.GetValue(Once), parsed.GetValue(Fresh), stop);
            }
            catch (Exception fault) when (fault is IOException or InvalidDataException or InvalidOperationException or LedgerUnavailable)
            {
                // What a person can mend: a port in use, contracts that do not load, a folder that is not ours, a second town on one folder.
                await Console.Error.WriteLineAsync(fault.Message);
                return 2;
            }
        });
        return root;
    }

    /// <summary>Does something to the state folder that no other process may meet.</summary>
    internal static int Alone(ParseResult parsed, Action<StateFolder> does)
    {
        try
        {
            using var held = StateLock.Take(parsed.GetValue(State)!);
            does(new StateFolder(parsed.GetValue(State)!));
            return 0;
        }
        catch (IOException fault)
        {
            Console.Error.WriteLine(fault.Message);
            return 2;
        }
    }

    /// <summary>The terminal; plain text of a fixed width when the output goes to a file.</summary>
    private static IAnsiConsole Screen()
    {
        if (!Console.IsOutputRedirected) return AnsiConsole.Console;
        var file = AnsiConsole.Create(new AnsiConsoleSettings { Ansi = AnsiSupport.No, ColorSystem = ColorSystemSupport.NoColors, Out = new AnsiConsoleOutput(Console.Out) });
        file.Profile.Width = 110;
        return file;
    }

    private static async Task<int> Run(TownOptions options, bool once, bool fresh, CancellationToken stop)
    {
        using var held = StateLock.Take(options.State!);
        if (fresh) FreshState.Delete(options.State!);
        File.Delete(new StateFolder(options.State!).At("sandbox.json"));
        var began = options.Clock.GetTimestamp();
        await using var diagnostics = new LoggerConfiguration().MinimumLevel.Information().MinimumLevel.Override("Microsoft", Serilog.Events.LogEventLevel.Warning)
            .WriteTo.File(new Serilog.Formatting.Json.JsonFormatter(), Path.Combine(options.State!, "logs", "town-.json"), rollingInterval: RollingInterval.Day)
            .CreateLogger();
        await using var town = await Town.StartAsync(options with { IsHeld = true, Logging = logging => logging.AddSerilog(diagnostics) });
        Console.WriteLine($"Ready after {options.Clock.GetElapsedTime(began).TotalSeconds:F1} s. State: {town.State.Root}");
        var failures = await new Newcomer(town, Screen()).Walk();
        if (once) return failures == 0 ? 0 : 1;
        Console.WriteLine("\nThe town stays up. Copy into another terminal:\n");
        Console.WriteLine(Commands.Of(town.File));
        Console.WriteLine($"Everything a program needs: {town.State.At("sandbox.json")}   Contracts, live: {town.Contracts.Folder}   End: Ctrl+C");
        await Task.Delay(Timeout.InfiniteTimeSpan, options.Clock, stop).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        return 0;
    }
}
