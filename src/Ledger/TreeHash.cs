using System.Diagnostics.CodeAnalysis;
using System.Runtime.InteropServices;

namespace Ledger;

/// <summary>
/// One SHA-256 value: a leaf, a node or a root of the RFC 6962 tree. A value type, so that a million of them cost no object.
/// </summary>
[StructLayout(LayoutKind.Sequential)]
public readonly struct TreeHash : IEquatable<TreeHash>
{
    /// <summary>Bytes in a hash.</summary>
    public const int Length = 32;

    private readonly ulong _first,
        _second,
        _third,
        _fourth;

    /// <summary>Copies 32 bytes.</summary>
    /// <exception cref="ArgumentException">The span is not 32 bytes long.</exception>
    public TreeHash(ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length != Length)
        {
            throw new ArgumentException("A tree hash has 32 bytes.", nameof(bytes));
        }

        this = MemoryMarshal.Read<TreeHash>(bytes);
    }

    /// <summary>The bytes, without a copy.</summary>
    [UnscopedRef]
    public ReadOnlySpan<byte> AsSpan() => MemoryMarshal.AsBytes(new ReadOnlySpan<TreeHash>(in this));

    /// <summary>Copies the bytes to <paramref name="destination"/>, which must have room for 32.</summary>
    public void CopyTo(Span<byte> destination) => AsSpan().CopyTo(destination);

    /// <summary>A copy of the bytes.</summary>
    public byte[] ToArray() => AsSpan().ToArray();

    /// <summary>Standard base64, as in checkpoints and proofs.</summary>
    public string ToBase64() => Convert.ToBase64String(AsSpan());

    /// <summary>Reads what <see cref="ToBase64"/> writes; false for anything else, other lengths and spellings included.</summary>
    public static bool TryFromBase64(ReadOnlySpan<char> text, out TreeHash hash)
    {
        Span<byte> bytes = stackalloc byte[Length];
        if (text.Length == 44 && Convert.TryFromBase64Chars(text, bytes, out var written) && written == Length)
        {
            hash = new TreeHash(bytes);
            return text.SequenceEqual(hash.ToBase64());
        }

        hash = default;
        return false;
    }

    /// <summary>Lower-case hexadecimal.</summary>
    public override string ToString() => Convert.ToHexStringLower(AsSpan());

    /// <inheritdoc/>
    public bool Equals(TreeHash other) => AsSpan().SequenceEqual(other.AsSpan());

    /// <inheritdoc/>
    public override bool Equals(object? obj) => obj is TreeHash other && Equals(other);

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(_first, _second, _third, _fourth);

    /// <summary>Same bytes.</summary>
    public static bool operator ==(TreeHash left, TreeHash right) => left.Equals(right);

    /// <summary>Other bytes.</summary>
    public static bool operator !=(TreeHash left, TreeHash right) => !left.Equals(right);
}
