using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;

namespace Ledger.Notes;

/// <summary>The key with which a witness cosigns (C2SP tlog-cosignature v1, Ed25519, type <c>0x04</c>).</summary>
public sealed class WitnessKey : IDisposable
{
    private readonly Lock _gate = new();
    private readonly Ed25519Key _key;

    private WitnessKey(string name, Ed25519Key key)
    {
        this._key = key;
        Verifier = VerifierKey.Witness(name, key.PublicKey.Span);
    }

    /// <summary>What others verify with; its name is the witness's.</summary>
    public VerifierKey Verifier { get; }

    /// <summary>A new key in a PKCS#8 PEM file of mode 0400; an existing file is never overwritten.</summary>
    /// <param name="name">Key name, for instance <c>witness.cndp.example/w1</c>.</param>
    /// <param name="file">Where it is kept.</param>
    public static WitnessKey Create(string name, string file)
    {
        var seed = RandomNumberGenerator.GetBytes(Ed25519Key.KeyBytes);
        try
        {
            using var stream = SecretFile.Create(file);
            stream.Write(Encoding.ASCII.GetBytes(Ed25519Key.Pem(seed)));
            return Of(name, new Ed25519Key(seed));
        }
        finally
        {
            CryptographicOperations.ZeroMemory(seed);
        }
    }

    /// <summary>Reads the PEM file.</summary>
    /// <exception cref="CryptographicException">The file holds something else.</exception>
    public static WitnessKey Load(string name, string file) => Of(name, Ed25519Key.Load(file));

    /// <summary>A key from a seed, for published vectors.</summary>
    internal static WitnessKey Of(string name, Ed25519Key key) =>
        SignedNote.IsKeyName(name)
            ? new WitnessKey(name, key)
            : throw new FormatException("A key name has no white space and no plus sign.");

    /// <summary>Cosigns a checkpoint's body. Safe for several threads.</summary>
    /// <param name="body">Origin, size and root, each with its newline.</param>
    /// <param name="at">Time stated, in whole seconds.</param>
    public NoteSignature Cosign(ReadOnlySpan<byte> body, DateTimeOffset at)
    {
        var seconds = (ulong)at.ToUnixTimeSeconds();
        var bytes = new byte[4 + 8 + Ed25519Key.SignatureBytes];
        BinaryPrimitives.WriteUInt32BigEndian(bytes, Verifier.KeyId);
        BinaryPrimitives.WriteUInt64BigEndian(bytes.AsSpan(4), seconds);
        lock (_gate)
        {
            _key.Sign(Cosignature.Message(seconds, body), bytes.AsSpan(12));
        }

        return new NoteSignature(Verifier.Name, bytes);
    }

    /// <inheritdoc/>
    public void Dispose() => _key.Dispose();
}
