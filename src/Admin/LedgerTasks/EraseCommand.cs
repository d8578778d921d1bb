using System.CommandLine;
using System.Text.Json;
using Admin.CommandLine;
using AuditIndex.Retention;
using Ledger.Subjects;

namespace Admin.LedgerTasks;

/// <summary><c>ledger erase</c>: a text that somebody wrote goes, its record and every proof stay.</summary>
internal static class EraseCommand
{
    private static readonly JsonSerializerOptions Web = new(JsonSerializerDefaults.Web);

    /// <summary>What must not be destroyed.</summary>
    internal static Option<string> HoldsFile { get; } = new("--holds") { Description = "File of legal holds: a JSON array of {id, from, to, agreement?, until?}; an empty array when there are none", Required = true };

    internal static Command Create(TimeProvider time)
    {
        var record = new Option<long>("--record") { Description = "Position of the record that the text belongs to", Required = true };
        var texts = new Option<string>("--texts") { Description = "Folder of detached texts", Required = true };
        var why = new Option<string>("--why") { Description = "A code, such as retention or request-of-the-person", DefaultValueFactory = _ => "retention" };
        return LogOptions.On("erase", "Erases the text that belongs to a record; the erasure is sealed before. Takes two operators' approvals of: destroy text LOG:RECORD.",
            record, texts, HoldsFile, why, LogOptions.SocketFile, OperatorCommands.Operators, OperatorCommands.Approvals).Does(time, async (parsed, terminal, stop) =>
        {
            var source = LogOptions.Source(parsed);
            var position = parsed.GetValue(record);
            var holds = Holds(parsed.GetValue(HoldsFile)!);
            var approved = await OperatorCommands.Approved(parsed, time, "destroy", "text", string.Create(System.Globalization.CultureInfo.InvariantCulture, $"{source.Origin}:{position}"));
            await using var ledger = await LogOptions.Ledger(parsed, source.Origin, time);
            var receipt = await new TextErasure(source, new DetachedTexts(parsed.GetValue(texts)!), ledger, time).Run(position, holds, approved.By, parsed.GetValue(why)!);
            terminal.Say($"✓ the text of record {position} is erased, sealed as record {receipt.Index} of {receipt.Origin}");
            terminal.Answer(new { log = source.Origin, record = position, @sealed = new { log = receipt.Origin, index = receipt.Index } });
            return Exit.Ok;
        });
    }

    /// <summary>Reads a file of holds.</summary>
    internal static List<LegalHold> Holds(string file)
    {
        try
        {
            return JsonSerializer.Deserialize<List<LegalHold>>(File.ReadAllText(file), Web) ?? throw new JsonException();
        }
        catch (JsonException)
        {
            throw new Declined($"{file}: not a JSON array of holds", Exit.Usage);
        }
    }
}
