using System.CommandLine;
using System.Globalization;
using Authority.Keys;

namespace Admin.CommandLine;

/// <summary><c>keys …</c>: the ring of token-signing keys. The authority's nodes see a change at their next look, within a second, and seal it.</summary>
internal static class KeyCommands
{
    private static readonly Option<string?> By = new("--by") { Description = "Operator who orders it, as it will stand in the ledger" };

    internal static Command Create(TimeProvider time) => new("keys", "Lists, rotates and takes out the keys that sign tokens.") { List(time), Rotate(time), Compromise(time) };

    private static Command List(TimeProvider time)
    {
        var command = new Command("list", "Shows the keys with their states. Needs no passphrase.") { StoreOptions.Config, StoreOptions.Ring };
        return command.Does(time, (parsed, terminal) =>
        {
            var (folder, times) = StoreOptions.RingPlace(parsed);
            var keys = KeyRing.List(folder, times, time);
            foreach (var key in keys) terminal.Say($"{key.Kid}  {key.State,-11}  announced {At(key.Announced)}  signs from {At(key.SignsFrom)}{(key.By is null ? "" : "  by " + key.By)}");
            terminal.Answer(keys.Select(static key => new { key.Kid, state = key.State.ToString(), key.Announced, key.SignsFrom, key.By }));
            return Exit.Ok;
        });
    }

    private static Command Rotate(TimeProvider time)
    {
        var atOnce = new Option<bool>("--at-once") { Description = "Sign from now on, announced to nobody: for a ring whose last key is past its time" };
        var command = new Command("rotate", "Announces the next key; it signs when every cached key set has it.") { StoreOptions.Config, StoreOptions.Ring, StoreOptions.PassphraseFile, By, atOnce };
        return command.Does(time, (parsed, terminal) =>
        {
            using var ring = StoreOptions.OpenRing(parsed, time);
            var kid = Try(() => ring.Rotate(parsed.GetValue(By), parsed.GetValue(atOnce)));
            var made = ring.Keys.First(key => key.Kid == kid);
            terminal.Say($"✓ {kid} is announced and signs from {At(made.SignsFrom)}.");
            terminal.Answer(new { made.Kid, made.Announced, made.SignsFrom });
            return Exit.Ok;
        });
    }

    private static Command Compromise(TimeProvider time)
    {
        var kid = new Argument<string>("kid") { Description = "Key id" };
        var command = new Command("compromise", "Takes a key out at once: gateways refuse what it signed within seconds, the next key signs. Takes two operators' approvals.")
        {
            kid, StoreOptions.Config, StoreOptions.Ring, StoreOptions.PassphraseFile, StoreOptions.StatusFile, OperatorCommands.Operators, OperatorCommands.Approvals,
        };
        return command.Does(time, async (parsed, terminal, _) =>
        {
            var id = parsed.GetValue(kid)!;
            var approved = await OperatorCommands.Approved(parsed, time, "compromise", "key", id);
            using var status = StoreOptions.Status(parsed, time);
            using var ring = StoreOptions.OpenRing(parsed, time);
            if (ring.Keys.All(key => key.Kid != id)) throw new Declined($"The ring has no key {id}");
            // Denied first. Crash between the two: gateways refuse what the authority still signs, loudly, and the command is given again.
            await status.DenyKey(id, time.GetUtcNow() + StoreOptions.RingPlace(parsed).Times.PublishAfter);
            var next = Try(() => ring.Compromise(id, approved.By));
            terminal.Say($"✓ {id} is out and denied; {next} signs. By {approved.By}.");
            terminal.Answer(new { compromised = id, signing = next, approved.By });
            return Exit.Ok;
        });
    }

    private static string Try(Func<string> change)
    {
        try
        {
            return change();
        }
        catch (InvalidOperationException refused)
        {
            throw new Declined(refused.Message);
        }
    }

    private static string At(DateTimeOffset at) => at.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture);
}
