using System.Security.Cryptography;
using Ledger.Notes;

namespace Ledger;

/// <summary>
/// The two signing keys of a log: Ed25519 for every checkpoint, P-256 for published ones (ledger page §2). Keys are per log and are
/// never moved to another origin (§10, N6).
/// </summary>
public sealed class LogKey : IDisposable
{
    private readonly Ed25519Key _ed25519;
    private readonly ECDsa _p256;
    private readonly byte[]? _seed;

    private LogKey(Ed25519Key ed25519, ECDsa p256, byte[]? seed) => (this._ed25519, this._p256, this._seed) = (ed25519, p256, seed);

    /// <summary>New keys, which <see cref="Save"/> can store.</summary>
    public static LogKey Create()
    {
        var random = RandomNumberGenerator.GetBytes(Ed25519Key.KeyBytes);
        return new LogKey(new Ed25519Key(random), ECDsa.Create(ECCurve.NamedCurves.nistP256), random);
    }

    /// <summary>Where the P-256 key stands unless another file is named.</summary>
    public static string SecondFile(string ed25519File) => ed25519File + ".p256";

    /// <summary>Keys from a known seed and a P-256 key: for published test vectors, never for a real log.</summary>
    internal static LogKey Of(ReadOnlySpan<byte> seed, ECDsa p256) => new(new Ed25519Key(seed), p256, null);

    /// <summary>Reads both PKCS#8 PEM files.</summary>
    /// <param name="ed25519File">The Ed25519 seed.</param>
    /// <param name="p256File">The P-256 key; by default the first name with <c>.p256</c> behind it.</param>
    /// <exception cref="CryptographicException">A file holds something else.</exception>
    public static LogKey Load(string ed25519File, string? p256File = null)
    {
        var second = ECDsa.Create();
        second.ImportFromPem(SecretFile.ReadText(p256File ?? SecondFile(ed25519File)));
        if (second.KeySize != 256)
        {
            throw new CryptographicException("The second log key is not on P-256.");
        }

        return new LogKey(Ed25519Key.Load(ed25519File), second, null);
    }

    /// <summary>Writes both files with mode 0400 and forgets the seed. Existing files are never overwritten.</summary>
    /// <exception cref="InvalidOperationException">The keys were loaded, or saved before.</exception>
    public void Save(string ed25519File, string? p256File = null)
    {
        if (_seed is null || !_seed.AsSpan().ContainsAnyExcept((byte)0))
        {
            throw new InvalidOperationException("Only keys just created can be saved.");
        }

        WriteOnce(ed25519File, Ed25519Key.Pem(_seed));
        WriteOnce(p256File ?? SecondFile(ed25519File), _p256.ExportPkcs8PrivateKeyPem() + "\n");
        CryptographicOperations.ZeroMemory(_seed);
    }

    /// <summary>Text for the policy file and for verifiers: the Ed25519 key under the log's origin.</summary>
    public VerifierKey Verifier(string origin) => VerifierKey.Ed25519(origin, _ed25519.PublicKey.Span);

    /// <summary>The P-256 key under the log's origin, for verifiers limited to FIPS algorithms.</summary>
    public VerifierKey P256Verifier(string origin) => VerifierKey.P256(origin, _p256.ExportSubjectPublicKeyInfo());

    /// <summary>Ed25519 over a checkpoint body.</summary>
    internal void Sign(ReadOnlySpan<byte> body, Span<byte> signature) => _ed25519.Sign(body, signature);

    /// <summary>P-256 over a checkpoint body: SHA-256, DER.</summary>
    internal byte[] SignP256(ReadOnlySpan<byte> body) =>
        _p256.SignData(body, HashAlgorithmName.SHA256, DSASignatureFormat.Rfc3279DerSequence);

    /// <inheritdoc/>
    public void Dispose()
    {
        CryptographicOperations.ZeroMemory(_seed);
        _ed25519.Dispose();
        _p256.Dispose();
    }

    private static void WriteOnce(string file, string text)
    {
        using var writer = new StreamWriter(SecretFile.Create(file));
        writer.Write(text);
    }
}
