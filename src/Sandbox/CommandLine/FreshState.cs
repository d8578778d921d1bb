using Sandbox.Deployment;
using Sandbox.Pki;

namespace Sandbox.CommandLine;

/// <summary>Deletes a state folder, and nothing that is not one.</summary>
internal static class FreshState
{
    private static readonly HashSet<string> Known = new(StringComparer.Ordinal)
    {
        "pki",
        "keys",
        "contracts",
        "ledger",
        "index",
        "witnesses",
        "authority",
        "gateway",
        "run",
        "spool",
        "logs",
        "status.db",
        "status.db-shm",
        "status.db-wal",
        "sandbox.json",
        StateLock.File,
        "authority.json",
        "gateway.json",
        "dossiers.ndjson",
        "dossiers.ndjson.mark",
        DeployedContracts.LawBook,
        "revocation-book.json",
        "certificates-seen.json",
        "ledger-policy.txt",
        "operators.jsonl",
        "texts",
        "approval-1",
        "approval-2",
        "agreement.html",
    };

    /// <summary>Deletes the folder if all in it was made by the sandbox; of one that this process holds, all but the lock.</summary>
    /// <exception cref="InvalidOperationException">Something else lies in it.</exception>
    public static void Delete(string path)
    {
        if (!Directory.Exists(path))
            return;
        foreach (var entry in Directory.EnumerateFileSystemEntries(path))
        {
            if (!Known.Contains(Path.GetFileName(entry)))
                throw new InvalidOperationException(
                    $"{path} holds {Path.GetFileName(entry)}, which the sandbox did not make: delete the folder yourself if that is meant."
                );
        }
        if (!File.Exists(Path.Combine(path, StateLock.File)))
        {
            Directory.Delete(path, recursive: true);
            return;
        }

        foreach (var folder in Directory.EnumerateDirectories(path))
            Directory.Delete(folder, recursive: true);
        foreach (var file in Directory.EnumerateFiles(path))
            if (Path.GetFileName(file) != StateLock.File)
                File.Delete(file);
    }
}
