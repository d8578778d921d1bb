using System.CommandLine;
using Admin.Registration;
using Admin.Texts;
using Agreements;
using Agreements.Loading;
using Wording;

namespace Admin.CommandLine;

/// <summary><c>client …</c>: onboarding, from the partner's first key to its last rotation.</summary>
internal static class ClientCommands
{
    private static readonly Argument<string> Id = new("client");
    private static readonly Option<string> Contracts = new("--contracts") { DefaultValueFactory = _ => "contracts" };
    private static readonly Option<string?> Jwks = new("--jwks");
    private static readonly Option<string> Out = new("--out") { DefaultValueFactory = _ => "." };
    private static readonly Option<string> Algorithm = new Option<string>("--alg")
    {
        DefaultValueFactory = _ => "ES256",
    }.AcceptOnlyFromAmong("ES256", "PS256");

    internal static Command Create(TimeProvider time) =>
        new("client")
        {
            New(time),
            Add(time),
            RotateKey(time),
            Status(time, "suspend", "suspended"),
            Status(time, "resume", "active"),
            Show(time),
            CheckCommand.Create(time),
        };

    /// <summary>A registered system.</summary>
    /// <exception cref="Declined">There is none of this id; says which ones are near.</exception>
    internal static Client Registered(Registry registry, string id)
    {
        if (registry.Clients.TryGetValue(id, out var client))
            return client;
        var near = Near.Of(id, registry.Clients.Keys);
        throw near.Count > 0 ? new Declined("no-client-near", id, Blank.List(near)) : new Declined("no-client", id);
    }

    private static Command New(TimeProvider time)
    {
        var auth = new Option<string>("--auth") { DefaultValueFactory = _ => "private_key_jwt" }.AcceptOnlyFromAmong(
            "private_key_jwt",
            "tls_client_auth",
            "self_signed_tls_client_auth"
        );
        var binding = new Option<string>("--binding") { DefaultValueFactory = _ => "mtls" }.AcceptOnlyFromAmong("mtls", "dpop");
        var authority = new Option<string>("--authority") { DefaultValueFactory = _ => "anss-partners" };
        Option<string?> french = new("--name-fr"),
            arabic = new("--name-ar"),
            english = new("--name-en");
        var command = new Command("new") { Id, Out, auth, binding, Algorithm, authority, french, arabic, english };
        return command.Does(time, (parsed, terminal) =>
        {
            var id = parsed.GetValue(Id)!;
            Ids.RefuseClient(id);
            var wanted = new NewClient(
                id,
                parsed.GetValue(auth)!,
                parsed.GetValue(binding)!,
                parsed.GetValue(Algorithm)!,
                parsed.GetValue(authority)!,
                parsed.GetValue(french) ?? id,
                parsed.GetValue(arabic) ?? id,
                parsed.GetValue(english) ?? id
            );
            var made = new PartnerFiles(parsed.GetValue(Out)!, time).Make(wanted);
            foreach (var path in made)
                terminal.Line($"# {path}\n{File.ReadAllText(path)}");
            terminal.Done("client-made");
            terminal.Answer(new { client = id, files = made });
            return Exit.Ok;
        });
    }

    private static Command Add(TimeProvider time)
    {
        Option<string?> fragment = new("--fragment") { Required = true },
            institution = new("--institution") { Required = true };
        Option<string?> certificate = new("--certificate");
        var command = new Command("add") { fragment, institution, Jwks, certificate, Contracts };
        return command.Does(time, (parsed, terminal) =>
        {
            using var leaf = parsed.GetValue(certificate) is { } file ? PartnerOptions.Roots(file)[0] : null;
            var contracts = Folder(parsed);
            var (client, warnings) = new Registrations(contracts, time).Add(
                parsed.GetValue(institution)!,
                File.ReadAllText(parsed.GetValue(fragment)!),
                parsed.GetValue(Jwks) is { } jwks ? File.ReadAllText(jwks) : null,
                leaf
            );
            Tell(terminal, warnings);
            terminal.Done("client-added", client, parsed.GetValue(institution)!);
            var registry = GatewayCtl.Registry(contracts, time);
            if (!ClientSheet.RightsOf(registry, registry.Clients[client], CivilTime.Today(time)).Any())
                terminal.Under("sheet-no-right");
            terminal.Under("client-added-next", Shell.Line("gatewayctl", "client", "show", client, "--contracts", contracts));
            terminal.Answer(new { client, warnings = warnings.Select(warning => LoadWords.Of(warning, terminal.Language)) });
            return Exit.Ok;
        });
    }

    private static Command RotateKey(TimeProvider time)
    {
        var finish = new Option<bool>("--finish");
        var make = new Option<bool>("--new");
        var command = new Command("rotate-key") { Id, Jwks, finish, make, Out, Algorithm, Contracts };
        return command.Does(time, (parsed, terminal) =>
        {
            var id = parsed.GetValue(Id)!;
            if (parsed.GetValue(make))
            {
                Ids.RefuseClient(id);
                var path = new PartnerFiles(parsed.GetValue(Out)!, time).MakeKey(id, parsed.GetValue(Algorithm)!);
                terminal.Line($"# {path}\n{File.ReadAllText(path)}");
                terminal.Done("second-key-made");
                terminal.Answer(new { client = id, files = new[] { path } });
                return Exit.Ok;
            }
            var registrations = new Registrations(Folder(parsed), time);
            if (parsed.GetValue(finish))
            {
                var (removed, kept) = registrations.FinishRotation(id);
                terminal.Done("rotation-finished", removed, kept);
                WarnUnless(registrations.Loads, parsed, terminal);
                terminal.Answer(
                    new
                    {
                        client = id,
                        removed,
                        kept,
                    }
                );
                return Exit.Ok;
            }
            var added = registrations.AddKey(id, File.ReadAllText(PartnerOptions.Required(parsed, Jwks)));
            terminal.Done("second-key-registered", added);
            WarnUnless(registrations.Loads, parsed, terminal);
            terminal.Under("second-key-next", Shell.Line("gatewayctl", "client", "rotate-key", id, "--finish"));
            terminal.Answer(new { client = id, added });
            return Exit.Ok;
        });
    }

    private static Command Status(TimeProvider time, string name, string status)
    {
        var command = new Command(name) { Id, Contracts };
        return command.Does(time, (parsed, terminal) =>
        {
            var registrations = new Registrations(Folder(parsed), time);
            registrations.SetStatus(parsed.GetValue(Id)!, status);
            terminal.Done("client-" + status, parsed.GetValue(Id)!);
            WarnUnless(registrations.Loads, parsed, terminal);
            terminal.Answer(new { client = parsed.GetValue(Id), status });
            return Exit.Ok;
        });
    }

    private static Command Show(TimeProvider time)
    {
        var command = new Command("show") { Id, Contracts };
        return command.Does(time, (parsed, terminal) =>
        {
            var registry = GatewayCtl.Registry(parsed.GetValue(Contracts)!, time);
            var client = Registered(registry, parsed.GetValue(Id)!);
            var sheet = ClientSheet.Of(registry, client, CivilTime.Today(time));
            foreach (var line in ClientLines.Of(sheet, registry, client, CivilTime.Today(time), terminal))
                terminal.Line(line);
            terminal.Answer(sheet);
            return Exit.Ok;
        });
    }

    private static void WarnUnless(bool loads, ParseResult parsed, Terminal terminal)
    {
        if (!loads)
            terminal.Warn(
                "contracts-check",
                parsed.GetValue(Contracts)!,
                Shell.Line("gatewayctl", "agreement", "check", "--contracts", parsed.GetValue(Contracts)!)
            );
    }

    private static string Folder(ParseResult parsed) =>
        Directory.Exists(parsed.GetValue(Contracts))
            ? parsed.GetValue(Contracts)!
            : throw Declined.Usage("no-contracts", parsed.GetValue(Contracts)!);

    private static void Tell(Terminal terminal, IEnumerable<LoadError> warnings)
    {
        foreach (var warning in warnings)
            terminal.Line("! " + LoadWords.Of(warning, terminal.Language));
    }
}
