using System.CommandLine;
using Admin.CommandLine;
using AuditIndex;
using AuditIndex.Retention;

namespace Admin.LedgerTasks;

/// <summary><c>ledger shard</c>: the end of a year's log. Terms come from the agreements, holds from a reviewed file.</summary>
internal static class ShardCommands
{
    private static readonly Option<string> Kept = new("--kept") { Required = true };

    internal static Command Create(TimeProvider time) => new("shard") { Close(time), Destroy(time) };

    private static Command Close(TimeProvider time) =>
        LogOptions
            .On("close", Kept)
            .Does(time, (parsed, terminal) =>
            {
                var source = LogOptions.Source(parsed);
                var year = ProgressBar.Run(terminal, source.Origin, progress =>
                    YearShard.Close(source, parsed.GetValue(Kept)!, time, progress)
                );
                terminal.Done("log-closed", year.Final.Size, source.Origin, year.Final.Root.ToBase64());
                terminal.Answer(
                    new
                    {
                        log = source.Origin,
                        year.Final.Size,
                        root = year.Final.Root.ToBase64(),
                        year.Agreements,
                        first = year.First,
                        last = year.Last,
                    }
                );
                return Exit.Ok;
            });

    private static Command Destroy(TimeProvider time)
    {
        var current = new Option<string>("--current") { Required = true };
        var contracts = new Option<string>("--contracts") { Required = true };
        var command = LogOptions.On(
            "destroy",
            Kept,
            current,
            contracts,
            EraseCommand.HoldsFile,
            LogOptions.SocketFile,
            OperatorCommands.Operators,
            OperatorCommands.Approvals,
            LogOptions.Index,
            LogOptions.Postgres,
            LogOptions.PasswordFile
        );
        return command.Does(time, async (parsed, terminal, stop) =>
        {
            var source = LogOptions.Source(parsed);
            var rules = Rules(parsed.GetValue(contracts)!, parsed.GetValue(EraseCommand.HoldsFile)!, time);
            var approved = await OperatorCommands.Approved(parsed, time, "destroy", "log", source.Origin);
            var goesOn = new LogSource(
                (await File.ReadAllLinesAsync(Path.Combine(parsed.GetValue(current)!, "checkpoint"), stop))[0],
                parsed.GetValue(current)!,
                source.Policy
            );
            await using var ledger = await LogOptions.Ledger(parsed, goesOn.Origin, time);
            var destruction = new YearDestruction(source, parsed.GetValue(Kept)!, goesOn, ledger, time);
            await destruction.Run(rules, approved.By, "retention");
            using (var index = LogOptions.Place(parsed)?.Fill([goesOn]))
                index?.Forget(source.Origin);
            terminal.Done("log-destroyed", source.Origin, destruction.CertificateFile);
            terminal.Answer(new { log = source.Origin, certificate = destruction.CertificateFile });
            return Exit.Ok;
        });
    }

    private static RetentionRules Rules(string contracts, string holds, TimeProvider time)
    {
        var agreements = GatewayCtl
            .Registry(contracts, time)
            .Agreements.Values.ToDictionary(
                static agreement => agreement.Id,
                static agreement => new RetentionTerm(agreement.AuditArchived.Months, agreement.AuditArchived.Days),
                StringComparer.Ordinal
            );
        return new RetentionRules(agreements, new RetentionTerm(60, 0), EraseCommand.Holds(holds));
    }
}
