using System.Buffers.Binary;
using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace Ledger.Notes;

/// <summary>Signature types of C2SP signed-note that this project reads.</summary>
public enum SignatureKind : byte
{
    /// <summary>Ed25519 over the note text.</summary>
    Ed25519 = 1,

    /// <summary>ECDSA P-256 with SHA-256 over the note text, DER.</summary>
    EcdsaP256 = 2,

    /// <summary>C2SP tlog-cosignature v1: a witness's Ed25519 over time and checkpoint.</summary>
    CosignatureV1 = 4,
}

/// <summary>
/// The public half of a note key in C2SP text form:
/// <c>anss.example/audit/2026/n1+3cc6f8cd+AddamAGCsQq31Uv+08lkBzoO4XLz2qYjJa8CGmj3B1Ea</c>, which is name, key id in hexadecimal, and
/// base64 of the type byte and the key.
/// </summary>
public sealed class VerifierKey
{
    private readonly byte[] _key;
    private readonly Ed25519Verification _ed25519;

    private VerifierKey(string name, SignatureKind kind, byte[] key, Ed25519Verification? ed25519)
    {
        (Name, Kind, this._key) = (name, kind, key);
        this._ed25519 = ed25519 ?? Ed25519Key.Verify;
        byte[] hashed = kind == SignatureKind.EcdsaP256 ? key : [.. Encoding.UTF8.GetBytes(name), (byte)'\n', (byte)kind, .. key];
        KeyId = BinaryPrimitives.ReadUInt32BigEndian(SHA256.HashData(hashed));
    }

    /// <summary>Key name; for a log its origin line.</summary>
    public string Name { get; }

    /// <summary>What it signs with.</summary>
    public SignatureKind Kind { get; }

    /// <summary>First four bytes of the key's hash, big-endian, as signature lines carry it.</summary>
    public uint KeyId { get; }

    /// <summary>An Ed25519 key under a name.</summary>
    public static VerifierKey Ed25519(string name, ReadOnlySpan<byte> publicKey) =>
        new(name, SignatureKind.Ed25519, publicKey.ToArray(), null);

    /// <summary>A P-256 key (SubjectPublicKeyInfo) under a name.</summary>
    public static VerifierKey P256(string name, ReadOnlySpan<byte> subjectPublicKeyInfo) =>
        new(name, SignatureKind.EcdsaP256, subjectPublicKeyInfo.ToArray(), null);

    /// <summary>The key of a witness under its name.</summary>
    public static VerifierKey Witness(string name, ReadOnlySpan<byte> publicKey) =>
        new(name, SignatureKind.CosignatureV1, publicKey.ToArray(), null);

    /// <summary>Whether both hold the same public key, whatever their names.</summary>
    public bool IsSameKey(VerifierKey other) => _key.AsSpan().SequenceEqual(other._key);

    /// <summary>Reads the text form.</summary>
    /// <param name="text">One line.</param>
    /// <param name="ed25519">How to check Ed25519; by default with OpenSSL.</param>
    /// <exception cref="FormatException">Not a verifier key, or of a type this project does not read.</exception>
    public static VerifierKey Parse(string text, Ed25519Verification? ed25519 = null) =>
        TryParse(text, out var key, ed25519) ? key : throw new FormatException("Not a C2SP verifier key (name+id+base64).");

    /// <summary>Reads the text form; false for anything malformed, a key id that is not the key's included.</summary>
    public static bool TryParse(string text, [NotNullWhen(true)] out VerifierKey? key, Ed25519Verification? ed25519 = null)
    {
        key = null;
        var parts = text.Split('+', 3);
        if (
            parts.Length != 3
            || !SignedNote.IsKeyName(parts[0])
            || parts[1].Length != 8
            || !uint.TryParse(parts[1], NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var id)
            || !SignedNote.TryBase64(parts[2], out var bytes)
            || bytes.Length < 2
        )
        {
            return false;
        }

        var kind = (SignatureKind)bytes[0];
        var right = kind switch
        {
            SignatureKind.Ed25519 or SignatureKind.CosignatureV1 => bytes.Length == 1 + Ed25519Key.KeyBytes,
            SignatureKind.EcdsaP256 => IsP256(bytes.AsSpan(1)),
            _ => false,
        };
        var read = right ? new VerifierKey(parts[0], kind, bytes[1..], ed25519) : null;
        key = read?.KeyId == id ? read : null;
        return key is not null;
    }

    /// <summary>Checks the bytes of a signature line, key id included, over a note's text.</summary>
    public bool VerifyLine(ReadOnlySpan<byte> text, ReadOnlySpan<byte> idAndSignature) =>
        idAndSignature.Length > 4 && BinaryPrimitives.ReadUInt32BigEndian(idAndSignature) == KeyId && Verify(text, idAndSignature[4..]);

    /// <summary>The text form.</summary>
    public override string ToString() => $"{Name}+{KeyId:x8}+{Convert.ToBase64String([(byte)Kind, .. _key])}";

    private bool Verify(ReadOnlySpan<byte> text, ReadOnlySpan<byte> signature)
    {
        switch (Kind)
        {
            case SignatureKind.Ed25519:
                return _ed25519(_key, text, signature);
            case SignatureKind.CosignatureV1:
                return signature.Length == 8 + Ed25519Key.SignatureBytes
                    && _ed25519(_key, Cosignature.Message(BinaryPrimitives.ReadUInt64BigEndian(signature), text), signature[8..]);
            default:
                using (var ecdsa = ECDsa.Create())
                {
                    ecdsa.ImportSubjectPublicKeyInfo(_key, out _);
                    return ecdsa.VerifyData(text, signature, HashAlgorithmName.SHA256, DSASignatureFormat.Rfc3279DerSequence);
                }
        }
    }

    private static bool IsP256(ReadOnlySpan<byte> key)
    {
        try
        {
            using var ecdsa = ECDsa.Create();
            ecdsa.ImportSubjectPublicKeyInfo(key, out var read);
            return read == key.Length && ecdsa.KeySize == 256;
        }
        catch (Exception e) when (e is CryptographicException or PlatformNotSupportedException)
        {
            // The second is thrown for a curve of a name that OpenSSL does not know.
            return false;
        }
    }
}
