using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;

namespace Tokens.Replay;

/// <summary>What a single-use id belongs to.</summary>
public enum ReplayKind
{
    /// <summary>A client assertion; its owner is the client id, so the same <c>jti</c> from another client is no replay.</summary>
    Assertion,

    /// <summary>A DPoP proof; its owner is the thumbprint of its key.</summary>
    Proof,
}

/// <summary>First 16 bytes of SHA-256(kind ‖ 0 ‖ owner ‖ 0 ‖ jti): what the guard remembers instead of the id itself.</summary>
public readonly record struct ReplayKey
{
    private readonly UInt128 _handle;

    private ReplayKey(UInt128 handle, long owner) => (_handle, Owner) = (handle, owner);

    /// <summary>
    /// First 8 bytes of SHA-256(kind ‖ 0 ‖ owner): for whom the id counts. A hash that nobody can steer, so nobody uses up another's share.
    /// </summary>
    internal long Owner { get; }

    /// <summary>The key of one id.</summary>
    /// <param name="kind">Kind.</param>
    /// <param name="owner">Client id or key thumbprint; without a NUL, which the callers' formats exclude.</param>
    /// <param name="id">The <c>jti</c>.</param>
    public static ReplayKey Of(ReplayKind kind, string owner, string id)
    {
        var prefix = kind == ReplayKind.Assertion ? "assertion\0"u8 : "proof\0"u8;
        var most = prefix.Length + Encoding.UTF8.GetMaxByteCount(owner.Length) + 1 + Encoding.UTF8.GetMaxByteCount(id.Length);
        var text = most <= 1024 ? stackalloc byte[most] : new byte[most];
        prefix.CopyTo(text);
        var whose = prefix.Length + Encoding.UTF8.GetBytes(owner, text[prefix.Length..]);
        text[whose] = 0;
        var length = whose + 1 + Encoding.UTF8.GetBytes(id, text[(whose + 1)..]);
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(text[..length], hash);
        var handle = BinaryPrimitives.ReadUInt128BigEndian(hash);
        SHA256.HashData(text[..whose], hash);
        return new(handle, BinaryPrimitives.ReadInt64BigEndian(hash));
    }

    /// <inheritdoc />
    public bool Equals(ReplayKey other) => _handle == other._handle;

    /// <inheritdoc />
    public override int GetHashCode() => _handle.GetHashCode();

    internal byte[] ToBytes()
    {
        var bytes = new byte[16];
        BinaryPrimitives.WriteUInt128BigEndian(bytes, _handle);
        return bytes;
    }
}
