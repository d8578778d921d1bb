using System.CommandLine;
using Admin.Operators;
using Admin.Texts;
using Authority.Keys;

namespace Admin.CommandLine;

/// <summary>
/// <c>keys …</c>: the ring of token-signing keys. The authority's nodes see a change at their next look, within a second, and seal it.
/// </summary>
internal static class KeyCommands
{
    private static readonly Option<string?> By = new("--by");

    internal static Command Create(TimeProvider time) => new("keys") { List(time), Rotate(time), Compromise(time) };

    private static Command List(TimeProvider time)
    {
        var command = new Command("list") { StoreOptions.Config, StoreOptions.Ring };
        return command.Does(time, (parsed, terminal) =>
        {
            var (folder, times) = StoreOptions.RingPlace(parsed);
            var keys = KeyRing.List(folder, times, time);
            foreach (var key in keys)
            {
                terminal.Say("key-row", key.Kid, terminal.Words("key-state " + key.State), key.Announced, key.SignsFrom);
                if (key.By is { } by)
                    terminal.Under("key-by", by);
            }
            terminal.Answer(
                keys.Select(static key => new
                {
                    key.Kid,
                    state = key.State.ToString(),
                    key.Announced,
                    key.SignsFrom,
                    key.By,
                })
            );
            return Exit.Ok;
        });
    }

    private static Command Rotate(TimeProvider time)
    {
        var atOnce = new Option<bool>("--at-once");
        var command = new Command("rotate") { StoreOptions.Config, StoreOptions.Ring, StoreOptions.PassphraseFile, By, atOnce };
        return command.Does(time, (parsed, terminal) =>
        {
            if (parsed.GetValue(By) is { } by)
                OperatorKeys.RefuseId(by);
            using var ring = StoreOptions.OpenRing(parsed, time);
            var kid = Try(() => ring.Rotate(parsed.GetValue(By), parsed.GetValue(atOnce)), terminal);
            var made = ring.Keys.First(key => key.Kid == kid);
            terminal.Done("key-announced", kid, made.SignsFrom);
            terminal.Answer(
                new
                {
                    made.Kid,
                    made.Announced,
                    made.SignsFrom,
                }
            );
            return Exit.Ok;
        });
    }

    private static Command Compromise(TimeProvider time)
    {
        var kid = new Argument<string>("kid");
        var command = new Command("compromise")
        {
            kid,
            StoreOptions.Config,
            StoreOptions.Ring,
            StoreOptions.PassphraseFile,
            StoreOptions.StatusFile,
            OperatorCommands.Operators,
            OperatorCommands.Approvals,
        };
        return command.Does(time, async (parsed, terminal, _) =>
        {
            var id = parsed.GetValue(kid)!;
            var approved = await OperatorCommands.Approved(parsed, time, "compromise", "key", id);
            using var status = StoreOptions.Status(parsed, time);
            using var ring = StoreOptions.OpenRing(parsed, time);
            if (ring.Keys.All(key => key.Kid != id))
                throw new Declined("ring-without-key", id);
            // Denied first. Crash between the two: gateways refuse what the authority still signs, loudly, and the command is given again.
            await status.DenyKey(id, time.GetUtcNow() + StoreOptions.RingPlace(parsed).Times.PublishAfter);
            var next = Try(() => ring.Compromise(id, approved.By), terminal);
            terminal.Done("key-out", id, next, approved.By);
            terminal.Answer(
                new
                {
                    compromised = id,
                    signing = next,
                    approved.By,
                }
            );
            return Exit.Ok;
        });
    }

    private static string Try(Func<string> change, Terminal terminal)
    {
        try
        {
            return change();
        }
        catch (InvalidOperationException refused)
        {
            throw new Declined("fault-said", Faults.Reason(refused.Message, terminal.Language));
        }
    }
}
