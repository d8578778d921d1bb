using System.ComponentModel;
using System.Diagnostics;
using System.Globalization;
using Xunit;

namespace Ledger.Interop.Tests.Tools;

/// <summary>What a program said.</summary>
/// <param name="Code">Exit code.</param>
/// <param name="Text">Both of its outputs.</param>
internal sealed record Said(int Code, string Text)
{
    public bool Accepts => Code == 0;
}

/// <summary>Runs a program to its end, bounded in time.</summary>
internal static class Tool
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(5);

    /// <summary>The folder of these tests in the repository, where programs of other languages stand.</summary>
    public static string Sources { get; } = Find("tests", "Ledger.Interop.Tests");

    /// <summary>A file or folder of the repository.</summary>
    public static string InRepository(params string[] path) => Find(path);

    public static async Task<Said> Run(
        string program,
        IEnumerable<string> arguments,
        string? folder = null,
        params (string Name, string Value)[] environment
    )
    {
        var start = new ProcessStartInfo(program, arguments)
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            UseShellExecute = false,
            WorkingDirectory = folder ?? "",
        };
        foreach (var (name, value) in environment)
        {
            start.Environment[name] = value;
        }

        using var process = Process.Start(start)!;
        using var patience = new CancellationTokenSource(Patience);
        try
        {
            var error = process.StandardError.ReadToEndAsync(patience.Token);
            var output = await process.StandardOutput.ReadToEndAsync(patience.Token);
            var text = output + await error;
            await process.WaitForExitAsync(patience.Token);
            return new Said(process.ExitCode, text.Trim());
        }
        catch (OperationCanceledException late)
        {
            process.Kill(entireProcessTree: true);
            throw new TimeoutException(program + " did not end", late);
        }
    }

    /// <summary>Skips on a developer's machine that lacks the tool; never where CI is true.</summary>
    public static async Task Require(string program, string argument, string package)
    {
        try
        {
            if ((await Run(program, [argument])).Accepts)
            {
                return;
            }
        }
        catch (Win32Exception) when (Environment.GetEnvironmentVariable("CI") != "true")
        {
            Assert.Skip(string.Create(CultureInfo.InvariantCulture, $"{program} is not installed: apt-get install {package}"));
        }
    }

    private static string Find(params string[] path)
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            var found = Path.Combine([folder.FullName, .. path]);
            if (Path.Exists(found) && File.Exists(Path.Combine(folder.FullName, "Gateway.sln")))
            {
                return found;
            }
        }

        throw new InvalidOperationException("the tests run inside the repository");
    }
}
