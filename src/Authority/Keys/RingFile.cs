using System.Collections.Immutable;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;
using Ledger;

namespace Authority.Keys;

/// <summary>One key in <c>ring.json</c>. States follow from the times alone, so that all nodes agree without talking.</summary>
/// <param name="Kid">Key id; the key stands in <c>kid.pem</c>.</param>
/// <param name="Announced">Published from then on.</param>
/// <param name="SignsFrom">Signs from then on, until a younger one does.</param>
public sealed record RingEntry(string Kid, DateTimeOffset Announced, DateTimeOffset SignsFrom)
{
    /// <summary>Taken out as compromised then; its file is gone, the entry stays for the nodes to see. Null for sound keys.</summary>
    public DateTimeOffset? Compromised { get; init; }

    /// <summary>Who ordered the last change by command, ids of operators; null when the schedule did.</summary>
    public string? By { get; init; }
}

/// <summary>The ring's folder: <c>ring.json</c> and one encrypted PKCS#8 file per key, mode 0400. Shared by all nodes.</summary>
/// <param name="directory">The folder.</param>
/// <param name="passphrase">The deployment's secret.</param>
internal sealed class RingFile(string directory, string passphrase)
{
    /// <summary>Pattern of the keys' files.</summary>
    internal const string KeyPattern = "*.pem";

    /// <summary>Name of the file of the nodes' shared secret.</summary>
    internal const string SecretName = "nonce.secret";

    private static readonly JsonSerializerOptions Json = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.CamelCase,
        AllowDuplicateProperties = false,
        WriteIndented = true,
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    };
    private readonly string _ring = Path.Combine(directory, "ring.json");

    /// <summary>The same folder under another passphrase.</summary>
    internal RingFile With(string other) => new(directory, other);

    internal bool Exists => File.Exists(_ring);

    /// <summary>
    /// The bytes of <c>ring.json</c>: compared to see what other nodes changed, for two changes can fall into one tick of a file's time.
    /// </summary>
    internal byte[] ReadBytes() => File.ReadAllBytes(_ring);

    internal static ImmutableArray<RingEntry> Parse(ReadOnlySpan<byte> ring)
    {
        var entries = JsonSerializer.Deserialize<ImmutableArray<RingEntry>>(ring, Json);
        if (entries.DistinctBy(static entry => entry.Kid, StringComparer.Ordinal).Count() != entries.Length)
            throw new InvalidOperationException("the key ring names one key twice");
        return entries;
    }

    internal SigningKey ReadKey(string kid)
    {
        var key = SigningKey.Decrypt(SecretFile.ReadText(KeyPath(kid)), passphrase);
        return key.KeyId == kid ? key : throw new InvalidOperationException("a key file of the ring holds another key than its name says");
    }

    internal void WriteKey(SigningKey key) => WriteDurably(KeyPath(key.KeyId), Encoding.ASCII.GetBytes(key.Encrypt(passphrase)));

    /// <summary>Crash before the rename: the old ring. After it: the new one. Never a mix.</summary>
    internal void Write(ImmutableArray<RingEntry> entries) => WriteDurably(_ring, JsonSerializer.SerializeToUtf8Bytes(entries, Json));

    /// <summary>The nodes' shared secret; made by the first of them. It signs nothing: who reads it can make DPoP nonces.</summary>
    internal byte[] ReadOrMakeSecret()
    {
        var path = Path.Combine(directory, SecretName);
        if (!File.Exists(path))
            WriteDurably(path, RandomNumberGenerator.GetBytes(32));
        return SecretFile.ReadBytes(path);
    }

    /// <summary>Deletes keys that the ring no longer names, and what a crash left between a key's file and the ring.</summary>
    internal void DeleteOthers(ImmutableArray<RingEntry> entries)
    {
        foreach (var path in Directory.EnumerateFiles(directory, KeyPattern + "*"))
            if (!entries.Any(entry => entry.Compromised is null && path == KeyPath(entry.Kid)))
                File.Delete(path);
    }

    /// <summary>One writer at a time over all nodes; waits for the other.</summary>
    internal FileStream Lock()
    {
        MakeFolder();
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

    private void MakeFolder()
    {
        if (OperatingSystem.IsWindows())
            Directory.CreateDirectory(directory);
        else
            Directory.CreateDirectory(directory, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
    }

    private string KeyPath(string kid) => Path.Combine(directory, kid + ".pem");

    private void WriteDurably(string path, byte[] bytes)
    {
        using var folder = Posix.OpenDirectory(directory);
        var temporary = path + ".tmp";
        File.Delete(temporary);
        var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write };
        if (!OperatingSystem.IsWindows())
            options.UnixCreateMode = UnixFileMode.UserRead;
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
