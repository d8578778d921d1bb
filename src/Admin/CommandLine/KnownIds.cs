using System.CommandLine;
using Agreements;
using Agreements.Loading;
using Tokens.Status;
using Wording;

namespace Admin.CommandLine;

/// <summary>
/// Ids that the contracts name: a stop of an id that nothing has stops nothing, and the person who gave it believes otherwise. Where no
/// contracts can be
/// read the stop goes through, with a warning: nothing must keep anybody from stopping.
/// </summary>
internal static class KnownIds
{
    internal static Option<string?> Contracts { get; } = new("--contracts");

    /// <exception cref="Declined">The contracts name no such id; says which ones are near.</exception>
    internal static void Refuse(ParseResult parsed, Terminal terminal, StoppedKind kind, string id)
    {
        var folder = parsed.GetValue(Contracts) ?? StoreOptions.ContractsOf(parsed) ?? "contracts";
        if (parsed.GetValue(Contracts) is not null && !Directory.Exists(folder))
            throw Declined.Usage("no-contracts", folder);
        var registry = Directory.Exists(folder) ? RegistryLoader.Load(folder, terminal.Time).Registry : null;
        if (registry is null)
        {
            terminal.Warn("id-not-compared", folder);
            return;
        }

        var known = In(registry, StopCommands.Word(kind));
        if (known.Contains(id, StringComparer.Ordinal))
            return;
        var (named, near) = (StopCommands.Named(terminal, StopCommands.Word(kind)), Near.Of(id, known));
        throw near.Count > 0
            ? Declined.Usage("id-unknown-near", named, id, folder, Blank.List(near))
            : Declined.Usage("id-unknown", named, id, folder);
    }

    /// <summary>Ids of a kind: institution, client, agreement, which may also be ended, or issuer.</summary>
    internal static IReadOnlyCollection<string> In(Registry registry, string kind) =>
        kind switch
        {
            "institution" => [.. registry.Institutions.Keys],
            "client" => [.. registry.Clients.Keys],
            "agreement" or "ended" => [.. registry.Agreements.Keys],
            _ => [.. registry.Institutions.Values.Select(static one => one.Issuer?.Url).OfType<string>()],
        };
}
