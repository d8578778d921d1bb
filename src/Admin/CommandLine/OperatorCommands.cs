using System.CommandLine;
using Admin.Checks;
using Admin.Operators;

namespace Admin.CommandLine;

/// <summary><c>operator new</c> and <c>approve</c>: the two signatures without which nothing is let go on and no key is taken out.</summary>
internal static class OperatorCommands
{
    internal static Option<string?> Operators { get; } = new("--operators") { Description = "File with the operators' public keys" };
    internal static Option<string[]> Approvals { get; } = new("--approval") { Description = "File with an operator's approval; given twice" };

    internal static Command Create(TimeProvider time)
    {
        var id = new Argument<string>("operator") { Description = "Id of a role, such as op-1; no name of a person" };
        var folder = new Option<string>("--out") { Description = "Folder for the key", DefaultValueFactory = _ => "." };
        var make = new Command("new", "Makes an operator's key for its owner alone and prints the line for the operators file.") { id, folder };
        make.Does(time, (parsed, terminal) =>
        {
            using var key = PartnerKey.New("ES256");
            var path = Path.Combine(parsed.GetValue(folder)!, parsed.GetValue(id)! + ".key");
            key.Save(path);
            var line = OperatorKeys.Line(parsed.GetValue(id)!, key.Public);
            terminal.Say($"# private, stays with its owner: {path}\n# one line of the operators file, reviewed like the contracts:\n{line}");
            terminal.Answer(new { @operator = parsed.GetValue(id), key = path, line });
            return Exit.Ok;
        });
        return new Command("operator", "Operators of the gateway.") { make };
    }

    internal static Command Approve(TimeProvider time)
    {
        var act = new Argument<string>("act") { Description = "lift, compromise, destroy or export" }.AcceptOnlyFromAmong("lift", "compromise", "destroy", "export");
        Argument<string> kind = new("kind") { Description = "institution, client, agreement, issuer, certificate; key for compromise, log or text for destroy, rows for export" }, id = new("id") { Description = "Its id" };
        Option<string> by = new("--operator") { Description = "Operator who approves", Required = true }, key = new("--key") { Description = "The operator's private key", Required = true };
        var output = new Option<string>("--out") { Description = "File for the approval", Required = true };
        var command = new Command("approve", "Signs one act with an operator's own key. Good for an hour; two operators' approvals make it possible.") { act, kind, id, by, key, output };
        return command.Does(time, (parsed, terminal) =>
        {
            using var signer = PartnerKey.Load(parsed.GetValue(key)!);
            File.WriteAllText(parsed.GetValue(output)!, Approval.Sign(signer, parsed.GetValue(by)!, parsed.GetValue(act)!, parsed.GetValue(kind)!, parsed.GetValue(id)!, time.GetUtcNow()) + "\n");
            terminal.Say($"✓ {parsed.GetValue(by)} approves: {parsed.GetValue(act)} {parsed.GetValue(kind)} {parsed.GetValue(id)}, for an hour. {parsed.GetValue(output)}");
            terminal.Answer(new { approval = parsed.GetValue(output) });
            return Exit.Ok;
        });
    }

    /// <summary>The two operators who approved exactly this act, or the refusal of the command.</summary>
    internal static async Task<ApprovedAct> Approved(ParseResult parsed, TimeProvider time, string act, string kind, string id)
    {
        var operators = OperatorKeys.Read(await File.ReadAllTextAsync(PartnerOptions.Required(parsed, Operators)));
        var approvals = new List<string>();
        foreach (var path in parsed.GetValue(Approvals) ?? []) approvals.Add((await File.ReadAllTextAsync(path)).Trim());
        return await Approval.Verify(approvals, operators, act, kind, id, time.GetUtcNow());
    }
}
