using System.Security.Cryptography;

namespace Ledger.Notes;

/// <summary>How an Ed25519 signature is checked: true when <paramref name="signature"/> (64 bytes) is the key's over the message.</summary>
public delegate bool Ed25519Verification(ReadOnlySpan<byte> publicKey, ReadOnlySpan<byte> message, ReadOnlySpan<byte> signature);

/// <summary>An Ed25519 signing key (RFC 8032), held and used by OpenSSL; any thread may sign.</summary>
public sealed class Ed25519Key : IDisposable
{
    /// <summary>Bytes of a signature.</summary>
    public const int SignatureBytes = 64;

    /// <summary>Bytes of a seed and of a public key.</summary>
    public const int KeyBytes = 32;

    // Ed25519 has one PKCS#8 form (RFC 8410 §7): this prefix, then the seed.
    private static ReadOnlySpan<byte> Pkcs8Prefix =>
        [0x30, 0x2e, 0x02, 0x01, 0x00, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x04, 0x22, 0x04, 0x20];

    private readonly Libcrypto.KeyHandle _key;
    private readonly Libcrypto.ContextHandle _context = Libcrypto.EVP_MD_CTX_new();
    private readonly byte[] _publicKey = new byte[KeyBytes];

    // OpenSSL's context is used again for every signature and is not for two threads: without the gate they would free each other's memory.
    private readonly Lock _gate = new();

    /// <summary>Takes a 32-byte seed.</summary>
    public Ed25519Key(ReadOnlySpan<byte> seed)
    {
        if (seed.Length != KeyBytes)
        {
            throw new ArgumentException("An Ed25519 seed has 32 bytes.", nameof(seed));
        }

        _key = Libcrypto.EVP_PKEY_new_raw_private_key(Libcrypto.Ed25519, 0, seed, KeyBytes);
        nuint length = KeyBytes;
        if (_key.IsInvalid || Libcrypto.EVP_PKEY_get_raw_public_key(_key, _publicKey, ref length) != 1)
        {
            throw new CryptographicException("OpenSSL refused the Ed25519 seed.");
        }
    }

    /// <summary>The 32 bytes that verify.</summary>
    public ReadOnlyMemory<byte> PublicKey => _publicKey;

    /// <summary>Whether OpenSSL 3 is on this machine; without it neither signing nor <see cref="Verify"/> works.</summary>
    public static bool IsSupported => Libcrypto.IsPresent;

    /// <summary>Writes the 64 bytes of the signature over <paramref name="message"/>.</summary>
    public void Sign(ReadOnlySpan<byte> message, Span<byte> signature)
    {
        nuint length = SignatureBytes;
        lock (_gate)
        {
            if (
                Libcrypto.EVP_DigestSignInit(_context, 0, 0, 0, _key) != 1
                || Libcrypto.EVP_DigestSign(_context, signature[..SignatureBytes], ref length, message, (nuint)message.Length) != 1
                || length != SignatureBytes
            )
            {
                throw new CryptographicException("OpenSSL could not sign.");
            }
        }
    }

    /// <summary>Checks a signature with OpenSSL.</summary>
    public static bool Verify(ReadOnlySpan<byte> publicKey, ReadOnlySpan<byte> message, ReadOnlySpan<byte> signature)
    {
        if (publicKey.Length != KeyBytes || signature.Length != SignatureBytes)
        {
            return false;
        }

        using var verifying = Libcrypto.EVP_PKEY_new_raw_public_key(Libcrypto.Ed25519, 0, publicKey, KeyBytes);
        using var digest = Libcrypto.EVP_MD_CTX_new();
        return !verifying.IsInvalid
            && Libcrypto.EVP_DigestVerifyInit(digest, 0, 0, 0, verifying) == 1
            && Libcrypto.EVP_DigestVerify(digest, signature, SignatureBytes, message, (nuint)message.Length) == 1;
    }

    /// <summary>Reads a PKCS#8 PEM file that holds a seed. The bytes read are cleared.</summary>
    /// <exception cref="CryptographicException">The file holds something else.</exception>
    public static Ed25519Key Load(string file)
    {
        var text = SecretFile.ReadText(file);
        if (!PemEncoding.TryFind(text, out var fields) || text[fields.Label] != "PRIVATE KEY")
        {
            throw new CryptographicException("The log key file is not a PEM private key.");
        }

        var bytes = Convert.FromBase64String(text[fields.Base64Data]);
        try
        {
            return bytes.AsSpan().StartsWith(Pkcs8Prefix) && bytes.Length == Pkcs8Prefix.Length + KeyBytes
                ? new Ed25519Key(bytes.AsSpan(Pkcs8Prefix.Length))
                : throw new CryptographicException("The log key file does not hold an Ed25519 seed.");
        }
        finally
        {
            CryptographicOperations.ZeroMemory(bytes);
        }
    }

    /// <summary>The PKCS#8 PEM text of a seed.</summary>
    internal static string Pem(ReadOnlySpan<byte> seed) => PemEncoding.WriteString("PRIVATE KEY", [.. Pkcs8Prefix, .. seed]) + "\n";

    /// <inheritdoc/>
    public void Dispose()
    {
        _context.Dispose();
        _key.Dispose();
    }
}
