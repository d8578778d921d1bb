using System.Diagnostics;
using System.Globalization;
using AuditIndex.Feeds;
using Ledger.Notes;

namespace AuditIndex.Tests.Support;

/// <summary>What this program does when it is started as the process that a test kills.</summary>
internal static class Children
{
    public const string Name = "--child";

    public static Task<int> Run(string[] args) =>
        args switch
        {
            ["feed", var directory, var key, var cursor, var output] => Feed(directory, key, cursor, output),
            ["collector", var port, var folder, var output] => Collector.Run(int.Parse(port, CultureInfo.InvariantCulture), folder, output),
            _ => Task.FromResult(2),
        };

    public static Process Start(params string[] args)
    {
        var start = new ProcessStartInfo("dotnet", [typeof(Children).Assembly.Location, Name, .. args])
        {
            RedirectStandardOutput = true,
            RedirectStandardInput = true,
            UseShellExecute = false,
        };
        return Process.Start(start)!;
    }

    private static async Task<int> Feed(string directory, string key, string cursor, string output)
    {
        var verifier = VerifierKey.Parse(key);
        var feed = new LogFeed(
            [new LogSource(verifier.Name, directory, TrustPolicy.Of(verifier))],
            new CursorFile(cursor),
            new JsonLinesFile(output),
            TimeProvider.System
        );
        Console.WriteLine("ready");
        await feed.Run(default);
        return 0;
    }
}
