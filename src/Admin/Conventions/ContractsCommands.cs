using System.CommandLine;
using System.Security.Cryptography;
using System.Text;
using System.Text.RegularExpressions;
using Admin.Checks;
using Admin.CommandLine;
using Admin.Registration;
using Agreements;
using Agreements.Loading;
using Agreements.Signatures;

namespace Admin.Conventions;

/// <summary><c>contracts approve|status</c>: the two operators without whom no changed set of contracts is law.</summary>
internal static partial class ContractsCommands
{
    private const string File = "approvals.yaml";
    private static readonly Option<string> Contracts = new("--contracts") { Description = "Contracts folder", DefaultValueFactory = _ => "contracts" };

    internal static Command Create(TimeProvider time) => new("contracts", "Approves a set of contracts, and says who did.") { Approve(time), Status(time) };

    private const RegexOptions Strict = RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture;

    [GeneratedRegex(@"\A(institution|client|agreement|ended) [A-Za-z0-9][A-Za-z0-9._-]*\z", Strict, 30_000)]
    private static partial Regex KindAndId();

    private static Command Approve(TimeProvider time)
    {
        Option<string> by = new("--operator") { Description = "Operator who approves", Required = true }, key = new("--key") { Description = "The operator's private key", Required = true };
        Option<int> after = new("--after") { Description = "Highest number of an approval that has been in force, as the gateway's refusal states it: for a set that was put back with its old approvals" };
        Option<string[]> lift = new("--lift")
        {
            Description = "What suspensions.yaml stopped since the last approvals and is to go on: kind and id: \"client anss-batch\"; "
                + "again for each. Its line is taken out before",
        };
        const string Does = "Signs the set as it stands. Two operators make it law; any change but a suspension needs them again.";
        return new Command("approve", Does) { by, key, after, lift, Contracts }.Does(time, (parsed, terminal) =>
        {
            var folder = parsed.GetValue(Contracts)!;
            var lifts = parsed.GetValue(lift) ?? [];
            if (Array.Find(lifts, static one => !KindAndId().IsMatch(one)) is { } odd)
                throw new Declined($"--lift {odd}: kind and id, as the refusal names them", Exit.Usage);
            var set = Approvable.Of(folder, time, lifts) ?? throw new Declined("The contracts do not load: gatewayctl agreement check");
            if (Array.Find(lifts, one => set.Stopped.Any(stop => stop.StartsWith(one + " ", StringComparison.Ordinal))) is { } still)
                throw new Declined($"--lift {still}: suspensions.yaml still stops it");
            if (parsed.GetValue(after) >= set.Number) set = set with { Number = parsed.GetValue(after) + 1 };
            using var signer = PartnerKey.Load(parsed.GetValue(key)!);
            if (signer.Private is not ECDsa { KeySize: 256 } private256) throw new Declined("Sets are approved with a P-256 key (ES256): gatewayctl operator new", Exit.Usage);
            var path = Path.Combine(folder, File);
            var standing = System.IO.File.Exists(path) ? System.IO.File.ReadAllText(path) : "";
            string[] signed = Body(standing) == set.Text ? [.. Signatures(standing)] : [];
            // What was lifted by approvals that stand, and was stopped again since, is lifted by later ones.
            if (lifts.Length > 0 && signed.Length >= OperatorSet.Needed) (set, signed) = (set with { Number = set.Number + 1 }, []);
            var id = parsed.GetValue(by)!;
            if (!id.All(static c => char.IsAsciiLetterOrDigit(c) || c == '-')) throw new Declined("--operator: letters, digits and hyphens only", Exit.Usage);
            var line = $"  - {{ operator: {id}, on: {CivilTime.Today(time):yyyy-MM-dd}, algorithm: ES256, value: \"{AgreementSignature.Sign(set.Text, id, private256)}\" }}";
            string[] lines = [.. signed.Where(other => !other.Contains($"operator: {id},", StringComparison.Ordinal)), line];
            ContractsChange.Replace(path, set.Text + "signatures:\n" + string.Join('\n', lines) + "\n");
            terminal.Say($"✓ {id}: {set.Number}, {set.Files}, {lines.Length}/{OperatorSet.Needed}");
            foreach (var one in set.Lifted) terminal.Say($"  lifted: {one}");
            terminal.Answer(new { set.Number, set.Files, set.Stopped, set.Lifted, approvals = lines.Length });
            return Exit.Ok;
        });
    }

    private static Command Status(TimeProvider time) => new Command(
        "status", "Would the gateway take the set: does it load, and did two operators approve it?")
    {
        Contracts, OperatorCommands.Operators, BookOption.File,
    }.Does(time, (parsed, terminal) =>
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

        var book = BookOption.Read(parsed);
        var load = RegistryLoader.Load(parsed.GetValue(Contracts)!, time, operators, book);
        foreach (var error in load.Errors) terminal.Say(error.ToString());
        BookOption.SayIfNone(book, terminal);
        if (load.Registry is { } registry) terminal.Say($"✓ {registry.Digest}");
        terminal.Answer(new { ok = load.Registry is not null, compared = book is not null, set = load.Registry?.Digest, load.Errors });
        return load.Registry is null ? Exit.Wrong : Exit.Ok;
    });

    private static string Body(string text) => Encoding.UTF8.GetString(AgreementSignature.SignedBytes(Encoding.UTF8.GetBytes(text)));

    private static IEnumerable<string> Signatures(string text) => text.Split('\n').Where(static line => line.StartsWith("  - { operator: ", StringComparison.Ordinal));
}
