using System.CommandLine;
using Admin.CommandLine;
using AuditIndex;
using Ledger.Local;
using Ledger.Notes;

namespace Admin.LedgerTasks;

/// <summary>Options that name logs, whom to believe about them, and an index.</summary>
internal static class LogOptions
{
    internal static Option<string[]> Logs { get; } = new("--log") { Description = "Folder of a log, the one with checkpoint and tile/; again for each log", Required = true };
    internal static Option<string[]> Keys { get; } = new("--vkey") { Description = "Verifier key of a log, or a file of them; again for each" };
    internal static Option<string?> PolicyFile { get; } = new("--policy") { Description = "Trust policy instead of keys: logs, witnesses, quorum" };
    internal static Option<string?> Index { get; } = new("--index") { Description = "Folder of the search index" };
    internal static Option<string?> Postgres { get; } = new("--postgres") { Description = "PostgreSQL of the search index: connection string without password" };
    internal static Option<string?> PasswordFile { get; } = new("--password-file") { Description = "File with its password" };
    internal static Option<string?> SocketFile { get; } = new("--ledger-socket") { Description = "Socket of the node's ledger, where the act is sealed" };

    /// <summary>A command on logs.</summary>
    internal static Command On(string name, string description, params Symbol[] more)
    {
        var command = new Command(name, description) { Logs, Keys, PolicyFile };
        foreach (var symbol in more)
        {
            if (symbol is Argument argument) command.Arguments.Add(argument);
            else command.Options.Add((Option)symbol);
        }

        return command;
    }

    internal static string PolicyText(ParseResult parsed) => parsed.GetValue(PolicyFile) is { } file
        ? File.ReadAllText(file)
        : string.Concat(KeysOf(parsed).Select(static key => $"log {key}\n")) + "quorum none\n";

    internal static TrustPolicy Policy(ParseResult parsed) => TrustPolicy.Parse(PolicyText(parsed));

    internal static IReadOnlyList<LogSource> Sources(ParseResult parsed)
    {
        var policy = Policy(parsed);
        return [.. parsed.GetValue(Logs)!.Select(folder => new LogSource(OriginOf(folder), folder, policy))];
    }

    internal static LogSource Source(ParseResult parsed) => Sources(parsed) is [var one] ? one : throw new Declined("Give one --log", Exit.Usage);

    internal static IndexPlace? Place(ParseResult parsed) => parsed.GetValue(Index) is null && parsed.GetValue(Postgres) is null ? null : new IndexPlace
    {
        Folder = parsed.GetValue(Index), Postgres = parsed.GetValue(Postgres), PasswordFile = parsed.GetValue(PasswordFile),
    };

    /// <summary>The ledger behind the socket, with the key of its log among those named.</summary>
    /// <param name="parsed">The command line.</param>
    /// <param name="origin">Origin of the log that the socket's owner writes.</param>
    /// <param name="time">Clock.</param>
    internal static async Task<LedgerSocketClient> Ledger(ParseResult parsed, string origin, TimeProvider time)
    {
        var key = Policy(parsed).Logs.FirstOrDefault(key => key.Name == origin && key.Kind == SignatureKind.Ed25519) ?? throw new Declined($"No Ed25519 --vkey of {origin}", Exit.Usage);
        var client = new LedgerSocketClient(parsed.GetValue(SocketFile) ?? throw new Declined("--ledger-socket is missing: nothing is done that is not sealed", Exit.Usage), key, time);
        for (var began = time.GetTimestamp(); client.State != global::Ledger.LedgerState.Open && time.GetElapsedTime(began) < TimeSpan.FromSeconds(5);) await Task.Delay(TimeSpan.FromMilliseconds(20), time);
        return client;
    }

    private static IEnumerable<string> KeysOf(ParseResult parsed)
    {
        var keys = (parsed.GetValue(Keys) ?? []).SelectMany(static text => File.Exists(text) ? File.ReadAllLines(text) : [text]).Where(static line => line.Length > 0).ToList();
        return keys.Count > 0 ? keys : throw new Declined("Say whom to believe: --vkey KEY or --policy FILE", Exit.Usage);
    }

    private static string OriginOf(string folder)
    {
        var file = Path.Combine(folder, "checkpoint");
        return File.Exists(file) ? File.ReadLines(file).First() : throw new Declined($"{folder} holds no checkpoint", Exit.Usage);
    }
}
