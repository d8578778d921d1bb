using System.Security.Cryptography;
using System.Text;

namespace Gateway.Authorization;

/// <summary>
/// Digests of what could be guessed, a request's body above all: HMAC-SHA-256 under a key that all nodes hold and no store does. A plain
/// hash beside a dump would be answered by a dictionary of persons. Thread-safe.
/// </summary>
/// <remarks>
/// The key is derived from <c>dossier.key</c>, so a node needs no further secret; no other use of that key can give the same bytes.
/// </remarks>
internal sealed class KeyedDigest
{
    private readonly byte[] _key;

    /// <summary>Digests under the key that this gateway's nodes share.</summary>
    public KeyedDigest(SectorKeys keys) =>
        _key = HKDF.DeriveKey(
            HashAlgorithmName.SHA256,
            keys.DossierKey,
            HMACSHA256.HashSizeInBytes,
            info: "gateway keyed digest 1"u8.ToArray()
        );

    /// <summary>The digest of some bytes; 32 bytes.</summary>
    /// <param name="use">What it is for: the same content gives other digests for other uses, so two stores cannot be joined.</param>
    /// <param name="content">What is digested.</param>
    public byte[] Of(string use, ReadOnlySpan<byte> content) =>
        HMACSHA256.HashData(HMACSHA256.HashData(_key, Encoding.UTF8.GetBytes(use)), content);

    /// <summary>The digest of several names together; where one ends and the next begins counts.</summary>
    /// <param name="use">What it is for.</param>
    /// <param name="names">The names, none of which holds a line feed.</param>
    public byte[] Of(string use, params ReadOnlySpan<string> names) => Of(use, Encoding.UTF8.GetBytes(string.Join('\n', names)));
}
