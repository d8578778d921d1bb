using System.Diagnostics;

namespace Interop.Node;

/// <summary>
/// The npm packages of <c>clients/</c>: installed from the lock file once, by whichever test project comes first, and again when the
/// lock file changed. Brings its own Node 22, so the machine's version does not matter.
/// </summary>
public static class NodePackages
{
    private static readonly TimeSpan InstallTime = TimeSpan.FromMinutes(5);
    private static readonly TimeSpan Look = TimeSpan.FromMilliseconds(200);
    private static readonly Lock Gate = new();
    private static Task? _installed;

    /// <summary>Folder of the scripts.</summary>
    public static string Folder { get; } = Find();

    /// <summary>The node of the lock file.</summary>
    public static string Node => Path.Combine(Folder, "node_modules", ".bin", "node");

    /// <summary>Installs what the lock file says; nothing when it is there.</summary>
    /// <exception cref="InvalidOperationException">npm is missing (a developer's machine may skip), or it failed; the message holds what it
    /// said.</exception>
    public static Task Ensure()
    {
        lock (Gate)
            return _installed ??= InstallOnce();
    }

    /// <summary>Two test projects may come at once: the one that holds the file installs, the other waits.</summary>
    private static async Task InstallOnce()
    {
        var lockFile = Path.Combine(
            Path.GetTempPath(),
            "interop-npm-"
                + Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData(System.Text.Encoding.UTF8.GetBytes(Folder)))[..12]
        );
        for (var waited = TimeSpan.Zero; ; waited += Look)
        {
            try
            {
                await using var held = new FileStream(lockFile, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
                if (!IsCurrent())
                    await Install();
                return;
            }
            catch (IOException) when (waited < InstallTime)
            {
                await Task.Delay(Look);
            }
        }
    }

    /// <summary>npm writes its own copy of the lock file last, so one that is younger than ours means a whole installation.</summary>
    private static bool IsCurrent()
    {
        var installed = Path.Combine(Folder, "node_modules", ".package-lock.json");
        return File.Exists(installed)
            && File.Exists(Node)
            && File.GetLastWriteTimeUtc(installed) >= File.GetLastWriteTimeUtc(Path.Combine(Folder, "package-lock.json"));
    }

    private static async Task Install()
    {
        var start = new ProcessStartInfo("npm", ["ci", "--no-audit", "--no-fund", "--loglevel", "error"])
        {
            WorkingDirectory = Folder,
            RedirectStandardError = true,
            UseShellExecute = false,
        };
        using var npm = StartOrSay(start);
        using var patience = new CancellationTokenSource(InstallTime);
        try
        {
            var errors = await npm.StandardError.ReadToEndAsync(patience.Token);
            await npm.WaitForExitAsync(patience.Token);
            if (npm.ExitCode != 0)
                throw new InvalidOperationException("npm ci failed: " + errors);
        }
        catch (OperationCanceledException late)
        {
            npm.Kill(entireProcessTree: true);
            throw new InvalidOperationException("npm ci did not end in time", late);
        }
    }

    private static Process StartOrSay(ProcessStartInfo start)
    {
        try
        {
            return Process.Start(start)!;
        }
        catch (System.ComponentModel.Win32Exception missing)
        {
            throw new InvalidOperationException("npm is not installed", missing);
        }
    }

    private static string Find()
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            var found = Path.Combine(folder.FullName, "tests", "Interop", "clients");
            if (File.Exists(Path.Combine(found, "package.json")))
                return found;
        }
        throw new InvalidOperationException("the tests run inside the repository");
    }
}
