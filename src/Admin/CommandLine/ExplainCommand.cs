using System.Collections.Immutable;
using System.CommandLine;
using Admin.Checks;
using Admin.Explaining;
using Admin.LedgerTasks;
using Admin.Texts;
using AuditIndex.Watched;
using Ledger;
using Ledger.Tiles;

namespace Admin.CommandLine;

/// <summary>
/// <c>explain REQUEST-ID</c>: the exact rule behind a refusal. The partner asks the token server, as itself; an officer reads the access
/// log, and the
/// reading is sealed before it shows.
/// </summary>
internal static class ExplainCommand
{
    private static readonly Argument<string> Id = new("request-id");
    private static readonly Option<string?> LedgerFolder = new("--ledger");
    private static readonly OfficerOptions Officer = new(isAlways: false);

    internal static Command Create(TimeProvider time)
    {
        var command = new Command("explain") { Id, LedgerFolder, LogOptions.Keys, LogOptions.PolicyFile };
        foreach (var option in Officer.All)
            command.Options.Add((Option)option);
        PartnerOptions.AddTo(command);
        return command.Does(time, async (parsed, terminal, _) =>
        {
            var id = parsed.GetValue(Id)!;
            if (!Ulid.IsValid(id))
                throw Declined.Usage("no-request-id", id);
            return parsed.GetValue(LedgerFolder) is { } folder
                ? await FromLedger(parsed, terminal, folder, id)
                : await FromServer(terminal, PartnerOptions.Read(parsed), id);
        });
    }

    private static async Task<int> FromLedger(ParseResult parsed, Terminal terminal, string folder, string id)
    {
        var reader = Officer.Read(parsed);
        var log = LogReader.Open(folder, LogOptions.Policy(parsed));
        await using var ledger = await LogOptions.Ledger(parsed, log.Checkpoint.Origin, terminal.Time);
        // What was asked is sealed also when nothing is found.
        var view = await new WatchedLog(ledger, Officer.Texts(parsed), terminal.Time).Read(reader, [log], "explain&id=" + id, () =>
        {
            var found = LedgerSearch.Find(log, id);
            return new LogFinding<ImmutableArray<(string Name, string Value)>?>(found, found is null ? 0 : 1);
        });
        terminal.Under("reading-sealed", view.Receipt.Index, view.Receipt.Origin);
        return view.Answer is { } members
            ? Tell(terminal, members, new { log = view.Receipt.Origin, index = view.Receipt.Index })
            : throw new Declined("no-record", id, log.Checkpoint.Size);
    }

    private static async Task<int> FromServer(Terminal terminal, Partner partner, string id)
    {
        using var connection = new PartnerConnection(partner, terminal.Language);
        try
        {
            var metadata = await connection.Get(TokenServer.MetadataOf(partner.Issuer));
            if (!metadata.IsOk)
                return terminal.Report([new Finding("metadata-missing")]);
            var told = await new TokenServer(partner, connection, metadata.Body, terminal.Time).Explain(id);
            if (told.IsOk)
                return Tell(
                    terminal,
                    [.. told.Body.EnumerateObject().Select(static member => (member.Name, member.Value.ToString()))],
                    sealedAs: null
                );
            var code =
                (int)told.Status == 404 ? "explanation-unknown"
                : told.Text("error_description")?.Split(' ')[0] is { } first && Reasons.Find(first, "en") is not null ? first
                : "client-unexplained";
            return terminal.Report([
                new Finding(
                    code,
                    ("error", told.Text("error") ?? "-"),
                    TokenServer.Description(told),
                    ("request id", told.RequestId ?? "-")
                ),
            ]);
        }
        catch (Exception exception) when (exception is HttpRequestException or OperationCanceledException)
        {
            return terminal.Report([new Finding(PartnerConnection.Why(exception), ("error", exception.GetBaseException().Message))]);
        }
    }

    private static int Tell(Terminal terminal, IReadOnlyList<(string Name, string Value)> facts, object? sealedAs)
    {
        var code = facts.FirstOrDefault(static fact => fact.Name == "code").Value;
        var reason = code is null ? null : Reasons.Of(code, terminal.Language);
        foreach (var (name, value) in facts)
            terminal.Line(terminal.Fact(RecordFact.Of(name, value)));
        if (reason is not null)
        {
            terminal.Line(reason.What);
            terminal.Say("what-to-do", reason.Remedy);
        }
        var record = facts.ToDictionary(static fact => fact.Name, static fact => fact.Value, StringComparer.Ordinal);
        if (sealedAs is null)
            terminal.Answer(
                new
                {
                    record,
                    reason?.What,
                    reason?.Remedy,
                }
            );
        else
            terminal.Answer(
                new
                {
                    record,
                    reason?.What,
                    reason?.Remedy,
                    @sealed = sealedAs,
                }
            );
        return Exit.Ok;
    }
}
