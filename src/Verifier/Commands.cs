using System.CommandLine;
using Ledger.Retention;
using Verifier.Speaking;

namespace Verifier;

/// <summary>The words of the command line. A description is the key of its sentence.</summary>
internal static class Commands
{
    public static Option<string> Language { get; } =
        new Option<string>("--lang")
        {
            Description = "option-lang",
            HelpName = "fr|ar|en",
            Recursive = true,
            DefaultValueFactory = static _ => Wording.Languages.French,
        }.AcceptOnlyFromAmong([.. Wording.Languages.All]);

    public static Option<string[]> Keys { get; } = new("--vkey") { Description = "option-vkey", HelpName = "KEY" };
    public static Option<string?> PolicyFile { get; } = Text("--policy", "FILE");
    public static Option<bool> Managed { get; } = new("--managed") { Description = "option-managed" };
    public static Option<string?> Certificate { get; } = Text("--certificate", "PEM");
    public static Option<string?> CertificateKey { get; } = Text("--certificate-key", "PEM");
    private static Option<string?> Entry { get; } = Text("--entry", "FILE");

    /// <summary>The tree of commands.</summary>
    /// <param name="end">Runs a check, says its outcome and gives the exit code.</param>
    public static SpokenCommands Create(Func<ParseResult, Func<Arguments, CheckResult>, int> end)
    {
        var root = new RootCommand("root") { Language };
        foreach (
            var (command, check) in ((Command, Func<Arguments, CheckResult>)[])
                [Receipt(), Proof(), Log(), Pack(), Destruction(), Witness(), WitnessKey()]
        )
        {
            command.SetAction(parsed => end(parsed, check));
            root.Add(command);
        }

        return new SpokenCommands("verifier", root, Language, Sentences.Book);
    }

    private static Option<string?> Text(string name, string value) => new(name) { Description = "option" + name[1..], HelpName = value };

    private static Command Trusting(string name, string target, string value, params ReadOnlySpan<Option> options)
    {
        var command = new Command(name, name + "-command") { new Argument<string>(value) { Description = target } };
        foreach (var option in options)
            command.Add(option);
        command.Add(Keys);
        command.Add(PolicyFile);
        command.Add(Managed);
        return command;
    }

    private static (Command, Func<Arguments, CheckResult>) Receipt()
    {
        var (body, request, log) = (Text("--body", "FILE"), Text("--request", "FILE"), Text("--log", "DIR"));
        var command = Trusting("receipt", "receipt-file", "HEADERFILE", body, request, Entry, log);
        return (command, arguments => new ReceiptCheck(arguments.Policy())
        {
            Body = arguments.Bytes(body),
            Request = arguments.Bytes(request),
            Entry = arguments.Bytes(Entry),
            LogDirectory = arguments.One(log),
            Language = arguments.Language,
        }.Run(arguments.TargetText()));
    }

    private static (Command, Func<Arguments, CheckResult>) Proof()
    {
        var entry = new Option<string?>("--entry")
        {
            Description = "option-entry",
            HelpName = "FILE",
            Required = true,
        };
        return (Trusting("proof", "proof-file", "FILE", entry), arguments =>
            new ProofCheck(arguments.Policy()) { Language = arguments.Language }.Run(arguments.TargetText(), arguments.Bytes(entry)!)
        );
    }

    private static (Command, Func<Arguments, CheckResult>) Log()
    {
        var old = new Option<string[]>("--old") { Description = "option-old", HelpName = "CHECKPOINT" };
        var (lines, first) = (Text("--jsonl", "FILE"), Text("--min-index", "N"));
        var hashes = new Option<bool>("--hashes-only") { Description = "option-hashes-only" };
        var authority = Text("--ca", "PEM");
        var command = Trusting("log", "log-place", "DIR|URL", old, lines, first, hashes, authority, Certificate, CertificateKey);
        return (command, arguments =>
        {
            var policy = arguments.Policy();
            using var file = arguments.One(lines) is { } path ? Arguments.Read(path, File.Create) : null;
            var check = new LogCheck(policy)
            {
                Language = arguments.Language,
                Old = [.. arguments.All(old).Select(static note => Arguments.Read(note, File.ReadAllText))],
                Lines = file,
                HashesOnly = arguments.Has(hashes),
                FirstRecord = arguments.Number(first),
            };
            var place = arguments.Target;
            if (!place.StartsWith("https://", StringComparison.Ordinal) && !place.StartsWith("http://", StringComparison.Ordinal))
            {
                return check.Run(place);
            }

            using var http = RemoteLog.Connect(arguments.One(authority), arguments.One(Certificate), arguments.One(CertificateKey));
            return check.Run(new RemoteLog(http, new Uri(place.EndsWith('/') ? place : place + "/")));
        }
        );
    }

    private static (Command, Func<Arguments, CheckResult>) Pack() =>
        (Trusting("pack", "pack-file", "PACK.zip"), static arguments =>
            new PackCheck(arguments.NamesTrust ? arguments.Policy() : null, arguments.Ed25519) { Language = arguments.Language }.Run(
                arguments.Target
            )
        );

    private static (Command, Func<Arguments, CheckResult>) Destruction() =>
        (Trusting("certificate", "certificate-file", "FILE"), Destroyed);

    private static CheckResult Destroyed(Arguments arguments)
    {
        var say = arguments.Sentences;
        if (!DestructionCertificate.TryParse(arguments.TargetText(), out var certificate))
        {
            return CheckResult.Fails(say.Say("certificate-malformed"));
        }

        var verdict = certificate.Judge(arguments.Policy());
        return verdict.Fault switch
        {
            CertificateFault.None => CheckResult.Proved(
                say.Say(
                    "certificate-proved",
                    verdict.Final!.Size,
                    verdict.Final.Origin,
                    Sentences.Number(verdict.Record),
                    verdict.Current!.Origin,
                    verdict.Final.Root.ToBase64()
                )
            ),
            CertificateFault.Note => CheckResult.Fails(say.Say(verdict.Note, arguments.Target)),
            CertificateFault.OtherLog => CheckResult.Fails(say.Say("certificate-other")),
            CertificateFault.ProofMalformed => CheckResult.Fails(say.Say("proof-malformed")),
            _ => CheckResult.Fails(say.Say("certificate-unproved")),
        };
    }

    private static (Command, Func<Arguments, CheckResult>) WitnessKey()
    {
        var name = Needed("--name", "NAME");
        var file = new Argument<string>("FILE") { Description = "witness-key-file" };
        var command = new Command("witness-key", "witness-key-command") { file, name };
        return (command, arguments => WitnessCommand.MakeKey(arguments, name));
    }

    private static (Command, Func<Arguments, CheckResult>) Witness()
    {
        var (name, key, state) = (Needed("--name", "NAME"), Needed("--key", "FILE"), Text("--state", "DIR"));
        var logs = new Option<string[]>("--log")
        {
            Description = "option-witnessed",
            HelpName = "KEY",
            Required = true,
        };
        var listen = Text("--listen", "ADDRESS:PORT");
        var command = new Command("witness", "witness-command") { name, key, logs, state, listen, Certificate, CertificateKey };
        return (command, arguments => WitnessCommand.Serve(arguments, name, key, logs, state, listen));
    }

    private static Option<string?> Needed(string name, string value) =>
        new(name)
        {
            Description = "option" + name[1..],
            HelpName = value,
            Required = true,
        };
}
