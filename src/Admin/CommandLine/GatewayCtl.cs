using System.CommandLine;
using System.CommandLine.Help;
using Admin.Conventions;
using Admin.LedgerTasks;
using Admin.Registration;
using Admin.Texts;
using Agreements.Loading;

namespace Admin.CommandLine;

/// <summary>The command line of <c>gatewayctl</c>.</summary>
internal static class GatewayCtl
{
    /// <summary>Runs one command. Exit codes: <see cref="Exit"/>.</summary>
    internal static async Task<int> Run(string[] args, TextWriter output, TextWriter error, TimeProvider time)
    {
        var parsed = Root(time).Parse(args);
        if (parsed.Errors.Count > 0 || WrongLine.Swallowed(parsed).Any())
            return WrongLine.Tell(parsed, error);
        var streams = new InvocationConfiguration
        {
            Output = output,
            Error = error,
            EnableDefaultExceptionHandler = false,
        };
        return await parsed.InvokeAsync(streams);
    }

    /// <summary>All commands.</summary>
    internal static RootCommand Root(TimeProvider time)
    {
        var root = new RootCommand
        {
            Terminal.LanguageOption,
            Terminal.JsonOption,
            ClientCommands.Create(time),
            ExplainCommand.Create(time),
            KeyCommands.Create(time),
            StopCommands.Suspend(time),
            StopCommands.Lift(time),
            StopCommands.Token(time),
            CertificateCommands.Create(time),
            OperatorCommands.Create(time),
            OperatorCommands.Approve(time),
            WitnessCommands.Create(time),
            LedgerCommands.Create(time),
            AgreementCommands.Create(time),
            ContractsCommands.Create(time),
        };
        root.Options.OfType<HelpOption>().Single().Action = new HelpInWords();
        // The library takes no other word beside it, the language included.
        root.Options.OfType<VersionOption>().Single().Validators.Clear();
        return root;
    }

    /// <summary>Gives a command its action: what a person can put right becomes a sentence and an exit code, everything else is a fault
    /// of ours.</summary>
    internal static Command Does(this Command command, TimeProvider time, Func<ParseResult, Terminal, CancellationToken, Task<int>> run)
    {
        command.SetAction(
            async (parsed, stop) =>
            {
                var (terminal, error) = (new Terminal(parsed, time), parsed.InvocationConfiguration.Error);
                try
                {
                    return await run(parsed, terminal, stop);
                }
                catch (Declined declined)
                {
                    await error.WriteLineAsync(declined.Say(terminal.Language));
                    return declined.Code;
                }
                catch (Refused refused)
                {
                    return terminal.Report([refused.Finding]);
                }
                catch (Exception fault) when (Faults.IsKnown(fault))
                {
                    await error.WriteLineAsync(Faults.Say(fault, terminal.Language));
                    return Exit.Usage;
                }
            }
        );
        return command;
    }

    /// <summary>As the other, for commands that wait for nothing.</summary>
    internal static Command Does(this Command command, TimeProvider time, Func<ParseResult, Terminal, int> run) =>
        command.Does(time, (parsed, terminal, _) => Task.FromResult(run(parsed, terminal)));

    /// <summary>Loads contracts that a command reads and does not change.</summary>
    internal static Agreements.Registry Registry(string contracts, TimeProvider time)
    {
        if (!Directory.Exists(contracts))
            throw Declined.Usage("no-contracts", contracts);
        var load = RegistryLoader.Load(contracts, time);
        return load.Registry ?? throw Declined.Unloadable("contracts-do-not-load", load.Errors, contracts);
    }
}
