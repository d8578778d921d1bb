using System.CommandLine;
using System.Security.Cryptography;
using System.Text;
using System.Text.RegularExpressions;
using Admin.Checks;
using Admin.CommandLine;
using Admin.Operators;
using Admin.Registration;
using Admin.Texts;
using Agreements;
using Agreements.Loading;
using Agreements.Loading.Remembered;
using Agreements.Narrowing;
using Agreements.Signatures;
using Wording;

namespace Admin.Conventions;

/// <summary><c>contracts approve|status|provider</c>: approves a changed set of contracts, which needs two operators, says whether it would
/// be law, and writes what it asks of an institution.</summary>
internal static partial class ContractsCommands
{
    private const string File = "approvals.yaml";
    private static readonly Option<string> Contracts = new("--contracts") { DefaultValueFactory = _ => "contracts" };

    internal static Command Create(TimeProvider time) => new("contracts") { Approve(time), Status(time), Provider(time) };

    private const RegexOptions Strict = RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture;

    [GeneratedRegex(@"\A(institution|client|agreement|ended) [A-Za-z0-9][A-Za-z0-9._-]*\z", Strict, 30_000)]
    private static partial Regex KindAndId();

    private static Command Approve(TimeProvider time)
    {
        Option<string> by = new("--operator") { Required = true },
            key = new("--key") { Required = true };
        Option<int> after = new("--after");
        Option<string[]> lift = new("--lift");
        return new Command("approve") { by, key, after, lift, Contracts, BookOption.File }.Does(time, (parsed, terminal) =>
        {
            var folder = parsed.GetValue(Contracts)!;
            if (!Directory.Exists(folder))
                throw Declined.Usage("no-contracts", folder);
            var path = Path.Combine(folder, File);
            var standing = System.IO.File.Exists(path) ? System.IO.File.ReadAllText(path) : "";
            var lifts = parsed.GetValue(lift) ?? [];
            if (Array.Find(lifts, static one => !KindAndId().IsMatch(one)) is { } odd)
                throw Declined.Usage("lift-form", odd, "--lift 'client anss-batch'");
            var set = Approvable.Of(folder, time, lifts)
                ?? throw new Declined("contracts-check", folder, Shell.Line("gatewayctl", "agreement", "check", "--contracts", folder));
            if (Array.Find(lifts, one => set.Stopped.Any(stop => stop.StartsWith(one + " ", StringComparison.Ordinal))) is { } still)
                throw new Declined("lift-still-stopped", still);
            if (
                BookOption.Read(parsed) is { } book
                && Array.Find(lifts, one => !book.Stopped.Contains(one, StringComparer.Ordinal)) is { } free
            )
                throw new Declined("lift-not-stopped", free, parsed.GetValue(BookOption.File)!);
            if (parsed.GetValue(after) >= set.Number)
                set = set with { Number = parsed.GetValue(after) + 1 };
            var was = StoppedBefore(standing);
            using var signer = PartnerKey.Load(parsed.GetValue(key)!);
            if (signer.Private is not ECDsa { KeySize: 256 } private256)
                throw Declined.Usage("approval-key", "gatewayctl operator new");
            string[] signed = Body(standing) == set.Text ? [.. Signatures(standing)] : [];
            // What was lifted by approvals that stand, and was stopped again since, is lifted by later ones.
            if (lifts.Length > 0 && signed.Length >= OperatorSet.Needed)
                (set, signed) = (set with { Number = set.Number + 1 }, []);
            var id = parsed.GetValue(by)!;
            OperatorKeys.RefuseId(id);
            var line =
                $"  - {{ operator: {id}, on: {CivilTime.Today(time):yyyy-MM-dd}, algorithm: ES256, value: \"{AgreementSignature.Sign(set.Text, id, private256)}\" }}";
            string[] lines = [.. signed.Where(other => !other.Contains($"operator: {id},", StringComparison.Ordinal)), line];
            ContractsChange.Replace(path, set.Text + "signatures:\n" + string.Join('\n', lines) + "\n");
            terminal.Done("set-approved", id, set.Number, set.Files);
            terminal.Under(
                lines.Length >= OperatorSet.Needed ? "set-approved-by-enough" : "set-approved-so-far",
                lines.Length,
                OperatorSet.Needed
            );
            foreach (var one in set.Lifted)
                terminal.Under("set-lifts", one);
            foreach (var one in lifts.Where(one => !was.Contains(one)))
                WarnOf(one, folder, BookOption.Read(parsed), terminal);
            terminal.Answer(
                new
                {
                    set.Number,
                    set.Files,
                    set.Stopped,
                    set.Lifted,
                    approvals = lines.Length,
                }
            );
            return Exit.Ok;
        });
    }

    // The folder tells what its approvals name as stopped, not what was stopped since: only a program's book does.
    private static void WarnOf(string lifted, string folder, LawBook? book, Terminal terminal)
    {
        if (book is not null)
            return;
        var (kind, id) = (lifted.Split(' ')[0], lifted.Split(' ')[1]);
        var known = RegistryLoader.Load(folder, terminal.Time).Registry is { } registry ? KnownIds.In(registry, kind) : [];
        if (known.Contains(id, StringComparer.Ordinal))
            terminal.Warn("lift-unproven", lifted);
        else if (Near.Of(id, known) is { Count: > 0 } near)
            terminal.Warn("lift-unknown-near", lifted, Blank.List(near));
        else
            terminal.Warn("lift-unknown", lifted);
    }

    private static Command Provider(TimeProvider time)
    {
        Argument<string> institution = new("id");
        return new Command("provider") { institution, Contracts }.Does(time, (parsed, terminal) =>
        {
            var folder = parsed.GetValue(Contracts)!;
            if (!Directory.Exists(folder))
                throw Declined.Usage("no-contracts", folder);
            var registry = RegistryLoader.Load(folder, time).Registry
                ?? throw new Declined("contracts-check", folder, Shell.Line("gatewayctl", "agreement", "check", "--contracts", folder));
            var id = parsed.GetValue(institution)!;
            if (registry.Institutions.GetValueOrDefault(id)?.Provider is null)
                throw Declined.Usage("no-provider", id);
            terminal.Line(Encoding.UTF8.GetString(ProviderContract.Write(registry, id).Span));
            return Exit.Ok;
        });
    }

    private static Command Status(TimeProvider time) =>
        new Command("status") { Contracts, OperatorCommands.Operators, BookOption.File }.Does(time, (parsed, terminal) =>
        {
            if (!Directory.Exists(parsed.GetValue(Contracts)))
                throw Declined.Usage("no-contracts", parsed.GetValue(Contracts)!);
            OperatorSet? operators;
            try
            {
                operators = OperatorSet.FromFile(PartnerOptions.Required(parsed, OperatorCommands.Operators));
            }
            catch (InvalidDataException wrong)
            {
                throw Declined.Usage("fault-said", Faults.Reason(wrong, terminal.Language));
            }

            var book = BookOption.Read(parsed);
            var load = RegistryLoader.Load(parsed.GetValue(Contracts)!, time, operators, book);
            foreach (var error in load.Errors)
                terminal.Line((error.Severity == LoadSeverity.Error ? "✗ " : "! ") + LoadWords.Of(error, terminal.Language));
            BookOption.SayIfNone(book, terminal);
            if (load.Registry is { } registry)
                terminal.Done("set-is-law", registry.Digest);
            terminal.Answer(
                new
                {
                    ok = load.Registry is not null,
                    compared = book is not null,
                    set = load.Registry?.Digest,
                    errors = load.Errors.Select(LoadWords.Answer),
                }
            );
            return load.Registry is null ? Exit.Wrong : Exit.Ok;
        });

    private static string Body(string text) => Encoding.UTF8.GetString(AgreementSignature.SignedBytes(Encoding.UTF8.GetBytes(text)));

    // What the approvals that stand there say was stopped: a line "kind id since day" each, and what they lifted.
    private static HashSet<string> StoppedBefore(string approvals) =>
        [
            .. Quoted()
                .Matches(Body(approvals))
                .Select(static match => match.Groups["what"].Value)
                .Where(static what => what.Contains(' ', StringComparison.Ordinal)),
        ];

    [GeneratedRegex("\"(?<what>[a-z]+ [^\" ]+)( since [^\"]*)?\"", Strict, 30_000)]
    private static partial Regex Quoted();

    private static IEnumerable<string> Signatures(string text) =>
        text.Split('\n').Where(static line => line.StartsWith("  - { operator: ", StringComparison.Ordinal));
}
