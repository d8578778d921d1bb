using System.Text.Json.Nodes;
using Admin.CommandLine;

namespace Admin.Tests;

/// <summary>What a command printed, and how it ended.</summary>
internal sealed record Outcome(int Exit, string Out, string Error)
{
    public JsonNode Json => JsonNode.Parse(Out)!;

    /// <summary>The codes of all findings of a <c>--json</c> report.</summary>
    public string[] Codes => [.. Json["findings"]!.AsArray().Select(static finding => (string)finding!["code"]!)];

    public Outcome Ended(int exit)
    {
        Assert.True(Exit == exit, $"exit {Exit}\n{Out}\n{Error}");
        return this;
    }
}

/// <summary>The tool, as its Program starts it.</summary>
internal static class Ctl
{
    /// <summary>The same in English, for tests that look at words.</summary>
    public static Task<Outcome> English(params string[] args) => Run([.. args, "--lang", "en"]);

    public static async Task<Outcome> Run(params string[] args)
    {
        using StringWriter output = new(),
            error = new();
        var exit = await GatewayCtl.Run(args, output, error, TimeProvider.System);
        return Spoken(args, new(exit, output.ToString(), error.ToString()));
    }

    /// <summary>The outcome, of which every line is in the language that was asked for.</summary>
    public static Outcome Spoken(string[] args, Outcome outcome)
    {
        // A page is looked at where it is made.
        string[] strangers =
            args.Contains("--json") || args.Contains("--html")
                ? []
                : [.. Speech.Strangers(outcome.Out + "\n" + outcome.Error, Speech.LanguageOf(args))];
        Assert.True(strangers.Length == 0, $"{string.Join(' ', args)}\n{string.Join('\n', strangers)}");
        return outcome;
    }
}

/// <summary>A folder that goes away with the test.</summary>
internal sealed class TemporaryFolder : IDisposable
{
    public string Path { get; } = Directory.CreateTempSubdirectory("gatewayctl-test-").FullName;

    public string At(string name) => System.IO.Path.Combine(Path, name);

    public string Write(string name, string text)
    {
        // For its owner alone, for some of them are secrets.
        var options = new FileStreamOptions { Mode = FileMode.Create, Access = FileAccess.Write };
        if (!OperatingSystem.IsWindows())
            options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        using var file = new StreamWriter(At(name), options);
        file.Write(text);
        return At(name);
    }

    public void Dispose() => Directory.Delete(Path, recursive: true);
}
