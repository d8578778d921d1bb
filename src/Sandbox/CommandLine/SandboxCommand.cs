using System.CommandLine;
using System.Text.Json;
using Sandbox.Deployment;
using Sandbox.Pki;
using Sandbox.Walk;
using Serilog;
using Spectre.Console;
using Tokens.Operations;

namespace Sandbox.CommandLine;

/// <summary>The command line: the town by default, its parts as sub-commands.</summary>
public static class SandboxCommand
{
    /// <summary>Exit code when the words, or what they name, must be mended first.</summary>
    internal const int Refused = 2;

    /// <summary>State folder of every command.</summary>
    internal static Option<string> State { get; } =
        new("--state")
        {
            Description = "State folder: keys, certificates, contracts, ledger",
            DefaultValueFactory = _ => ".sandbox",
            Recursive = true,
        };

    private static readonly Option<bool> Once = new("--once")
    {
        Description = "End after the walk; exit code 1 if anything was not as expected",
    };
    private static readonly Option<bool> Fresh = new("--fresh") { Description = "Delete the state folder first" };
    private static readonly Option<bool> Quotas = new("--quotas") { Description = "Keep the quotas that the contracts state" };

    /// <summary>Runs a command line. Whatever is wrong with it, or with what it names, is a sentence on standard error and exit code
    /// 2.</summary>
    public static async Task<int> RunAsync(string[] arguments, CancellationToken cancellation = default)
    {
        var parsed = Root().Parse(arguments);
        if (parsed.Errors.Count > 0)
        {
            foreach (var error in parsed.Errors)
                await Console.Error.WriteLineAsync(Words(error.Message));
            await Console.Error.WriteLineAsync("--help tells what there is.");
            return Refused;
        }

        try
        {
            return await parsed.InvokeAsync(new InvocationConfiguration { EnableDefaultExceptionHandler = false }, cancellation);
        }
        catch (Exception fault) when (fault is not OperationCanceledException)
        {
            // A port in use, contracts that do not load, a folder that is not ours, a second town on one folder, a client that is not
            // there.
            await Console.Error.WriteLineAsync(
                fault is InvalidDataException || fault.InnerException is null ? fault.Message : Startup.Sentence(fault)
            );
            return Refused;
        }
    }

    // The parser names the type that it wanted, which is no word of the command line.
    private static string Words(string message) =>
        message.IndexOf(" as expected type", StringComparison.Ordinal) is > 0 and var at ? message[..at] + "." : message;

    /// <summary>The whole command line.</summary>
    internal static RootCommand Root()
    {
        var root = new RootCommand(
            "The whole town in one process: authority, gateway, stand-in institutions, and a walk through one exchange."
        )
        {
            State,
            Once,
            TownOptionsOf.PortBase,
            Fresh,
            Quotas,
            TownOptionsOf.Contracts,
            InstitutionCommand.Create(),
            CertificatesCommand.Create(),
            PrepareCommand.Create(),
            AskCommand.Create(),
            AssertionCommand.Create(),
        };
        root.SetAction(
            (parsed, stop) =>
                Run(
                    new TownOptions
                    {
                        State = parsed.GetValue(State),
                        Ports = TownOptionsOf.Ports(parsed),
                        KeepsQuotas = parsed.GetValue(Quotas),
                        Contracts = TownOptionsOf.Source(parsed),
                    },
                    parsed.GetValue(Once),
                    parsed.GetValue(Fresh),
                    stop
                )
        );
        return root;
    }

    /// <summary>Does something to the state folder that no other process may meet.</summary>
    internal static int Alone(ParseResult parsed, Action<StateFolder> does)
    {
        using var held = StateLock.Take(parsed.GetValue(State)!);
        does(new StateFolder(parsed.GetValue(State)!));
        return 0;
    }

    /// <summary>The <c>sandbox.json</c> of the state folder.</summary>
    /// <exception cref="InvalidDataException">There is none, or it is not that; says so.</exception>
    internal static SandboxFile Town(ParseResult parsed)
    {
        var path = Path.GetFullPath(Path.Combine(parsed.GetValue(State)!, "sandbox.json"));
        if (!File.Exists(path))
            throw new InvalidDataException($"{path} is not there: start the sandbox, or run 'prepare', or name another with --state");
        try
        {
            return
                JsonSerializer.Deserialize<SandboxFile>(File.ReadAllText(path), JsonSerializerOptions.Web) is { } town
                && !town.Clients.IsDefault
                && town.Ledger is not null
                ? town
                : throw new InvalidDataException($"{path} is not what a sandbox writes there");
        }
        catch (JsonException wrong)
        {
            throw new InvalidDataException($"{path} is not what a sandbox writes there", wrong);
        }
    }

    /// <summary>The terminal; plain text of a fixed width when the output goes to a file.</summary>
    private static IAnsiConsole Screen()
    {
        if (!Console.IsOutputRedirected)
            return AnsiConsole.Console;
        var file = AnsiConsole.Create(
            new AnsiConsoleSettings
            {
                Ansi = AnsiSupport.No,
                ColorSystem = ColorSystemSupport.NoColors,
                Out = new AnsiConsoleOutput(Console.Out),
            }
        );
        file.Profile.Width = 110;
        return file;
    }

    private static async Task<int> Run(TownOptions options, bool once, bool fresh, CancellationToken stop)
    {
        using var held = StateLock.Take(options.State!);
        if (fresh)
            FreshState.Delete(options.State!);
        File.Delete(new StateFolder(options.State!).At("sandbox.json"));
        var began = options.Clock.GetTimestamp();
        await using var diagnostics = new LoggerConfiguration()
            .MinimumLevel.Information()
            .MinimumLevel.Override("Microsoft", Serilog.Events.LogEventLevel.Warning)
            .WriteTo.File(
                new Serilog.Formatting.Json.JsonFormatter(),
                Path.Combine(options.State!, "logs", "town-.json"),
                rollingInterval: RollingInterval.Day
            )
            .CreateLogger();
        await using var town = await Sandbox.Town.StartAsync(
            options with
            {
                IsHeld = true,
                Logging = logging => logging.AddSerilog(diagnostics),
            }
        );
        Console.WriteLine($"Ready after {options.Clock.GetElapsedTime(began).TotalSeconds:F1} s. State: {town.State.Root}");
        foreach (var file in town.Contracts.Kept)
            Console.WriteLine($"Kept as somebody changed it, though the sources changed too: {Path.Combine(town.Contracts.Folder, file)}");
        var failures = await Walk(town);
        if (once)
            return failures == 0 ? 0 : 1;
        Console.WriteLine("\nThe town stays up. Copy into another terminal:\n");
        Console.WriteLine(Commands.Of(town.File));
        Console.WriteLine(
            town.File.Ledger.Socket is { } socket
                ? $"# Ledger socket, for gatewayctl: {socket}"
                : "No ledger socket: the path of the state folder is too long for one."
        );
        Console.WriteLine(
            $"Everything a program needs: {town.State.At("sandbox.json")}   Contracts, live: {town.Contracts.Folder}   End: Ctrl+C"
        );
        await Task.Delay(Timeout.InfiniteTimeSpan, options.Clock, stop).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        return 0;
    }

    // Contracts that somebody changed may not allow what the walk shows; the town is there all the same.
    private static async Task<int> Walk(Town town)
    {
        try
        {
            return await new Newcomer(town, Screen()).Walk();
        }
        catch (InvalidOperationException cannot)
        {
            Console.WriteLine($"\nThe walk ends here: {cannot.Message}");
            return 1;
        }
    }
}
