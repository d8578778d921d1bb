using System.CommandLine;
using System.Security.Cryptography;
using System.Text;
using Admin.Checks;
using Admin.CommandLine;
using Admin.Registration;
using Agreements;
using Agreements.Loading;
using Agreements.Signatures;

namespace Admin.Conventions;

/// <summary><c>contracts approve|status</c>: the two operators without whom no changed set of contracts is law.</summary>
internal static class ContractsCommands
{
    private const string File = "approvals.yaml";
    private static readonly Option<string> Contracts = new("--contracts") { Description = "Contracts folder", DefaultValueFactory = _ => "contracts" };

    internal static Command Create(TimeProvider time) => new("contracts", "Approves a set of contracts, and says who did.") { Approve(time), Status(time) };

    private static Command Approve(TimeProvider time)
    {
        Option<string> by = new("--operator") { Description = "Operator who approves", Required = true }, key = new("--key") { Description = "The operator's private key", Required = true };
        Option<int> after = new("--after") { Description = "Highest number of an approval that has been in force, as the gateway's refusal states it: for a set that was put back with its old approvals" };
        return new Command("approve", "Signs the whole set as it stands. Two operators' signatures make it law; any later change but a suspension needs them again.") { by, key, after, Contracts }.Does(time, (parsed, terminal) =>
        {
            var folder = parsed.GetValue(Contracts)!;
            var set = Approvable.Of(folder, time) ?? throw new Declined("The contracts do not load: gatewayctl agreement check");
            if (parsed.GetValue(after) >= set.Number) set = set with { Number = parsed.GetValue(after) + 1 };
            using var signer = PartnerKey.Load(parsed.GetValue(key)!);
            if (signer.Private is not ECDsa { KeySize: 256 } private256) throw new Declined("Sets are approved with a P-256 key (ES256): gatewayctl operator new", Exit.Usage);
            var path = Path.Combine(folder, File);
            var standing = System.IO.File.Exists(path) && Body(System.IO.File.ReadAllText(path)) == set.Text ? Signatures(System.IO.File.ReadAllText(path)) : [];
            var id = parsed.GetValue(by)!;
            if (!id.All(static c => char.IsAsciiLetterOrDigit(c) || c == '-')) throw new Declined("--operator: letters, digits and hyphens only", Exit.Usage);
            var line = $"  - {{ operator: {id}, on: {CivilTime.Today(time):yyyy-MM-dd}, algorithm: ES256, value: \"{AgreementSignature.Sign(set.Text, id, private256)}\" }}";
            string[] lines = [.. standing.Where(other => !other.Contains($"operator: {id},", StringComparison.Ordinal)), line];
            ContractsChange.Replace(path, set.Text + "signatures:\n" + string.Join('\n', lines) + "\n");
            terminal.Say($"✓ {id}: {set.Files}, {lines.Length}/{OperatorSet.Needed}");
            terminal.Answer(new { files = set.Files, stopped = set.Stopped, approvals = lines.Length });
            return Exit.Ok;
        });
    }

    private static Command Status(TimeProvider time) => new Command("status", "Would the gateway take the set: does it load, and did two operators approve it?") { Contracts, OperatorCommands.Operators }.Does(time, (parsed, terminal) =>
    {
        OperatorSet? operators;
        try
        {
            operators = OperatorSet.FromFile(PartnerOptions.Required(parsed, OperatorCommands.Operators));
        }
        catch (InvalidDataException wrong)
        {
            throw new Declined(wrong.Message, Exit.Usage);
        }

        var load = RegistryLoader.Load(parsed.GetValue(Contracts)!, time, operators);
        foreach (var error in load.Errors) terminal.Say(error.ToString());
        if (load.Registry is { } registry) terminal.Say($"✓ {registry.Digest}");
        terminal.Answer(new { ok = load.Registry is not null, set = load.Registry?.Digest, errors = load.Errors });
        return load.Registry is null ? Exit.Wrong : Exit.Ok;
    });

    private static string Body(string text) => Encoding.UTF8.GetString(AgreementSignature.SignedBytes(Encoding.UTF8.GetBytes(text)));

    private static IEnumerable<string> Signatures(string text) => text.Split('\n').Where(static line => line.StartsWith("  - { operator: ", StringComparison.Ordinal));
}
