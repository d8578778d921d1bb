using System.CommandLine;
using Admin.Registration;
using Agreements;

namespace Admin.CommandLine;

/// <summary><c>client …</c>: onboarding, from the partner's first key to its last rotation.</summary>
internal static class ClientCommands
{
    private static readonly Argument<string> Id = new("client") { Description = "client_id, beginning with the institution's id" };
    private static readonly Option<string> Contracts = new("--contracts") { Description = "Contracts folder", DefaultValueFactory = _ => "contracts" };
    private static readonly Option<string?> Jwks = new("--jwks") { Description = "The partner's public JWK Set" };
    private static readonly Option<string> Out = new("--out") { Description = "Folder for the files", DefaultValueFactory = _ => "." };
    private static readonly Option<string> Algorithm = new Option<string>("--alg") { Description = "ES256 or PS256", DefaultValueFactory = _ => "ES256" }.AcceptOnlyFromAmong("ES256", "PS256");

    internal static Command Create(TimeProvider time) => new("client", "Onboards a partner's system.")
    {
        New(time), Add(time), RotateKey(time), Status(time, "suspend", "suspended"), Status(time, "resume", "active"), Show(time), CheckCommand.Create(time),
    };

    private static Command New(TimeProvider time)
    {
        var auth = new Option<string>("--auth") { Description = "Method of authentication", DefaultValueFactory = _ => "private_key_jwt" }.AcceptOnlyFromAmong("private_key_jwt", "tls_client_auth", "self_signed_tls_client_auth");
        var binding = new Option<string>("--binding") { Description = "What tokens are bound to", DefaultValueFactory = _ => "mtls" }.AcceptOnlyFromAmong("mtls", "dpop");
        var authority = new Option<string>("--authority") { Description = "Name of the partner root that will sign the certificate", DefaultValueFactory = _ => "anss-partners" };
        Option<string?> french = new("--name-fr") { Description = "Name of the system in French" }, arabic = new("--name-ar") { Description = "… in Arabic" }, english = new("--name-en") { Description = "… in English" };
        var command = new Command("new", "Run by the partner: makes keys here, for their owner alone, and prints what to send us. Private keys are neither printed nor sent.") { Id, Out, auth, binding, Algorithm, authority, french, arabic, english };
        return command.Does(time, (parsed, terminal) =>
        {
            var id = parsed.GetValue(Id)!;
            var wanted = new NewClient(id, parsed.GetValue(auth)!, parsed.GetValue(binding)!, parsed.GetValue(Algorithm)!, parsed.GetValue(authority)!, parsed.GetValue(french) ?? id, parsed.GetValue(arabic) ?? id, parsed.GetValue(english) ?? id);
            var made = new PartnerFiles(parsed.GetValue(Out)!, time).Make(wanted);
            foreach (var path in made) terminal.Say($"# {path}\n{File.ReadAllText(path)}");
            terminal.Say("Send us these files. The files that end in .key stay on this machine.");
            terminal.Answer(new { client = id, files = made });
            return Exit.Ok;
        });
    }

    private static Command Add(TimeProvider time)
    {
        Option<string?> fragment = new("--fragment") { Description = "The partner's YAML fragment", Required = true }, institution = new("--institution") { Description = "Institution id", Required = true };
        Option<string?> certificate = new("--certificate") { Description = "The partner's certificate: must match the fragment's rule" };
        var command = new Command("add", "Run by us: judges a partner's files as the loader does and writes the registration, comments kept.") { fragment, institution, Jwks, certificate, Contracts };
        return command.Does(time, (parsed, terminal) =>
        {
            using var leaf = parsed.GetValue(certificate) is { } file ? PartnerOptions.Roots(file)[0] : null;
            var (client, warnings) = new Registrations(parsed.GetValue(Contracts)!, time).Add(parsed.GetValue(institution)!, File.ReadAllText(parsed.GetValue(fragment)!), parsed.GetValue(Jwks) is { } jwks ? File.ReadAllText(jwks) : null, leaf);
            foreach (var warning in warnings) terminal.Say(warning.ToString());
            terminal.Say($"✓ {client} is registered. It may ask for what agreements grant to {parsed.GetValue(institution)}: gatewayctl client show {client}");
            terminal.Answer(new { client, warnings = warnings.Select(static warning => warning.ToString()) });
            return Exit.Ok;
        });
    }

    private static Command RotateKey(TimeProvider time)
    {
        var finish = new Option<bool>("--finish") { Description = "Remove the older of two keys" };
        var make = new Option<bool>("--new") { Description = "Run by the partner: make the second key pair into --out" };
        var command = new Command("rotate-key", "Adds a client's second key; with --finish removes the first. At most two are usable.") { Id, Jwks, finish, make, Out, Algorithm, Contracts };
        return command.Does(time, (parsed, terminal) =>
        {
            var id = parsed.GetValue(Id)!;
            if (parsed.GetValue(make))
            {
                var path = new PartnerFiles(parsed.GetValue(Out)!, time).MakeKey(id, parsed.GetValue(Algorithm)!);
                terminal.Say($"# {path}\n{File.ReadAllText(path)}\nSend us this file; sign with the new key once we say that it is registered.");
                terminal.Answer(new { client = id, files = new[] { path } });
                return Exit.Ok;
            }
            var registrations = new Registrations(parsed.GetValue(Contracts)!, time);
            if (parsed.GetValue(finish))
            {
                var (removed, kept) = registrations.FinishRotation(id);
                terminal.Say($"✓ {removed} is removed and refused by the next request; {kept} stays.");
                terminal.Answer(new { client = id, removed, kept });
                return Exit.Ok;
            }
            var added = registrations.AddKey(id, File.ReadAllText(PartnerOptions.Required(parsed, Jwks)));
            terminal.Say($"✓ {added} is registered beside the first. When the partner signs with it: gatewayctl client rotate-key {id} --finish");
            terminal.Answer(new { client = id, added });
            return Exit.Ok;
        });
    }

    private static Command Status(TimeProvider time, string name, string status)
    {
        var command = new Command(name, $"Writes status: {status} into the reviewed file. To stop a client within seconds: gatewayctl suspend client ID.") { Id, Contracts };
        return command.Does(time, (parsed, terminal) =>
        {
            new Registrations(parsed.GetValue(Contracts)!, time).SetStatus(parsed.GetValue(Id)!, status);
            terminal.Say($"✓ {parsed.GetValue(Id)} is {status} in its file.");
            terminal.Answer(new { client = parsed.GetValue(Id), status });
            return Exit.Ok;
        });
    }

    private static Command Show(TimeProvider time)
    {
        var command = new Command("show", "Shows a registration, what it may ask for today, and what ends soon.") { Id, Contracts };
        return command.Does(time, (parsed, terminal) =>
        {
            var registry = GatewayCtl.Registry(parsed.GetValue(Contracts)!, time);
            if (!registry.Clients.TryGetValue(parsed.GetValue(Id)!, out var client)) throw new Declined($"No client {parsed.GetValue(Id)} is registered");
            var sheet = ClientSheet.Of(registry, client, CivilTime.Today(time));
            terminal.Say($"{sheet.Id} ({sheet.Institution}), {sheet.Status}, {sheet.Auth}, tokens bound by {sheet.Binding}");
            foreach (var key in sheet.Keys) terminal.Say($"  key         {key}");
            foreach (var rule in sheet.Certificates) terminal.Say($"  certificate {rule}");
            foreach (var right in sheet.Rights) terminal.Say($"  may ask     {right}");
            foreach (var warning in sheet.Warnings) terminal.Say($"  ! {warning}");
            terminal.Answer(sheet);
            return Exit.Ok;
        });
    }
}
