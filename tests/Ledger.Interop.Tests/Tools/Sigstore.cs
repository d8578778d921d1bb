using System.Security.Cryptography;
using System.Text;
using Xunit;

namespace Ledger.Interop.Tests.Tools;

/// <summary>
/// npm <c>@sigstore/verify</c> through <c>npm/proof.mjs</c>, installed from the lock file, on the Node that the lock file brings.
/// </summary>
internal static class Sigstore
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(3);
    private static readonly Lock Gate = new();
    private static Task? _installed;
    private static string Folder { get; } = Path.Combine(Tool.Sources, "npm");
    private static string Node => Path.Combine(Folder, "node_modules", ".bin", "node");

    /// <summary>Checks an offline proof of an entry.</summary>
    public static async Task<Said> Check(string vkey, string proof, string entry)
    {
        await Tool.Require("npm", "--version", "npm");
        await Installed();
        return await Tool.Run(Node, [Path.Combine(Folder, "proof.mjs"), vkey, proof, entry], folder: null, ("NODE_NO_WARNINGS", "1"));
    }

    private static Task Installed()
    {
        lock (Gate)
        {
            return _installed ??= Install();
        }
    }

    /// <summary>Two runs may come at once: the one that holds the file installs, the other waits.</summary>
    private static async Task Install()
    {
        var name = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(Folder)))[..12];
        for (var waited = TimeSpan.Zero; ; waited += TimeSpan.FromMilliseconds(200))
        {
            try
            {
                await using var held = new FileStream(
                    Path.Combine(Path.GetTempPath(), "ledger-npm-" + name),
                    FileMode.OpenOrCreate,
                    FileAccess.ReadWrite,
                    FileShare.None
                );
                var done = Path.Combine(Folder, "node_modules", ".package-lock.json");
                if (
                    !File.Exists(done)
                    || !File.Exists(Node)
                    || File.GetLastWriteTimeUtc(done) < File.GetLastWriteTimeUtc(Path.Combine(Folder, "package-lock.json"))
                )
                {
                    var said = await Tool.Run("npm", ["ci", "--no-audit", "--no-fund", "--loglevel", "error"], Folder);
                    Assert.True(said.Accepts, said.Text);
                }

                return;
            }
            catch (IOException) when (waited < Patience)
            {
                await Task.Delay(200);
            }
        }
    }
}
