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
    internal static Option<string> HoldsFile { get; } = new("--holds") { Required = true };

    internal static Command Create(TimeProvider time)
    {
        var record = new Option<long>("--record") { Required = true };
        var texts = new Option<string>("--texts") { Required = true };
        var why = new Option<string>("--why") { DefaultValueFactory = _ => "retention" };
        return LogOptions
            .On("erase", record, texts, HoldsFile, why, LogOptions.SocketFile, OperatorCommands.Operators, OperatorCommands.Approvals)
            .Does(time, async (parsed, terminal, stop) =>
            {
                var source = LogOptions.Source(parsed);
                var position = parsed.GetValue(record);
                var holds = Holds(parsed.GetValue(HoldsFile)!);
                var approved = await OperatorCommands.Approved(
                    parsed,
                    time,
                    "destroy",
                    "text",
                    string.Create(System.Globalization.CultureInfo.InvariantCulture, $"{source.Origin}:{position}")
                );
                await using var ledger = await LogOptions.Ledger(parsed, source.Origin, time);
                var receipt = await new TextErasure(source, new DetachedTexts(parsed.GetValue(texts)!), ledger, time).Run(
                    position,
                    holds,
                    approved.By,
                    parsed.GetValue(why)!
                );
                terminal.Done("text-erased", position);
                terminal.Under("act-sealed", receipt.Index, receipt.Origin);
                terminal.Answer(
                    new
                    {
                        log = source.Origin,
                        record = position,
                        @sealed = new { log = receipt.Origin, index = receipt.Index },
                    }
                );
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
            throw Declined.Usage("no-holds", file);
        }
    }
}
