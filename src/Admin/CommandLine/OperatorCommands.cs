using System.CommandLine;
using Admin.Checks;
using Admin.Operators;

namespace Admin.CommandLine;

/// <summary>
/// <c>operator new</c> and <c>approve</c>: the two signatures without which nothing is let go on and no key is taken out.
/// </summary>
internal static class OperatorCommands
{
    internal static Option<string?> Operators { get; } = new("--operators");
    internal static Option<string[]> Approvals { get; } = new("--approval");

    internal static Command Create(TimeProvider time)
    {
        var id = new Argument<string>("operator");
        var folder = new Option<string>("--out") { DefaultValueFactory = _ => "." };
        var make = new Command("new") { id, folder };
        make.Does(time, (parsed, terminal) =>
        {
            OperatorKeys.RefuseId(parsed.GetValue(id)!);
            using var key = PartnerKey.New("ES256");
            var path = Path.Combine(parsed.GetValue(folder)!, parsed.GetValue(id)! + ".key");
            key.Save(path);
            var line = OperatorKeys.Line(parsed.GetValue(id)!, key.Public);
            terminal.Done("operator-made", path);
            terminal.Say("operator-line");
            terminal.Line(line);
            terminal.Answer(
                new
                {
                    @operator = parsed.GetValue(id),
                    key = path,
                    line,
                }
            );
            return Exit.Ok;
        });
        return new Command("operator") { make };
    }

    internal static Command Approve(TimeProvider time)
    {
        var act = new Argument<string>("act").AcceptOnlyFromAmong([.. Approval.Kinds.Keys]);
        Argument<string> kind = new("kind"),
            id = new("id");
        Option<string> by = new("--operator") { Required = true },
            key = new("--key") { Required = true };
        var output = new Option<string>("--out") { Required = true };
        var command = new Command("approve") { act, kind, id, by, key, output };
        return command.Does(time, (parsed, terminal) =>
        {
            var kinds = Approval.Kinds[parsed.GetValue(act)!];
            if (!kinds.Contains(parsed.GetValue(kind)!, StringComparer.Ordinal))
                throw Declined.Usage("line-word-not-among", "<kind>", parsed.GetValue(kind)!, Wording.Blank.List(kinds));
            OperatorKeys.RefuseId(parsed.GetValue(by)!);
            using var signer = PartnerKey.Load(parsed.GetValue(key)!);
            File.WriteAllText(
                parsed.GetValue(output)!,
                Approval.Sign(
                    signer,
                    parsed.GetValue(by)!,
                    parsed.GetValue(act)!,
                    parsed.GetValue(kind)!,
                    parsed.GetValue(id)!,
                    time.GetUtcNow()
                ) + "\n"
            );
            terminal.Done(
                "approved-for-an-hour",
                parsed.GetValue(by)!,
                Shell.Line(parsed.GetValue(act)!, parsed.GetValue(kind)!, parsed.GetValue(id)!),
                parsed.GetValue(output)!
            );
            terminal.Answer(new { approval = parsed.GetValue(output) });
            return Exit.Ok;
        });
    }

    /// <summary>The two operators who approved exactly this act, or the refusal of the command.</summary>
    internal static async Task<ApprovedAct> Approved(ParseResult parsed, TimeProvider time, string act, string kind, string id)
    {
        var operators = OperatorKeys.Read(await File.ReadAllTextAsync(PartnerOptions.Required(parsed, Operators)));
        var approvals = new List<string>();
        foreach (var path in parsed.GetValue(Approvals) ?? [])
            approvals.Add((await File.ReadAllTextAsync(path)).Trim());
        return await Approval.Verify(approvals, operators, act, kind, id, time.GetUtcNow());
    }
}
