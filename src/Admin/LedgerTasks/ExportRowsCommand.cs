using System.CommandLine;
using Admin.CommandLine;
using AuditIndex.Exports;
using AuditIndex.Questions;
using AuditIndex.Watched;

namespace Admin.LedgerTasks;

/// <summary>
/// <c>ledger export rows</c>: the answer of a query as a file, sealed before it is asked and again before the file is there.
/// </summary>
internal static class ExportRowsCommand
{
    private static readonly Option<DateTimeOffset?> From = new("--from"),
        To = new("--to");
    private static readonly Option<bool> Refused = new("--refused"),
        WithSubjects = new("--with-subjects");
    private static readonly Option<string> Format = new Option<string>("--format") { DefaultValueFactory = _ => "csv" }.AcceptOnlyFromAmong(
        "csv",
        "jsonl",
        "ocsf"
    );

    private static readonly Dictionary<string, (Option<string?> Option, Func<RecordFilter, string, RecordFilter> Set)> Filters = new(
        StringComparer.Ordinal
    )
    {
        ["event"] = Filter("event", static (filter, value) => filter with { Event = value }),
        ["institution"] = Filter("institution", static (filter, value) => filter with { Institution = value }),
        ["client"] = Filter("client", static (filter, value) => filter with { Client = value }),
        ["agent"] = Filter("agent", static (filter, value) => filter with { Agent = value }),
        ["office"] = Filter("office", static (filter, value) => filter with { Office = value }),
        ["operation"] = Filter("operation", static (filter, value) => filter with { Operation = value }),
        ["purpose"] = Filter("purpose", static (filter, value) => filter with { Purpose = value }),
        ["agreement"] = Filter("agreement", static (filter, value) => filter with { Agreement = value }),
        ["field"] = Filter("field", static (filter, value) => filter with { Field = value }),
        ["provider"] = Filter("provider", static (filter, value) => filter with { Provider = value }),
        ["code"] = Filter("code", static (filter, value) => filter with { Code = value }),
        ["rule"] = Filter("rule", static (filter, value) => filter with { Rule = value }),
        ["match"] = Filter("match", static (filter, value) => filter with { Match = value }),
        ["gate"] = Filter("gate", static (filter, value) => filter with { Gate = value }),
        ["territory"] = Filter("territory", static (filter, value) => filter with { Territory = value }),
    };

    internal static Command Create(TimeProvider time, OfficerOptions officer, Option<string> output)
    {
        Symbol[] filters = [.. Filters.Values.Select(static filter => filter.Option)];
        return LogOptions
            .On(
                "rows",
                [
                    Format,
                    From,
                    To,
                    Refused,
                    WithSubjects,
                    .. filters,
                    .. officer.All,
                    output,
                    LogOptions.Index,
                    LogOptions.Postgres,
                    LogOptions.PasswordFile,
                    OperatorCommands.Approvals,
                ]
            )
            .Does(time, async (parsed, terminal, stop) =>
            {
                var reader = officer.Read(parsed);
                var request = Request(parsed, terminal.Language);
                if (parsed.GetValue(OperatorCommands.Approvals) is { Length: > 0 })
                {
                    await OperatorCommands.Approved(parsed, time, "export", "rows", request.Digest);
                    request = request with { MostRows = WatchedRows.MostOfAll };
                }

                var sources = LogOptions.Sources(parsed);
                var place = LogOptions.Place(parsed) ?? throw Declined.Usage("give-index");
                var published = sources.Select(static source => (source.Origin, source.Open().Checkpoint.Size)).ToList();
                await using var ledger = await LogOptions.Ledger(parsed, sources[0].Origin, time);
                using var rows = place.ReadRows(sources, ledger, officer.Texts(parsed), time);
                try
                {
                    var view = await rows.Export(reader, request, parsed.GetValue(output)!, stop);
                    terminal.Done("rows-written", view.Answer.Rows, parsed.GetValue(output)!);
                    terminal.Under("reading-sealed", view.Receipt.Index, view.Receipt.Origin);
                    var logs = Followed(published, view.At);
                    foreach (var log in logs)
                    {
                        if (log.Behind > 0)
                            terminal.Warn("rows-behind", log.Behind, log.Log, log.Indexed);
                        else
                            terminal.Under("rows-up-to", log.Indexed, log.Log);
                    }
                    terminal.Answer(
                        new
                        {
                            file = parsed.GetValue(output),
                            view.Answer.Rows,
                            view.Answer.Sha256,
                            @sealed = new { log = view.Receipt.Origin, index = view.Receipt.Index },
                            logs,
                        }
                    );
                    return Exit.Ok;
                }
                catch (ExportRefused)
                {
                    throw new Declined(
                        "too-many-rows",
                        request.MostRows,
                        Shell.Line("gatewayctl", "approve", "export", "rows", request.Digest) + " --operator … --key … --out …"
                    );
                }
            });
    }

    /// <summary>Up to which record the index had read each log when it was asked: later records are not in the file.</summary>
    private static List<FollowedLog> Followed(IEnumerable<(string Origin, long Size)> published, IReadOnlyDictionary<string, long> at) =>
        [
            .. published.Select(one => new FollowedLog(
                one.Origin,
                at.GetValueOrDefault(one.Origin),
                Math.Max(0, one.Size - at.GetValueOrDefault(one.Origin))
            )),
        ];

    private sealed record FollowedLog(string Log, long Indexed, long Behind);

    private static RowsRequest Request(ParseResult parsed, string language)
    {
        var filter = new RecordFilter
        {
            From = parsed.GetValue(From),
            To = parsed.GetValue(To),
            Refused = parsed.GetValue(Refused),
        };
        foreach (var (option, set) in Filters.Values)
        {
            if (parsed.GetValue(option) is { } value)
                filter = set(filter, value);
        }

        var format = parsed.GetValue(Format) switch
        {
            "jsonl" => RowFormat.JsonLines,
            "ocsf" => RowFormat.Ocsf,
            _ => RowFormat.Csv,
        };
        return new RowsRequest(filter, format) { Language = language, WithSubjects = parsed.GetValue(WithSubjects) };
    }

    private static (Option<string?>, Func<RecordFilter, string, RecordFilter>) Filter(
        string name,
        Func<RecordFilter, string, RecordFilter> set
    ) => (new Option<string?>("--" + name), set);
}
