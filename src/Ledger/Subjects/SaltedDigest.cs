using System.Buffers.Text;
using System.Security.Cryptography;

namespace Ledger.Subjects;

/// <summary>
/// Digest of a body that nobody can guess without the salt (ledger page §4.3): <c>base64url(SHA-256(salt ‖ body))</c>, 43 characters.
/// As an object it takes the body in pieces.
/// </summary>
public sealed class SaltedDigest : IDisposable
{
    private readonly IncrementalHash _hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);

    /// <summary>Starts with the salt of the exchange (16 bytes).</summary>
    public SaltedDigest(ReadOnlySpan<byte> salt) => _hash.AppendData(salt);

    /// <summary>The digest of a whole body.</summary>
    public static string Compute(ReadOnlySpan<byte> salt, ReadOnlySpan<byte> body)
    {
        using var digest = new SaltedDigest(salt);
        digest.Append(body);
        return digest.Finish();
    }

    /// <summary>A new random salt.</summary>
    public static byte[] NewSalt() => RandomNumberGenerator.GetBytes(ReceiptHeader.SaltBytes);

    /// <summary>The next piece of the body.</summary>
    public void Append(ReadOnlySpan<byte> piece) => _hash.AppendData(piece);

    /// <summary>The digest of what was appended. Call once.</summary>
    public string Finish()
    {
        Span<byte> value = stackalloc byte[SHA256.HashSizeInBytes];
        _hash.GetHashAndReset(value);
        return Base64Url.EncodeToString(value);
    }

    /// <inheritdoc/>
    public void Dispose() => _hash.Dispose();
}
