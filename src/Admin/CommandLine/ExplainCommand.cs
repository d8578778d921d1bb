using System.CommandLine;
using Admin.Checks;
using Admin.Explaining;
using Admin.Texts;
using Ledger;
using Ledger.Notes;

namespace Admin.CommandLine;

/// <summary>
/// <c>explain REQUEST-ID</c>: the exact rule behind a refusal. The partner asks the token server, as itself; the operator reads the ledger.
/// </summary>
internal static class ExplainCommand
{
    private static readonly Argument<string> Id = new("request-id") { Description = "The Request-Id header of the refusal, or the id of a record" };
    private static readonly Option<string?> LedgerFolder = new("--ledger") { Description = "Folder of a log (operator)" };
    private static readonly Option<string?> LogKey = new("--vkey") { Description = "Its verifier key (C2SP)" };

    internal static Command Create(TimeProvider time)
    {
        var command = new Command("explain", "Tells the exact reason of a refusal by its request id.") { Id, LedgerFolder, LogKey };
        PartnerOptions.AddTo(command);
        return command.Does(time, async (parsed, terminal, _) =>
        {
            var id = parsed.GetValue(Id)!;
            if (!Ulid.IsValid(id)) throw new Declined($"{id} is not a request id: 26 letters and digits", Exit.Usage);
            return parsed.GetValue(LedgerFolder) is { } folder
                ? FromLedger(terminal, folder, VerifierKey.Parse(PartnerOptions.Required(parsed, LogKey)), id)
                : await FromServer(terminal, PartnerOptions.Read(parsed), id);
        });
    }

    private static int FromLedger(Terminal terminal, string folder, VerifierKey key, string id) =>
        LedgerSearch.Find(folder, key, id) is { } found ? Tell(terminal, found) : throw new Declined($"No record {id} in this log");

    private static async Task<int> FromServer(Terminal terminal, Partner partner, string id)
    {
        using var connection = new PartnerConnection(partner, terminal.Language);
        try
        {
            var metadata = await connection.Get(TokenServer.MetadataOf(partner.Issuer));
            if (!metadata.IsOk) return terminal.Report([new Finding("metadata-missing")], "");
            var told = await new TokenServer(partner, connection, metadata.Body, terminal.Time).Explain(id);
            if (told.IsOk) return Tell(terminal, [.. told.Body.EnumerateObject().Select(static member => (member.Name, member.Value.ToString()))]);
            var code = (int)told.Status == 404 ? "explanation-unknown" : told.Text("error_description")?.Split(' ')[0] is { } first && Reasons.Find(first, "en") is not null ? first : "client-unexplained";
            return terminal.Report([new Finding(code, ("error", told.Text("error") ?? "-"), ("error_description", told.Text("error_description") ?? "-"), ("request id", told.RequestId ?? "-"))], "");
        }
        catch (Exception exception) when (exception is HttpRequestException or OperationCanceledException)
        {
            return terminal.Report([new Finding(PartnerConnection.Why(exception), ("error", exception.GetBaseException().Message))], "");
        }
    }

    private static int Tell(Terminal terminal, IReadOnlyList<(string Name, string Value)> facts)
    {
        var code = facts.FirstOrDefault(static fact => fact.Name == "code").Value;
        var reason = code is null ? null : Reasons.Of(code, terminal.Language);
        foreach (var (name, value) in facts) terminal.Say($"{name}: {value}");
        if (reason is not null) terminal.Say($"{reason.What}\n→ {reason.Remedy}");
        terminal.Answer(new { record = facts.ToDictionary(static fact => fact.Name, static fact => fact.Value, StringComparer.Ordinal), reason?.What, reason?.Remedy });
        return Exit.Ok;
    }
}
