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
    private static readonly Argument<StoppedKind> Kind = new("kind");
    private static readonly Argument<string> Id = new("id");
    internal static Option<string?> By { get; } = new("--by");

    internal static Option<string> Reason { get; } = new("--reason") { Required = true };

    internal static Command Suspend(TimeProvider time)
    {
        var command = new Command("suspend") { Kind, Id, Reason, By, KnownIds.Contracts, StoreOptions.Config, StoreOptions.StatusFile };
        SealedAct.AddTo(command);
        return command.Does(time, async (parsed, terminal, _) =>
        {
            var (kind, id) = (parsed.GetValue(Kind), parsed.GetValue(Id)!);
            if (kind == StoppedKind.Certificate)
                id = CertificateCommands.Known(id);
            else
                KnownIds.Refuse(parsed, terminal, kind, id);
            return await Stop(parsed, terminal, kind, id, "suspended-now");
        });
    }

    /// <summary>Stops one thing. In force first: a ledger that is away must not keep anybody from stopping what must be stopped.</summary>
    internal static async Task<int> Stop(ParseResult parsed, Terminal terminal, StoppedKind kind, string id, string done)
    {
        var reason = Code(parsed.GetValue(Reason)!);
        if (parsed.GetValue(By) is { } by)
            OperatorKeys.RefuseId(by);
        using (var status = StoreOptions.Status(parsed, terminal.Time))
            await status.Suspend(kind, id, reason);
        return await Told(terminal, parsed, new SealedAct("suspend", Word(kind), id, "suspend", parsed.GetValue(By), reason), done);
    }

    /// <summary>Lets one thing go on, with two operators' approvals.</summary>
    internal static async Task<int> LetGoOn(ParseResult parsed, Terminal terminal, StoppedKind kind, string id)
    {
        using var status = StoreOptions.Status(parsed, terminal.Time);
        if (!status.Current.IsSuspended(kind, id))
            throw NotStopped(terminal, status.Current, kind, id);
        var approved = await OperatorCommands.Approved(parsed, terminal.Time, "lift", Word(kind), id);
        var act = new SealedAct("suspend", Word(kind), id, "lift", approved.By, parsed.GetValue(Reason));
        // Sealed first where a ledger is named: what cannot be recorded is not let go on.
        if (act.IsSealedBy(parsed))
            await act.Seal(parsed, terminal.Time);
        await status.Lift(kind, id);
        terminal.Done("lifted-now", Named(terminal, Word(kind)), id, approved.By);
        act.Note(parsed, terminal);
        terminal.Answer(
            new
            {
                kind = Word(kind),
                id,
                lifted = true,
                approved.By,
                @sealed = act.IsSealedBy(parsed),
            }
        );
        return Exit.Ok;
    }

    internal static Command Lift(TimeProvider time)
    {
        var command = new Command("lift")
        {
            Kind,
            Id,
            Reason,
            StoreOptions.Config,
            StoreOptions.StatusFile,
            OperatorCommands.Operators,
            OperatorCommands.Approvals,
        };
        SealedAct.AddTo(command);
        return command.Does(time, (parsed, terminal, _) => LetGoOn(parsed, terminal, parsed.GetValue(Kind), parsed.GetValue(Id)!));
    }

    internal static Command Token(TimeProvider time)
    {
        var jti = new Argument<string>("jti");
        var lives = new Option<int>("--lives") { DefaultValueFactory = _ => 600 };
        var revoke = new Command("revoke") { jti, lives, By, StoreOptions.Config, StoreOptions.StatusFile };
        SealedAct.AddTo(revoke);
        revoke.Does(time, async (parsed, terminal, _) =>
        {
            if (parsed.GetValue(By) is { } by)
                OperatorKeys.RefuseId(by);
            using var status = StoreOptions.Status(parsed, time);
            await status.Revoke(parsed.GetValue(jti)!, time.GetUtcNow().AddSeconds(parsed.GetValue(lives)));
            return await Told(
                terminal,
                parsed,
                new SealedAct("suspend", "token", parsed.GetValue(jti)!, "revoke", parsed.GetValue(By), Detail: null),
                "revoked-now"
            );
        });
        return new Command("token") { revoke };
    }

    /// <summary>The kind as people call it.</summary>
    internal static string Named(Terminal terminal, string kind) => terminal.Words("kind " + kind);

    private static async Task<int> Told(Terminal terminal, ParseResult parsed, SealedAct act, string done)
    {
        terminal.Done(done, Named(terminal, act.Kind), act.What);
        act.Note(parsed, terminal);
        try
        {
            if (act.IsSealedBy(parsed))
                await act.Seal(parsed, terminal.Time);
        }
        catch (LedgerUnavailable)
        {
            throw new Declined("stopped-not-sealed", Named(terminal, act.Kind), act.What);
        }
        terminal.Answer(
            new
            {
                kind = act.Kind,
                id = act.What,
                act.Act,
                @sealed = act.IsSealedBy(parsed),
            }
        );
        return Exit.Ok;
    }

    private static Declined NotStopped(Terminal terminal, StatusSnapshot list, StoppedKind kind, string id)
    {
        if (kind == StoppedKind.Certificate)
            return new Declined("certificate-not-denied", id, Shell.Line("gatewayctl", "certificate", "list"));
        var near = Near.Of(id, list.Suspensions.Where(one => one.Kind == kind).Select(static one => one.Id));
        return near.Count > 0
            ? new Declined("not-stopped-near", Named(terminal, Word(kind)), id, Wording.Blank.List(near))
            : new Declined("not-stopped", Named(terminal, Word(kind)), id);
    }

    private static string Code(string reason) =>
        reason.Length is > 0 and <= 64 && reason.All(static c => char.IsAsciiLetterLower(c) || char.IsAsciiDigit(c) || c == '-')
            ? reason
            : throw Declined.Usage("reason-is-a-code", reason);

    internal static string Word(StoppedKind kind) => kind.ToString().ToLower(CultureInfo.InvariantCulture);
}
