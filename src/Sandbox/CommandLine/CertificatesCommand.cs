using System.CommandLine;
using Sandbox.Deployment;
using Sandbox.Institutions;
using Sandbox.Pki;

namespace Sandbox.CommandLine;

/// <summary><c>certs</c>: the development certificates and nothing else; what <c>certs-dev/make-certs</c> calls.</summary>
internal static class CertificatesCommand
{
    /// <summary>Host names beside this machine's.</summary>
    internal static Option<string[]> Hosts { get; } =
        TownOptionsOf.Hosts("--host", "Host name that server certificates carry beside localhost; may be repeated");

    private static readonly Option<string[]> Officers = OfficersOption();

    public static Command Create()
    {
        var command = new Command("certs", "Makes or renews the development certificates in the state folder.") { Hosts, Officers };
        command.SetAction(parsed => SandboxCommand.Alone(parsed, state =>
            {
                Make(state, parsed.GetValue(Hosts) ?? [], parsed.GetValue(Officers) ?? []);
                foreach (
                    var file in Directory
                        .EnumerateFiles(state.At("pki"), "*.pem", SearchOption.AllDirectories)
                        .Order(StringComparer.Ordinal)
                )
                    Console.WriteLine(file);
            }));
        return command;
    }

    private static Option<string[]> OfficersOption()
    {
        var option = TownOptionsOf.With<string[]>(
            "--officer",
            "Officer who gets a client certificate; may be repeated",
            static ids =>
                ids is null
                || Array.TrueForAll(ids, static id =>
                    id.Length is > 0 and <= 32 && id.All(static one => char.IsAsciiLetterLower(one) || char.IsAsciiDigit(one) || one == '-')
                ),
            "ids of small letters, digits and hyphens"
        );
        option.AllowMultipleArgumentsPerToken = true;
        option.DefaultValueFactory = static _ => ["officer-1", "officer-2"];
        return option;
    }

    /// <summary>Every certificate of a town.</summary>
    internal static void Make(StateFolder state, IEnumerable<string> hosts, IEnumerable<string> officers)
    {
        using var pki = new DevelopmentPki(state, TimeProvider.System, hosts);
        foreach (var server in new[] { "authority", "gateway" })
            pki.Server(server);
        pki.GatewayAsClient();
        foreach (var institution in InstitutionCatalogue.Ids)
            pki.Provider(institution);
        foreach (var officer in officers)
            pki.Officer(officer);
        foreach (var file in Directory.EnumerateFiles(Path.Combine(ContractSource.Find(), "institutions"), "*.yaml"))
            foreach (var (client, _) in InstitutionFile.Read(file).Clients)
                pki.Client(client);
    }
}
