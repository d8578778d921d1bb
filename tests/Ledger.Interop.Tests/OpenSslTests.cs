using System.Text.RegularExpressions;
using Ledger.Interop.Tests.Logs;
using Ledger.Interop.Tests.Tools;
using Xunit;

namespace Ledger.Interop.Tests;

/// <summary>The commands of the ledger's README, as they stand there: OpenSSL alone verifies a checkpoint.</summary>
public sealed partial class OpenSslTests(ITestOutputHelper output)
{
    [Fact]
    public async Task Openssl_accepts_a_checkpoint_and_refuses_every_change_of_what_is_signed()
    {
        await Tool.Require("openssl", "version", "openssl");
        using var log = await PublishedLog.Of(257);
        var accepted = await Run(log);
        output.WriteLine(accepted.Text);
        Assert.True(accepted.Accepts, accepted.Text);

        var path = Path.Combine(log.Folder, "checkpoint");
        var note = await File.ReadAllTextAsync(path);
        var body = note.IndexOf("\n\n", StringComparison.Ordinal) + 1;
        for (var at = 0; at < body; at++)
        {
            // A line break is what the commands cut by; the lines themselves are what is signed.
            if (note[at] != '\n')
            {
                await File.WriteAllTextAsync(
                    path,
                    string.Concat(note.AsSpan(0, at), ((char)(note[at] ^ 1)).ToString(), note.AsSpan(at + 1))
                );
                Assert.False((await Run(log)).Accepts, $"byte {at}");
            }
        }
    }

    private static async Task<Said> Run(PublishedLog log)
    {
        var readme = await File.ReadAllTextAsync(Tool.InRepository("src", "Ledger", "README.md"));
        var commands = Commands().Match(readme).Groups["commands"].Value;
        Assert.Contains("pkeyutl", commands, StringComparison.Ordinal);
        return await Tool.Run("bash", ["-c", "set -e\n" + commands], log.Folder, ("VKEY", log.Vkey));
    }

    [GeneratedRegex("## By hand\n\n```sh\n(?<commands>.*?)```", RegexOptions.Singleline | RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Commands();
}
