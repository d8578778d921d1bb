using System.CommandLine;
using System.Globalization;
using Admin.CommandLine;
using Admin.Texts;
using Agreements.Loading;
using Agreements.Texts;
using AuditIndex.Watched;
using Ledger.Evidence;

namespace Admin.LedgerTasks;

/// <summary>
/// <c>ledger export</c>: records with their proofs, sealed as <c>officer.export</c> before the file is there. To be run as a user who may
/// seal officers' records.
/// </summary>
internal static class ExportCommand
{
    internal static Command Create(TimeProvider time)
    {
        var records = new Option<long[]>("--record") { Required = true };
        var officer = new OfficerOptions(isAlways: true);
        var output = new Option<string>("--out") { Required = true };
        var contracts = new Option<string>("--contracts") { DefaultValueFactory = _ => "contracts" };
        var command = LogOptions
            .On("export", [records, .. officer.All, output, contracts])
            .Does(time, async (parsed, terminal, stop) =>
            {
                var reader = officer.Read(parsed);
                var source = LogOptions.Source(parsed);
                var log = source.Open();
                var positions = parsed.GetValue(records)!.Distinct().Order().ToList();
                foreach (var position in positions.Where(position => position < 0 || position >= log.Checkpoint.Size))
                    throw new Declined("no-position", log.Checkpoint.Size, Figures(position));
                var request = new EvidenceRequest
                {
                    Logs = [new EvidenceOf(log, positions)],
                    Policy = LogOptions.PolicyText(parsed),
                    AskedBy = reader.Officer,
                    Reason = reader.Reason,
                    Query = $"{source.Origin}: {string.Join(' ', positions.Select(Figures))}",
                    Names = NamesOf(parsed.GetValue(contracts)!, time),
                };
                await using var ledger = await LogOptions.Ledger(parsed, source.Origin, time);
                var view = await new WatchedExport(ledger, officer.Texts(parsed), time).Pack(reader, request);
                await File.WriteAllBytesAsync(parsed.GetValue(output)!, view.Answer, stop);
                terminal.Done("pack-written", positions.Count, parsed.GetValue(output)!);
                terminal.Under("reading-sealed", view.Receipt.Index, view.Receipt.Origin);
                terminal.Answer(
                    new { pack = parsed.GetValue(output), @sealed = new { log = view.Receipt.Origin, index = view.Receipt.Index } }
                );
                return Exit.Ok;
            });
        command.Subcommands.Add(ExportRowsCommand.Create(time, officer, output));
        return command;
    }

    // Names of today. Without contracts, or with some that do not load, the pages hold the codes: a pack is proof, not law.
    private static EvidenceNames NamesOf(string folder, TimeProvider time)
    {
        var law = Directory.Exists(folder) ? RegistryLoader.Load(folder, time).Registry : null;
        return (member, code, language) =>
            member switch
            {
                "code" => Reasons.Find(code, language)?.What,
                "op" when law?.Operations.ContainsKey(code) == true => new LawNames(law, language).Operation(code),
                "purp" => new LawNames(law, language).Purpose(code),
                "agr" => law?.Agreements.GetValueOrDefault(code.Split('@')[0])?.Title.In(language),
                _ => null,
            };
    }

    private static string Figures(long position) => position.ToString(CultureInfo.InvariantCulture);
}
