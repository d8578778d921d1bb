using System.CommandLine;
using System.Globalization;
using Admin.Operators;
using Ledger;
using Tokens.Status;

namespace Admin.CommandLine;

/// <summary>
/// <c>suspend</c>, <c>lift</c>, <c>token revoke</c>: what stops at once, on the status list that authority and gateway share. The reviewed
/// file follows by commit. One person may stop; two must let go on.
/// </summary>
internal static class StopCommands
{
    private static readonly Argument<StoppedKind> Kind = new("kind") { Description = "institution, client, agreement, issuer or certificate" };
    private static readonly Argument<string> Id = new("id") { Description = "Its id" };
    internal static Option<string?> By { get; } = new("--by") { Description = "Operator, as it will stand in the ledger" };

    internal static Option<string> Reason { get; } = new("--reason") { Description = "A code such as key-leak; no text about persons", Required = true };

    internal static Command Suspend(TimeProvider time)
    {
        var command = new Command("suspend", "Stops an institution, client, agreement, issuer or certificate within seconds. One person may. Certificates: gatewayctl certificate deny finds the id.") { Kind, Id, Reason, By, StoreOptions.Config, StoreOptions.StatusFile };
        SealedAct.AddTo(command);
        return command.Does(time, async (parsed, terminal, _) =>
        {
            var (kind, id) = (parsed.GetValue(Kind), parsed.GetValue(Id)!);
            return await Stop(parsed, terminal, kind, kind == StoppedKind.Certificate ? CertificateCommands.Known(id) : id, "is suspended");
        });
    }

    /// <summary>Stops one thing. In force first: a ledger that is away must not keep anybody from stopping what must be stopped.</summary>
    internal static async Task<int> Stop(ParseResult parsed, Terminal terminal, StoppedKind kind, string id, string what)
    {
        var reason = Code(parsed.GetValue(Reason)!);
        using (var status = StoreOptions.Status(parsed, terminal.Time)) await status.Suspend(kind, id, reason);
        return await Told(terminal, parsed, new SealedAct("suspend", Word(kind), id, "suspend", parsed.GetValue(By), reason), what);
    }

    /// <summary>Lets one thing go on, with two operators' approvals.</summary>
    internal static async Task<int> LetGoOn(ParseResult parsed, Terminal terminal, StoppedKind kind, string id)
    {
        var approved = await OperatorCommands.Approved(parsed, terminal.Time, "lift", Word(kind), id);
        using var status = StoreOptions.Status(parsed, terminal.Time);
        var act = new SealedAct("suspend", Word(kind), id, "lift", approved.By, parsed.GetValue(Reason));
        // Sealed first where a ledger is named: what cannot be recorded is not let go on.
        if (act.IsSealedBy(parsed)) await act.Seal(parsed, terminal.Time);
        await status.Lift(kind, id);
        terminal.Say($"✓ {Word(kind)} {id} is no longer suspended on the status list. By {approved.By}.{act.Note(parsed)}");
        terminal.Answer(new { kind = Word(kind), id, lifted = true, approved.By, @sealed = act.IsSealedBy(parsed) });
        return Exit.Ok;
    }

    internal static Command Lift(TimeProvider time)
    {
        var command = new Command("lift", "Ends a suspension. Takes two operators' approvals.") { Kind, Id, Reason, StoreOptions.Config, StoreOptions.StatusFile, OperatorCommands.Operators, OperatorCommands.Approvals };
        SealedAct.AddTo(command);
        return command.Does(time, (parsed, terminal, _) => LetGoOn(parsed, terminal, parsed.GetValue(Kind), parsed.GetValue(Id)!));
    }

    internal static Command Token(TimeProvider time)
    {
        var jti = new Argument<string>("jti") { Description = "The token's jti" };
        var lives = new Option<int>("--lives") { Description = "Seconds for which it may still live", DefaultValueFactory = _ => 600 };
        var revoke = new Command("revoke", "Stops one token within seconds.") { jti, lives, By, StoreOptions.Config, StoreOptions.StatusFile };
        SealedAct.AddTo(revoke);
        revoke.Does(time, async (parsed, terminal, _) =>
        {
            using var status = StoreOptions.Status(parsed, time);
            await status.Revoke(parsed.GetValue(jti)!, time.GetUtcNow().AddSeconds(parsed.GetValue(lives)));
            return await Told(terminal, parsed, new SealedAct("suspend", "token", parsed.GetValue(jti)!, "revoke", parsed.GetValue(By), Detail: null), "is revoked");
        });
        return new Command("token", "Single tokens.") { revoke };
    }

    private static async Task<int> Told(Terminal terminal, ParseResult parsed, SealedAct act, string what)
    {
        terminal.Say($"✓ {act.Kind} {act.What} {what}.{act.Note(parsed)}");
        try
        {
            if (act.IsSealedBy(parsed)) await act.Seal(parsed, terminal.Time);
        }
        catch (LedgerUnavailable)
        {
            throw new Declined($"{act.Kind} {act.What} {what}, and that is in force, but the ledger did not seal it: repeat the command");
        }
        terminal.Answer(new { kind = act.Kind, id = act.What, act.Act, @sealed = act.IsSealedBy(parsed) });
        return Exit.Ok;
    }

    private static string Code(string reason) =>
        reason.Length <= 64 && reason.All(static c => char.IsAsciiLetterLower(c) || char.IsAsciiDigit(c) || c == '-') ? reason : throw new Declined("--reason is a code of small letters, digits and hyphens", Exit.Usage);

    private static string Word(StoppedKind kind) => kind.ToString().ToLower(CultureInfo.InvariantCulture);
}
