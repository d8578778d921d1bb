using System.CommandLine;
using System.Globalization;
using Admin.CommandLine;
using AuditIndex.Exports;
using AuditIndex.Questions;
using AuditIndex.Watched;
using Ledger.Subjects;

namespace Admin.LedgerTasks;

/// <summary><c>ledger export rows</c>: the answer of a query as a file, sealed before it is asked and again before the file is there.</summary>
internal static class ExportRowsCommand
{
    private static readonly Option<DateTimeOffset?> From = new("--from") { Description = "Not before (RFC 3339)" }, To = new("--to") { Description = "Before (RFC 3339)" };
    private static readonly Option<bool> Refused = new("--refused") { Description = "Refusals and faults only" }, WithSubjects = new("--with-subjects") { Description = "Persons' pseudonyms too; needed for jsonl and ocsf, which hold them" };
    private static readonly Option<string> Format = new Option<string>("--format") { Description = "csv, jsonl or ocsf", DefaultValueFactory = _ => "csv" }.AcceptOnlyFromAmong("csv", "jsonl", "ocsf");

    private static readonly Dictionary<string, (Option<string?> Option, Func<RecordFilter, string, RecordFilter> Set)> Filters = new(StringComparer.Ordinal)
    {
        ["event"] = Filter("event", "Kind of event, or a prefix such as officer.*", static (filter, value) => filter with { Event = value }),
        ["institution"] = Filter("institution", "Consumer institution", static (filter, value) => filter with { Institution = value }),
        ["client"] = Filter("client", "System", static (filter, value) => filter with { Client = value }),
        ["agent"] = Filter("agent", "Staff pseudonym, or officer", static (filter, value) => filter with { Agent = value }),
        ["office"] = Filter("office", "Office", static (filter, value) => filter with { Office = value }),
        ["operation"] = Filter("operation", "Operation", static (filter, value) => filter with { Operation = value }),
        ["purpose"] = Filter("purpose", "Purpose", static (filter, value) => filter with { Purpose = value }),
        ["agreement"] = Filter("agreement", "Agreement id@version", static (filter, value) => filter with { Agreement = value }),
        ["field"] = Filter("field", "Released field", static (filter, value) => filter with { Field = value }),
        ["provider"] = Filter("provider", "Institution that was asked", static (filter, value) => filter with { Provider = value }),
        ["code"] = Filter("code", "Problem code", static (filter, value) => filter with { Code = value }),
        ["rule"] = Filter("rule", "Rule", static (filter, value) => filter with { Rule = value }),
        ["match"] = Filter("match", "matchStatus", static (filter, value) => filter with { Match = value }),
        ["gate"] = Filter("gate", "Gate", static (filter, value) => filter with { Gate = value }),
        ["territory"] = Filter("territory", "Reason code of an answer outside the territory", static (filter, value) => filter with { Territory = value }),
    };

    internal static Command Create(TimeProvider time, Option<string> officer, Option<string> reason, Option<string> texts, Option<string> output)
    {
        Symbol[] filters = [.. Filters.Values.Select(static filter => filter.Option)];
        return LogOptions.On("rows", "Exports the records that a query finds. More than 10,000 rows take two operators' approvals of: export rows DIGEST.",
            [Format, From, To, Refused, WithSubjects, .. filters, officer, reason, texts, output, LogOptions.Index, LogOptions.Postgres, LogOptions.PasswordFile, LogOptions.SocketFile, OperatorCommands.Operators, OperatorCommands.Approvals])
            .Does(time, async (parsed, terminal, stop) =>
        {
            var request = Request(parsed, terminal.Language);
            if (parsed.GetValue(OperatorCommands.Approvals) is { Length: > 0 })
            {
                await OperatorCommands.Approved(parsed, time, "export", "rows", request.Digest);
                request = request with { MostRows = WatchedRows.MostOfAll };
            }

            var sources = LogOptions.Sources(parsed);
            var place = LogOptions.Place(parsed) ?? throw new Declined("Give --index or --postgres", Exit.Usage);
            await using var ledger = await LogOptions.Ledger(parsed, sources[0].Origin, time);
            using var rows = place.ReadRows(sources, ledger, new DetachedTexts(parsed.GetValue(texts)!), time);
            try
            {
                var view = await rows.Export(ExportCommand.ReaderOf(parsed.GetValue(officer)!, parsed.GetValue(reason)!), request, parsed.GetValue(output)!, stop);
                terminal.Say(string.Create(CultureInfo.InvariantCulture, $"✓ {view.Answer.Rows} rows: {parsed.GetValue(output)}, sealed as record {view.Receipt.Index} of {view.Receipt.Origin}"));
                terminal.Answer(new { file = parsed.GetValue(output), view.Answer.Rows, view.Answer.Sha256, @sealed = new { log = view.Receipt.Origin, index = view.Receipt.Index } });
                return Exit.Ok;
            }
            catch (ExportRefused refused)
            {
                throw new Declined($"{refused.Message}; two operators may approve: export rows {request.Digest}");
            }
            catch (ArgumentException wrong)
            {
                throw new Declined(wrong.Message, Exit.Usage);
            }
        });
    }

    private static RowsRequest Request(ParseResult parsed, string language)
    {
        var filter = new RecordFilter { From = parsed.GetValue(From), To = parsed.GetValue(To), Refused = parsed.GetValue(Refused) };
        foreach (var (option, set) in Filters.Values)
        {
            if (parsed.GetValue(option) is { } value) filter = set(filter, value);
        }

        var format = parsed.GetValue(Format) switch { "jsonl" => RowFormat.JsonLines, "ocsf" => RowFormat.Ocsf, _ => RowFormat.Csv };
        return new RowsRequest(filter, format) { Language = language, WithSubjects = parsed.GetValue(WithSubjects) };
    }

    private static (Option<string?>, Func<RecordFilter, string, RecordFilter>) Filter(string name, string description, Func<RecordFilter, string, RecordFilter> set) =>
        (new Option<string?>("--" + name) { Description = description }, set);
}
