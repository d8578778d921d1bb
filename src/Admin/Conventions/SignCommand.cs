using System.CommandLine;
using System.Security.Cryptography;
using System.Text;
using Admin.Checks;
using Admin.CommandLine;
using Admin.Registration;
using Admin.Texts;
using Agreements;
using Agreements.Loading;
using Agreements.Signatures;
using Agreements.Texts;
using Wording;

namespace Admin.Conventions;

/// <summary>
/// <c>agreement sign</c>: one party's signature under an agreement, beside those that stand there. The key stays with its institution.
/// </summary>
internal static class SignCommand
{
    internal static Command Create(TimeProvider time)
    {
        var id = new Argument<string>("agreement");
        Option<string> institution = new("--institution") { Required = true },
            keyId = new("--key-id") { Required = true };
        Option<string> key = new("--key") { Required = true },
            function = new("--function");
        return new Command("sign") { id, institution, keyId, key, function, AgreementCommands.Contracts }.Does(time, (parsed, terminal) =>
        {
            var capacity = parsed.GetValue(function) ?? ConventionWords.Of("legal-representative", terminal.Language);
            if (!capacity.All(static c => char.IsLetter(c) || c is ' ' or '-' or '\'' or '’'))
                throw Declined.Usage("function-form", capacity);
            if (!Directory.Exists(parsed.GetValue(AgreementCommands.Contracts)))
                throw Declined.Usage("no-contracts", parsed.GetValue(AgreementCommands.Contracts)!);
            using var signer = PartnerKey.Load(parsed.GetValue(key)!);
            if (signer.Private is not ECDsa { KeySize: 256 } private256)
                throw Declined.Usage("signing-key");
            var change = new ContractsChange(parsed.GetValue(AgreementCommands.Contracts)!);
            var today = CivilTime.Today(time);
            var before = RegistryLoader.Load(parsed.GetValue(AgreementCommands.Contracts)!, time).Registry;
            if (before?.SuspensionOf(SuspendedKind.Institution, parsed.GetValue(institution)!, today) is { } stop)
                throw new Declined(
                    "signer-suspended",
                    before.Institutions.GetValueOrDefault(stop.Id)?.Names.In(terminal.Language) ?? stop.Id,
                    stop.Since,
                    before.Institutions.GetValueOrDefault(stop.By)?.Names.In(terminal.Language) ?? stop.By
                );
            var path = $"agreements/{Path.GetFileName(parsed.GetValue(id)!)}.yaml";
            if (!change.Has(path))
                throw NoAgreement(parsed.GetValue(AgreementCommands.Contracts)!, parsed.GetValue(id)!);
            var text = change.Read(path);
            var (party, kid) = (parsed.GetValue(institution)!, parsed.GetValue(keyId)!);
            var signature = new Signer(party, capacity, today, kid, private256);
            change.Set(path, With(text, signature));
            foreach (var warning in change.Apply(time))
                terminal.Line("! " + LoadWords.Of(warning, terminal.Language));
            var registry = RegistryLoader.Load(parsed.GetValue(AgreementCommands.Contracts)!, time).Registry;
            var standing = registry?.Agreements.GetValueOrDefault(parsed.GetValue(id)!) is { } signed
                ? AgreementStatus.StandingOf(registry, signed, today)
                : null;
            terminal.Done(
                "signed-now",
                parsed.GetValue(id)!,
                registry?.Institutions.GetValueOrDefault(party)?.Names.In(terminal.Language) ?? party
            );
            if (!change.Loads)
                terminal.Warn(
                    "contracts-check",
                    parsed.GetValue(AgreementCommands.Contracts)!,
                    Shell.Line("gatewayctl", "agreement", "check", "--contracts", parsed.GetValue(AgreementCommands.Contracts)!)
                );
            if (standing is not null)
                terminal.Under("agreement-stands", parsed.GetValue(id)!, StandingWords.Of(standing, terminal.Language, registry));
            terminal.Answer(
                new
                {
                    agreement = parsed.GetValue(id),
                    signed = parsed.GetValue(institution),
                    state = standing?.Word,
                }
            );
            return Exit.Ok;
        });
    }

    private static Declined NoAgreement(string contracts, string id)
    {
        var known = Directory.Exists(Path.Combine(contracts, "agreements"))
            ? Directory
                .EnumerateFiles(Path.Combine(contracts, "agreements"), "*.yaml")
                .Select(static path => Path.GetFileNameWithoutExtension(path))
            : [];
        var near = Near.Of(id, known);
        return near.Count > 0 ? new Declined("no-agreement-near", id, Blank.List(near)) : new Declined("no-agreement", id);
    }

    // The bytes that were signed before stay as they are; the new signature stands behind the others.
    private static string With(string text, Signer signer)
    {
        var lines = AgreementSignature.Append(text, [signer]);
        var body = Encoding.UTF8.GetString(AgreementSignature.SignedBytes(Encoding.UTF8.GetBytes(text)));
        if (body.Length == text.Length)
            return lines;
        var line = lines[(lines.IndexOf("\nsignatures:\n", StringComparison.Ordinal) + "\nsignatures:\n".Length)..];
        return text.TrimEnd('\n') + "\n" + line;
    }
}
