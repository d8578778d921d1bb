using System.CommandLine;
using System.CommandLine.Parsing;
using Sandbox.Institutions;
using Sandbox.Institutions.Education;

namespace Sandbox.CommandLine;

/// <summary>Options that several commands take, and what may be written there: wrong words are a sentence before anything begins.</summary>
internal static class TownOptionsOf
{
    /// <summary>First of consecutive ports.</summary>
    internal static Option<int?> PortBase { get; } =
        With<int?>(
            "--port-base",
            "First of consecutive ports, instead of the usual ones",
            static port => port is null || (port > 0 && port <= TownPorts.LastBase),
            $"a port from 1 to {TownPorts.LastBase}"
        );

    /// <summary>Contracts to deploy.</summary>
    internal static Option<string?> Contracts { get; } =
        With<string?>(
            "--contracts",
            "Contracts to deploy, instead of the repository's",
            static folder =>
                folder is null
                || (Directory.Exists(Path.Combine(folder, "institutions")) && Directory.Exists(Path.Combine(folder, "agreements"))),
            "a folder with institutions/ and agreements/ in it"
        );

    /// <summary>Size of the ministry's register.</summary>
    internal static Option<int> Pupils()
    {
        var option = With<int>(
            "--pupils",
            "Pupils in the ministry's register",
            static pupils => pupils is >= 0 and <= PupilGenerator.Population,
            $"a number from 0 to {PupilGenerator.Population}"
        );
        option.DefaultValueFactory = static _ => PupilGenerator.Population;
        return option;
    }

    /// <summary>One host name, or address.</summary>
    internal static Option<string> Host(string name, string description)
    {
        var option = With<string>(name, description, IsHost, "a host name");
        option.DefaultValueFactory = static _ => "localhost";
        return option;
    }

    /// <summary>Several of them.</summary>
    internal static Option<string[]> Hosts(string name, string description)
    {
        var option = With<string[]>(name, description, static hosts => hosts is null || Array.TrueForAll(hosts, IsHost), "host names");
        option.AllowMultipleArgumentsPerToken = true;
        return option;
    }

    /// <summary>A port.</summary>
    internal static Option<int?> Port(string description) =>
        With<int?>("--port", description, static port => port is null or (> 0 and <= 65_535), "a port from 1 to 65535");

    /// <summary>Is this <c>https://host[:port]</c>?</summary>
    internal static bool IsAddress(string? text) =>
        Uri.TryCreate(text, UriKind.Absolute, out var address)
        && address.Scheme == Uri.UriSchemeHttps
        && address.PathAndQuery == "/"
        && address.UserInfo.Length == 0;

    /// <summary>Where the programs of the town listen.</summary>
    internal static TownPorts Ports(ParseResult parsed) => parsed.GetValue(PortBase) is { } first ? TownPorts.From(first) : TownPorts.Usual;

    /// <summary>The contracts that were named; null for the repository's.</summary>
    internal static string? Source(ParseResult parsed) => parsed.GetValue(Contracts);

    /// <summary>An institution that is played here.</summary>
    internal static bool IsPlayed(string? id) => id is not null && InstitutionCatalogue.Ids.Contains(id);

    internal static Option<T> With<T>(string name, string description, Predicate<T?> holds, string wanted)
    {
        var option = new Option<T>(name) { Description = description };
        option.Validators.Add(result => Check(result, option, holds, wanted));
        return option;
    }

    private static void Check<T>(OptionResult result, Option<T> option, Predicate<T?> holds, string wanted)
    {
        try
        {
            if (!holds(result.GetValueOrDefault<T>()))
                result.AddError($"{option.Name} takes {wanted}");
        }
        catch (InvalidOperationException)
        {
            // Not even a number: the parser says so itself.
        }
    }

    private static bool IsHost(string? host) => Uri.CheckHostName(host) is not UriHostNameType.Unknown;
}
