using System.CommandLine;
using System.Security.Cryptography;
using Admin.Conventions;
using Admin.LedgerTasks;
using Admin.Registration;
using Agreements.Loading;
using AuditIndex.Retention;
using Ledger;
using Tokens.Status;
using Tokens.Stores;

namespace Admin.CommandLine;

/// <summary>The command line of <c>gatewayctl</c>.</summary>
internal static class GatewayCtl
{
    /// <summary>Runs one command. Exit codes: <see cref="Exit"/>.</summary>
    internal static async Task<int> Run(string[] args, TextWriter output, TextWriter error, TimeProvider time)
    {
        var parsed = Root(time).Parse(args);
        var ended = await parsed.InvokeAsync(new InvocationConfiguration { Output = output, Error = error, EnableDefaultExceptionHandler = false });
        return parsed.Errors.Count > 0 ? Exit.Usage : ended;
    }

    private static RootCommand Root(TimeProvider time) => new("Onboards partners' systems, turns signing keys, stops what must be stopped, and explains refusals. Exit codes: 0 done, 1 found wrong or refused, 2 usage.")
    {
        Terminal.LanguageOption, Terminal.JsonOption,
        ClientCommands.Create(time), ExplainCommand.Create(time), KeyCommands.Create(time), StopCommands.Suspend(time), StopCommands.Lift(time), StopCommands.Token(time), CertificateCommands.Create(time),
        OperatorCommands.Create(time), OperatorCommands.Approve(time), WitnessCommands.Create(time), LedgerCommands.Create(time), AgreementCommands.Create(time), ContractsCommands.Create(time),
    };

    /// <summary>Gives a command its action: what a person can mend becomes one line and an exit code, everything else is a fault.</summary>
    internal static Command Does(this Command command, TimeProvider time, Func<ParseResult, Terminal, CancellationToken, Task<int>> run)
    {
        command.SetAction(async (parsed, stop) =>
        {
            try
            {
                return await run(parsed, new Terminal(parsed, time), stop);
            }
            catch (Declined declined)
            {
                await parsed.InvocationConfiguration.Error.WriteLineAsync(declined.Message);
                return declined.Code;
            }
            catch (Refused refused)
            {
                return new Terminal(parsed, time).Report([refused.Finding], "");
            }
            catch (Exception fault) when (fault is IOException or UnauthorizedAccessException or CryptographicException or FormatException or StoreRefused or StatusUnavailable or LedgerDamaged or LedgerUnavailable or RetentionRefused)
            {
                await parsed.InvocationConfiguration.Error.WriteLineAsync(fault.Message);
                return Exit.Usage;
            }
        });
        return command;
    }

    /// <summary>As the other, for commands that wait for nothing.</summary>
    internal static Command Does(this Command command, TimeProvider time, Func<ParseResult, Terminal, int> run) =>
        command.Does(time, (parsed, terminal, _) => Task.FromResult(run(parsed, terminal)));

    /// <summary>Loads contracts that a command reads and does not change.</summary>
    internal static Agreements.Registry Registry(string contracts, TimeProvider time)
    {
        var load = RegistryLoader.Load(contracts, time);
        return load.Registry ?? throw new Declined("The contracts do not load:\n" + string.Join('\n', load.Errors.Where(static error => error.Severity == LoadSeverity.Error)), Exit.Usage);
    }
}
