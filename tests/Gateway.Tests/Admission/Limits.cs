using Sandbox;

namespace Gateway.Tests.Admission;

/// <summary>A town whose contracts a test has changed: the limits of a system, the seats of an institution.</summary>
internal static class Limits
{
    /// <summary>Limits that nobody meets in a test.</summary>
    public const string Wide = "limits: { tokensPerMinute: 100000, connections: 10000, requestsPerSecond: 100000 }";

    /// <summary>Gives one client limits of its own.</summary>
    public static void Of(string contracts, string client, string limits)
    {
        var file = Path.Combine(contracts, "institutions", client[..client.IndexOf('-', StringComparison.Ordinal)] + ".yaml");
        var text = File.ReadAllText(file);
        var begin = text.IndexOf($"  - id: {client}\n", StringComparison.Ordinal);
        var at = text.IndexOf(Wide, begin, StringComparison.Ordinal);
        File.WriteAllText(file, $"{text[..at]}limits: {{ {limits} }}{text[(at + Wide.Length)..]}");
    }

    /// <summary>Writes something else into a file of the contracts, wherever it stands there.</summary>
    public static void Write(string contracts, string file, string from, string to)
    {
        var path = Path.Combine(contracts, file);
        var text = File.ReadAllText(path);
        Xunit.Assert.Contains(from, text, StringComparison.Ordinal);
        File.WriteAllText(path, text.Replace(from, to, StringComparison.Ordinal));
    }

    /// <summary>A small town with these contracts.</summary>
    public static Task<Town> TownAsync(Action<string> edit, Func<Ledger.ILedger, Ledger.ILedger>? wrap = null) =>
        Town.StartAsync(
            new TownOptions
            {
                Pupils = 100,
                WrapLedger = wrap,
                ConfigureLedger = static ledger => ledger.PublishEvery = TimeSpan.FromMilliseconds(100),
                EditContracts = edit,
            }
        );
}
