using System.Collections.Immutable;
using System.CommandLine;
using Sandbox.Deployment;
using Sandbox.Institutions;
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
    private static readonly Option<string[]> Providers = ProvidersOption();
    private static readonly Option<int> Pupils = TownOptionsOf.Pupils();

    public static Command Create()
    {
        var command = new Command("prepare", "Fills a state folder for programs that run apart, and starts nothing.")
        {
            AuthorityHost,
            GatewayHost,
            ProviderHost,
            CertificatesCommand.Hosts,
            Providers,
            Pupils,
            TownOptionsOf.Contracts,
            TownOptionsOf.PortBase,
        };
        command.SetAction(parsed => SandboxCommand.Alone(parsed, state =>
            {
                var hosts = new ApartHosts(parsed.GetValue(AuthorityHost)!, parsed.GetValue(GatewayHost)!, parsed.GetValue(ProviderHost)!);
                var ports = TownOptionsOf.Ports(parsed);
                var providers = Addresses(hosts.Provider, ports, parsed.GetValue(Providers) ?? []);
                var names = providers
                    .Values.Select(address => new Uri(address).Host)
                    .Concat([hosts.Authority, hosts.Gateway, .. parsed.GetValue(CertificatesCommand.Hosts) ?? []])
                    .Distinct(StringComparer.Ordinal)
                    .Except(CertificateProfile.Loopback, StringComparer.Ordinal)
                    .ToArray();
                var plan = new DeploymentPlan { Source = TownOptionsOf.Source(parsed) ?? ContractSource.Find(), Providers = providers };
                var kept = Prepare(state, hosts, names, plan, parsed.GetValue(Pupils), ports);
                foreach (var file in kept)
                    Console.WriteLine($"kept as somebody changed it, though the sources changed too: {state.At("contracts", file)}");
                Console.WriteLine($"prepared {state.Root}: gateway.json, authority.json, sandbox.json");
            }));
        return command;
    }

    /// <summary>Fills the folder; gives the contracts that stayed as somebody changed them.</summary>
    /// <param name="state">The folder.</param>
    /// <param name="hosts">Where the programs run.</param>
    /// <param name="names">Host names that server certificates carry beside this machine's.</param>
    /// <param name="plan">What is deployed.</param>
    /// <param name="pupils">Pupils in the ministry's register.</param>
    /// <param name="ports">Where the programs listen.</param>
    internal static ImmutableArray<string> Prepare(
        StateFolder state,
        ApartHosts hosts,
        string[] names,
        DeploymentPlan plan,
        int pupils,
        TownPorts ports
    )
    {
        var clock = TimeProvider.System;
        var calendar = new SchoolCalendar(clock);
        LedgerSocketPlace.Must(state);
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
        return deployed.Kept;
    }

    private static ImmutableDictionary<string, string> Addresses(string host, TownPorts ports, string[] given)
    {
        var addresses = InstitutionCatalogue.Ids.ToImmutableDictionary(
            id => id,
            id => $"https://{host}:{ports.Institutions[id]}",
            StringComparer.Ordinal
        );
        foreach (var pair in given)
        {
            var at = pair.IndexOf('=', StringComparison.Ordinal);
            addresses = addresses.SetItem(pair[..at], pair[(at + 1)..].TrimEnd('/'));
        }
        return addresses;
    }

    private static Option<string[]> ProvidersOption()
    {
        var option = TownOptionsOf.With<string[]>(
            "--provider",
            "Address of one institution, as menps=https://menps:9443; may be repeated; --provider-host and the usual port otherwise",
            static given => given is null || Array.TrueForAll(given, IsProvider),
            $"ID=https://host:port, with one of {string.Join(", ", InstitutionCatalogue.Ids)} as ID"
        );
        option.AllowMultipleArgumentsPerToken = true;
        return option;
    }

    private static bool IsProvider(string pair) =>
        pair.IndexOf('=', StringComparison.Ordinal) is > 0 and var at
        && TownOptionsOf.IsPlayed(pair[..at])
        && TownOptionsOf.IsAddress(pair[(at + 1)..].TrimEnd('/'));

    private static Option<string> Host(string name, string what) => TownOptionsOf.Host(name, $"Host name of the {what}");
}
