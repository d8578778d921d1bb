using System.Collections.Immutable;
using System.CommandLine;
using Sandbox.Deployment;
using Sandbox.Institutions;
using Sandbox.Institutions.Education;
using Sandbox.Persons;
using Sandbox.Pki;

namespace Sandbox.CommandLine;

/// <summary>
/// <c>prepare</c>: fills a state folder for programs that run apart from one another (terminals, containers, machines): PKI with
/// their host names, keys, deployed and signed contracts, dossiers, configuration files. Starts nothing.
/// </summary>
internal static class PrepareCommand
{
    private static readonly Option<string> AuthorityHost = Host("--authority-host", "authority");
    private static readonly Option<string> GatewayHost = Host("--gateway-host", "gateway");
    private static readonly Option<string> ProviderHost = Host("--provider-host", "institutions");

    private static readonly Option<string[]> Providers = new("--provider")
    {
        Description = "Address of one institution, as menps=https://menps:9443; may be repeated; --provider-host and the usual port otherwise",
        AllowMultipleArgumentsPerToken = true,
    };

    private static readonly Option<int> Pupils = new("--pupils") { Description = "Pupils in the ministry's register", DefaultValueFactory = _ => PupilGenerator.Population };
    private static readonly Option<string?> Contracts = new("--contracts") { Description = "Contracts to deploy, instead of the repository's" };

    public static Command Create()
    {
        var command = new Command("prepare", "Fills a state folder for programs that run apart, and starts nothing.")
        {
            AuthorityHost, GatewayHost, ProviderHost, CertificatesCommand.Hosts, Providers, Pupils, Contracts,
        };
        command.SetAction(parsed => SandboxCommand.Alone(parsed, state =>
        {
            var hosts = new ApartHosts(parsed.GetValue(AuthorityHost)!, parsed.GetValue(GatewayHost)!, parsed.GetValue(ProviderHost)!);
            var providers = Addresses(hosts.Provider, parsed.GetValue(Providers) ?? []);
            var names = providers.Values.Select(address => new Uri(address).Host).Concat([hosts.Authority, hosts.Gateway, .. parsed.GetValue(CertificatesCommand.Hosts) ?? []])
                .Distinct(StringComparer.Ordinal).Except(CertificateProfile.Loopback, StringComparer.Ordinal).ToArray();
            var plan = new DeploymentPlan { Source = parsed.GetValue(Contracts) ?? ContractSource.Find(), Providers = providers };
            Prepare(state, hosts, names, plan, parsed.GetValue(Pupils), TownPorts.Usual);
            Console.WriteLine($"prepared {state.Root}: gateway.json, authority.json, sandbox.json");
        }));
        return command;
    }

    /// <summary>Fills the folder.</summary>
    /// <param name="state">The folder.</param>
    /// <param name="hosts">Where the programs run.</param>
    /// <param name="names">Host names that server certificates carry beside this machine's.</param>
    /// <param name="plan">What is deployed.</param>
    /// <param name="pupils">Pupils in the ministry's register.</param>
    /// <param name="ports">Where the programs listen.</param>
    internal static void Prepare(StateFolder state, ApartHosts hosts, string[] names, DeploymentPlan plan, int pupils, TownPorts ports)
    {
        var clock = TimeProvider.System;
        var calendar = new SchoolCalendar(clock);
        CertificatesCommand.Make(state, names, ["officer-1", "officer-2"]);
        var deployed = DeployedContracts.Deploy(plan, state, clock);
        var gatewayKeys = new GatewayKeys(state);
        gatewayKeys.Prepare();
        var signing = new SigningKeys(state);
        signing.File(GatewayKeys.AssertionKey);
        StateFolder.ReadOrCreateSecret(state.At("keys", GatewayKeys.AuthorityPassphrase), 32);
        DossierFile.Write(state.At("dossiers.ndjson"), deployed.Registry, gatewayKeys.Dossier, pupils, calendar);
        var configuration = new ApartConfiguration(state, hosts, ports, clock.GetUtcNow().Year);
        configuration.Write();
        using var pki = new DevelopmentPki(state, clock, names);
        configuration.Describe(deployed, pki, signing, calendar).Write(state.At("sandbox.json"));
    }

    private static ImmutableDictionary<string, string> Addresses(string host, string[] given)
    {
        var addresses = InstitutionCatalogue.Ids.ToImmutableDictionary(id => id, id => $"https://{host}:{TownPorts.Usual.Institutions[id]}", StringComparer.Ordinal);
        foreach (var pair in given)
        {
            var at = pair.IndexOf('=', StringComparison.Ordinal);
            addresses = addresses.SetItem(pair[..at], pair[(at + 1)..].TrimEnd('/'));
        }
        return addresses;
    }

    private static Option<string> Host(string name, string what) => new(name) { Description = $"Host name of the {what}", DefaultValueFactory = _ => "localhost" };
}
