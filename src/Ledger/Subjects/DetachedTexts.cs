using System.Security.Cryptography;
using System.Text;

namespace Ledger.Subjects;

/// <summary>
/// Words that people write (reasons, justifications, notes), kept beside the log and erasable (ledger page §4.4): the file
/// <c>&lt;2 hex&gt;/&lt;64 hex&gt;</c> holds <c>salt ‖ UTF-8 text</c>, its name is its SHA-256, and the record's <c>det</c> is the same
/// digest. Deleting the file erases the text and breaks no proof.
/// </summary>
public sealed class DetachedTexts(string directory)
{
    /// <summary>Longest text in bytes of UTF-8.</summary>
    public const int MaxBytes = 16 * 1024;

    private const int SaltBytes = 16;
    private const int DigestCharacters = 43;

    /// <summary>
    /// Stores a text durably; call it <b>before</b> its record is appended. Crash before the rename: a temporary file that nobody reads.
    /// Crash after it: a text without a record, harmless.
    /// </summary>
    /// <returns>The record's <c>det</c>: 43 characters of base64url.</returns>
    /// <exception cref="ArgumentException">Empty, or longer than <see cref="MaxBytes"/>.</exception>
    /// <exception cref="DurabilityLost">It is not known to be on the disk: append nothing that refers to it.</exception>
    public string Save(string text)
    {
        var length = Encoding.UTF8.GetByteCount(text);
        if (length is 0 or > MaxBytes)
        {
            throw new ArgumentException($"A detached text has 1 to {MaxBytes} bytes, this one {length}.", nameof(text));
        }

        byte[] content = [.. RandomNumberGenerator.GetBytes(SaltBytes), .. Encoding.UTF8.GetBytes(text)];
        var digest = SHA256.HashData(content);
        var path = PathOf(digest);
        var folder = Path.GetDirectoryName(path)!;
        var isNew = !Directory.Exists(folder);
        Directory.CreateDirectory(folder);
        using var descriptor = Posix.OpenDirectory(folder);
        using (var file = File.OpenHandle(path + ".tmp", FileMode.Create, FileAccess.Write))
        {
            RandomAccess.Write(file, content, 0);
            Posix.Fdatasync(file);
        }

        File.Move(path + ".tmp", path);
        Posix.Fsync(descriptor);
        if (isNew)
        {
            using var parent = Posix.OpenDirectory(directory);
            Posix.Fsync(parent);
        }

        return System.Buffers.Text.Base64Url.EncodeToString(digest);
    }

    /// <summary>The text of a record's <c>det</c>; null when it was erased.</summary>
    /// <exception cref="LedgerDamaged">The file holds something else.</exception>
    public string? Read(string det)
    {
        if (!TryPath(det, out var path, out var digest) || !File.Exists(path))
        {
            return null;
        }

        var content = File.ReadAllBytes(path);
        return content.Length > SaltBytes && SHA256.HashData(content).AsSpan().SequenceEqual(digest)
            ? Encoding.UTF8.GetString(content.AsSpan(SaltBytes))
            : throw new LedgerDamaged("detached text", "its bytes do not have the digest that names it");
    }

    /// <summary>Erases a text for ever; false when it is not there. Seal an <c>erase</c> record that says so.</summary>
    /// <exception cref="DurabilityLost">The deletion is not known to be on the disk.</exception>
    public bool Erase(string det)
    {
        if (!TryPath(det, out var path, out _) || !File.Exists(path))
        {
            return false;
        }

        using var descriptor = Posix.OpenDirectory(Path.GetDirectoryName(path)!);
        File.Delete(path);
        Posix.Fsync(descriptor);
        return true;
    }

    private bool TryPath(string det, out string path, out byte[] digest)
    {
        digest = new byte[SHA256.HashSizeInBytes];
        path = "";
        if (
            det.Length != DigestCharacters
            || !System.Buffers.Text.Base64Url.IsValid(det)
            || !System.Buffers.Text.Base64Url.TryDecodeFromChars(det, digest, out var written)
            || written != digest.Length
        )
        {
            return false;
        }

        path = PathOf(digest);
        return true;
    }

    private string PathOf(byte[] digest)
    {
        var name = Convert.ToHexStringLower(digest);
        return Path.Combine(directory, name[..2], name);
    }
}
