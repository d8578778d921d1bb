using System.CommandLine;
using Admin.CommandLine;
using AuditIndex.Watched;
using Ledger.Evidence;
using Ledger.Subjects;

namespace Admin.LedgerTasks;

/// <summary><c>ledger export</c>: records with their proofs, sealed as <c>officer.export</c> before the file is there. To be run as a user who may seal officers' records.</summary>
internal static class ExportCommand
{
    internal static Command Create(TimeProvider time)
    {
        var records = new Option<long[]>("--record") { Description = "Position of a record; again for each", Required = true };
        var officer = new Option<string>("--officer") { Description = "Officer id", Required = true };
        var reason = new Option<string>("--reason") { Description = "Why, 10 to 2,000 characters; kept as an erasable text", Required = true };
        var texts = new Option<string>("--texts") { Description = "Folder of detached texts", Required = true };
        var output = new Option<string>("--out") { Description = "File for the pack (.zip)", Required = true };
        var command = LogOptions.On("export", "Writes an evidence pack; the export is sealed before the file is there.", records, officer, reason, texts, output, LogOptions.SocketFile).Does(time, async (parsed, terminal, stop) =>
        {
            var source = LogOptions.Source(parsed);
            var request = new EvidenceRequest { Logs = [new EvidenceOf(source.Open(), parsed.GetValue(records)!)], Policy = LogOptions.PolicyText(parsed), AskedBy = parsed.GetValue(officer) };
            var reader = ReaderOf(parsed.GetValue(officer)!, parsed.GetValue(reason)!);
            await using var ledger = await LogOptions.Ledger(parsed, source.Origin, time);
            var view = await new WatchedExport(ledger, new DetachedTexts(parsed.GetValue(texts)!), time).Pack(reader, request);
            await File.WriteAllBytesAsync(parsed.GetValue(output)!, view.Answer, stop);
            terminal.Say($"✓ {parsed.GetValue(output)}, sealed as record {view.Receipt.Index} of {view.Receipt.Origin}");
            terminal.Answer(new { pack = parsed.GetValue(output), @sealed = new { log = view.Receipt.Origin, index = view.Receipt.Index } });
            return Exit.Ok;
        });
        command.Subcommands.Add(ExportRowsCommand.Create(time, officer, reason, texts, output));
        return command;
    }

    internal static Reader ReaderOf(string officer, string reason)
    {
        try
        {
            return new Reader(officer, reason);
        }
        catch (ArgumentException wrong)
        {
            throw new Declined(wrong.Message, Exit.Usage);
        }
    }
}
