using System.CommandLine;
using Admin.CommandLine;
using AuditIndex;
using Ledger.Local;
using Ledger.Notes;

namespace Admin.LedgerTasks;

/// <summary>Options that name logs, whom to believe about them, and an index.</summary>
internal static class LogOptions
{
    internal static Option<string[]> Logs { get; } = new("--log") { Required = true };
    internal static Option<string[]> Keys { get; } = new("--vkey");
    internal static Option<string?> PolicyFile { get; } = new("--policy");
    internal static Option<string?> Index { get; } = new("--index");
    internal static Option<string?> Postgres { get; } = new("--postgres");
    internal static Option<string?> PasswordFile { get; } = new("--password-file");
    internal static Option<string?> SocketFile { get; } = new("--ledger-socket");

    /// <summary>A command on logs.</summary>
    internal static Command On(string name, params Symbol[] more)
    {
        var command = new Command(name) { Logs, Keys, PolicyFile };
        foreach (var symbol in more)
        {
            if (symbol is Argument argument)
                command.Arguments.Add(argument);
            else
                command.Options.Add((Option)symbol);
        }

        return command;
    }

    internal static string PolicyText(ParseResult parsed) =>
        parsed.GetValue(PolicyFile) is { } file
            ? File.ReadAllText(file)
            : string.Concat(KeysOf(parsed).Select(static key => $"log {key}\n")) + "quorum none\n";

    internal static TrustPolicy Policy(ParseResult parsed) => TrustPolicy.Parse(PolicyText(parsed));

    internal static IReadOnlyList<LogSource> Sources(ParseResult parsed)
    {
        var policy = Policy(parsed);
        return [.. parsed.GetValue(Logs)!.Select(folder => new LogSource(OriginOf(folder), folder, policy))];
    }

    internal static LogSource Source(ParseResult parsed) => Sources(parsed) is [var one] ? one : throw Declined.Usage("one-log");

    internal static IndexPlace? Place(ParseResult parsed) =>
        parsed.GetValue(Index) is null && parsed.GetValue(Postgres) is null
            ? null
            : new IndexPlace
            {
                Folder = parsed.GetValue(Index),
                Postgres = parsed.GetValue(Postgres),
                PasswordFile = parsed.GetValue(PasswordFile),
            };

    /// <summary>The ledger behind the socket, with the key of its log among those named.</summary>
    /// <param name="parsed">The command line.</param>
    /// <param name="origin">Origin of the log that the socket's owner writes.</param>
    /// <param name="time">Clock.</param>
    internal static async Task<LedgerSocketClient> Ledger(ParseResult parsed, string origin, TimeProvider time)
    {
        var key = Policy(parsed).Logs.FirstOrDefault(key => key.Name == origin && key.Kind == SignatureKind.Ed25519)
            ?? throw Declined.Usage("no-vkey-of", origin);
        var client = new LedgerSocketClient(parsed.GetValue(SocketFile) ?? throw Declined.Usage("no-socket"), key, time);
        for (
            var began = time.GetTimestamp();
            client.State != global::Ledger.LedgerState.Open && time.GetElapsedTime(began) < TimeSpan.FromSeconds(5);

        )
            await Task.Delay(TimeSpan.FromMilliseconds(20), time);
        return client;
    }

    private static IEnumerable<string> KeysOf(ParseResult parsed)
    {
        var keys = (parsed.GetValue(Keys) ?? [])
            .SelectMany(static text => File.Exists(text) ? File.ReadAllLines(text) : [text])
            .Where(static line => line.Length > 0)
            .ToList();
        if (keys.Find(static key => !VerifierKey.TryParse(key, out _)) is { } odd)
            throw Declined.Usage("no-verifier-key", odd);
        return keys.Count > 0 ? keys : throw Declined.Usage("give-vkey");
    }

    private static string OriginOf(string folder)
    {
        var file = Path.Combine(folder, "checkpoint");
        return File.Exists(file) ? File.ReadLines(file).First() : throw Declined.Usage("no-checkpoint", folder);
    }
}
