using System.CommandLine;
using System.Security.Cryptography;
using System.Text;
using Admin.Checks;
using Admin.CommandLine;
using Admin.Registration;
using Agreements;
using Agreements.Loading;
using Agreements.Signatures;
using Agreements.Texts;

namespace Admin.Conventions;

/// <summary><c>agreement sign</c>: one party's signature under an agreement, beside those that stand there. The key stays with its institution.</summary>
internal static class SignCommand
{
    internal static Command Create(TimeProvider time)
    {
        var id = new Argument<string>("agreement") { Description = "Agreement id" };
        Option<string> institution = new("--institution") { Description = "Party that signs", Required = true }, keyId = new("--key-id") { Description = "Key id of the institution file", Required = true };
        Option<string> key = new("--key") { Description = "Its private key (PEM)", Required = true }, function = new("--function") { Description = "Capacity in which the party signs, never a name; without it: legal representative, in the language of --lang" };
        return new Command("sign", "Signs an agreement for one party. The loader judges the result before a byte is written.") { id, institution, keyId, key, function, AgreementCommands.Contracts }.Does(time, (parsed, terminal) =>
        {
            var capacity = parsed.GetValue(function) ?? ConventionWords.Of("legal-representative", terminal.Language);
            if (!capacity.All(static c => char.IsLetter(c) || c is ' ' or '-' or '\'' or '’')) throw new Declined("--function: letters, spaces, hyphens and apostrophes only", Exit.Usage);
            using var signer = PartnerKey.Load(parsed.GetValue(key)!);
            if (signer.Private is not ECDsa { KeySize: 256 } private256) throw new Declined("Agreements are signed with a P-256 key (ES256)", Exit.Usage);
            var change = new ContractsChange(parsed.GetValue(AgreementCommands.Contracts)!);
            var today = CivilTime.Today(time);
            var before = RegistryLoader.Load(parsed.GetValue(AgreementCommands.Contracts)!, time).Registry;
            if (before?.SuspensionOf(SuspendedKind.Institution, parsed.GetValue(institution)!, today) is { } stop)
                throw new Declined($"{stop.Id} is suspended since {stop.Since:yyyy-MM-dd}, by {stop.By}: "
                    + "a signature made while it is does not count. Sign when the suspension has ended");
            var path = $"agreements/{Path.GetFileName(parsed.GetValue(id)!)}.yaml";
            if (!change.Has(path)) throw new Declined($"{path} does not exist");
            var text = change.Read(path);
            var (party, kid) = (parsed.GetValue(institution)!, parsed.GetValue(keyId)!);
            var signature = new Signer(party, capacity, today, kid, private256);
            change.Set(path, With(text, signature));
            foreach (var warning in change.Apply(time)) terminal.Say("! " + warning);
            var registry = RegistryLoader.Load(parsed.GetValue(AgreementCommands.Contracts)!, time).Registry;
            var standing = registry?.Agreements.GetValueOrDefault(parsed.GetValue(id)!) is { } signed
                ? AgreementStatus.StandingOf(registry, signed, today)
                : null;
            terminal.Say("✓ " + ConventionWords.Of("signed-now", terminal.Language, parsed.GetValue(institution)!, parsed.GetValue(id)!, standing is null ? "-" : StandingWords.Of(standing, terminal.Language)));
            terminal.Answer(new { agreement = parsed.GetValue(id), signed = parsed.GetValue(institution), state = standing?.Word });
            return Exit.Ok;
        });
    }

    // The bytes that were signed before stay as they are; the new signature stands behind the others.
    private static string With(string text, Signer signer)
    {
        var lines = AgreementSignature.Append(text, [signer]);
        var body = Encoding.UTF8.GetString(AgreementSignature.SignedBytes(Encoding.UTF8.GetBytes(text)));
        if (body.Length == text.Length) return lines;
        var line = lines[(lines.IndexOf("\nsignatures:\n", StringComparison.Ordinal) + "\nsignatures:\n".Length)..];
        return text.TrimEnd('\n') + "\n" + line;
    }
}
