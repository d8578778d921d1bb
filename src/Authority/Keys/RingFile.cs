using System.Collections.Immutable;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Ledger;

namespace Authority.Keys;

/// <summary>One key in <c>ring.json</c>. States follow from the times alone, so that all nodes agree without talking.</summary>
/// <param name="Kid">Key id; the key stands in <c>kid.pem</c>.</param>
/// <param name="Announced">Published from then on.</param>
/// <param name="SignsFrom">Signs from then on, until a younger one does.</param>
public sealed record RingEntry(string Kid, DateTimeOffset Announced, DateTimeOffset SignsFrom);

/// <summary>The ring's folder: <c>ring.json</c> and one encrypted PKCS#8 file per key, mode 0400. Shared by all nodes.</summary>
/// <param name="directory">The folder.</param>
/// <param name="passphrase">The deployment's secret.</param>
internal sealed class RingFile(string directory, string passphrase)
{
    private static readonly JsonSerializerOptions Json = new() { PropertyNamingPolicy = JsonNamingPolicy.CamelCase, AllowDuplicateProperties = false, WriteIndented = true };
    private readonly string _ring = Path.Combine(directory, "ring.json");

    internal DateTime ChangedAt => File.GetLastWriteTimeUtc(_ring);

    internal bool Exists => File.Exists(_ring);

    internal ImmutableArray<RingEntry> Read()
    {
        var entries = JsonSerializer.Deserialize<ImmutableArray<RingEntry>>(File.ReadAllBytes(_ring), Json);
        if (entries.DistinctBy(static entry => entry.Kid, StringComparer.Ordinal).Count() != entries.Length) throw new InvalidOperationException("the key ring names one key twice");
        return entries;
    }

    internal SigningKey ReadKey(string kid)
    {
        var path = KeyPath(kid);
        if (!OperatingSystem.IsWindows() && (File.GetUnixFileMode(path) & ~(UnixFileMode.UserRead | UnixFileMode.UserWrite)) != UnixFileMode.None)
            throw new InvalidOperationException("a key file of the ring can be read by others: chmod 0400");
        var key = SigningKey.Decrypt(File.ReadAllText(path), passphrase);
        return key.KeyId == kid ? key : throw new InvalidOperationException("a key file of the ring holds another key than its name says");
    }

    internal void WriteKey(SigningKey key) => WriteDurably(KeyPath(key.KeyId), Encoding.ASCII.GetBytes(key.Encrypt(passphrase)));

    /// <summary>Crash before the rename: the old ring. After it: the new one. Never a mix.</summary>
    internal void Write(ImmutableArray<RingEntry> entries) => WriteDurably(_ring, JsonSerializer.SerializeToUtf8Bytes(entries, Json));

    /// <summary>The nodes' shared secret; made by the first of them. It signs nothing: who reads it can make DPoP nonces.</summary>
    internal byte[] ReadOrMakeSecret()
    {
        var path = Path.Combine(directory, "nonce.secret");
        if (!File.Exists(path)) WriteDurably(path, RandomNumberGenerator.GetBytes(32));
        return File.ReadAllBytes(path);
    }

    internal void DeleteKey(string kid) => File.Delete(KeyPath(kid));

    /// <summary>One writer at a time over all nodes; waits for the other.</summary>
    internal FileStream Lock()
    {
        Directory.CreateDirectory(directory);
        for (var attempt = 0; ; attempt++)
        {
            try
            {
                return new FileStream(Path.Combine(directory, "ring.lock"), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
            }
            catch (IOException) when (attempt < 100)
            {
                Thread.Sleep(50);
            }
        }
    }

    private string KeyPath(string kid) => Path.Combine(directory, kid + ".pem");

    private void WriteDurably(string path, byte[] bytes)
    {
        using var folder = Posix.OpenDirectory(directory);
        var temporary = path + ".tmp";
        File.Delete(temporary);
        var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write };
        if (!OperatingSystem.IsWindows()) options.UnixCreateMode = UnixFileMode.UserRead;
        using (var file = new FileStream(temporary, options))
        {
            file.Write(bytes);
            file.Flush();
            Posix.Fdatasync(file.SafeFileHandle);
        }
        File.Move(temporary, path, overwrite: true);
        Posix.Fsync(folder);
    }
}
