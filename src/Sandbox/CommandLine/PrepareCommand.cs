using System.Collections.Immutable;
using System.CommandLine;
using Sandbox.Deployment;
using Sandbox.Institutions;
using Sandbox.Institutions.Education;
using Sandbox.Persons;
using Sandbox.Pki;

namespace Sandbox.CommandLine;

/// <summary>
/// <c>prepare</c>: fills a state folder for programs that run apart from one another (containers, other machines): PKI with
/// their host names, keys, deployed and signed contracts, dossiers. Starts nothing.
/// </summary>
internal static class PrepareCommand
{
    private static readonly Option<string[]> Providers = new("--provider")
    {
        Description = "Address of an institution, as menps=https://menps:9443; may be repeated; localhost and the usual port otherwise",
        AllowMultipleArgumentsPerToken = true,
    };

    private static readonly Option<int> Pupils = new("--pupils") { Description = "Pupils in the ministry's register", DefaultValueFactory = _ => PupilGenerator.Population };
    private static readonly Option<string?> Contracts = new("--contracts") { Description = "Contracts to deploy, instead of the repository's" };

    public static Command Create()
    {
        var command = new Command("prepare", "Fills a state folder for programs that run apart, and starts nothing.") { CertificatesCommand.Hosts, Providers, Pupils, Contracts };
        command.SetAction(parsed =>
        {
            var state = new StateFolder(parsed.GetValue(SandboxCommand.State)!);
            CertificatesCommand.Make(state, parsed.GetValue(CertificatesCommand.Hosts) ?? [], ["officer-1", "officer-2"]);
            var plan = new DeploymentPlan { Source = parsed.GetValue(Contracts) ?? ContractSource.Find(), Providers = Addresses(parsed.GetValue(Providers) ?? []) };
            var deployed = DeployedContracts.Deploy(plan, state, TimeProvider.System);
            var keys = new GatewayKeys(state);
            keys.Prepare();
            LogKeys.Path(state, TimeProvider.System.GetUtcNow().Year);
            new SigningKeys(state).File(GatewayKeys.AssertionKey);
            state.Folder("keys", "subjects");
            StateFolder.ReadOrCreateSecret(state.At("keys", GatewayKeys.AuthorityPassphrase), 32);
            DossierFile.Write(state.At("dossiers.ndjson"), deployed.Registry, keys.Dossier, parsed.GetValue(Pupils), new SchoolCalendar(TimeProvider.System));
            Console.WriteLine($"prepared {state.Root}");
            return 0;
        });
        return command;
    }

    private static ImmutableDictionary<string, string> Addresses(string[] given)
    {
        var addresses = InstitutionCatalogue.Ids.ToImmutableDictionary(id => id, id => $"https://localhost:{TownPorts.Usual.Institutions[id]}", StringComparer.Ordinal);
        foreach (var pair in given)
        {
            var at = pair.IndexOf('=', StringComparison.Ordinal);
            addresses = addresses.SetItem(pair[..at], pair[(at + 1)..].TrimEnd('/'));
        }
        return addresses;
    }
}
