using System.Buffers;
using System.Runtime.CompilerServices;
using System.Security.Cryptography;

namespace Ledger;

/// <summary>The two hashes of RFC 6962 §2.1: <c>SHA-256(0x00 ‖ entry)</c> for leaves, <c>SHA-256(0x01 ‖ left ‖ right)</c> for nodes.</summary>
public static class LeafHash
{
    private const int OnStack = 1 + SealedRecord.MaxBytes;

    /// <summary>Root of the empty tree: SHA-256 of nothing.</summary>
    public static TreeHash EmptyRoot { get; } = new(SHA256.HashData([]));

    /// <summary>Leaf hash of an entry of any length.</summary>
    [SkipLocalsInit]
    public static TreeHash Of(ReadOnlySpan<byte> entry)
    {
        byte[]? rented = null;
        Span<byte> buffer = entry.Length < OnStack ? stackalloc byte[OnStack] : rented = ArrayPool<byte>.Shared.Rent(entry.Length + 1);
        buffer[0] = 0;
        entry.CopyTo(buffer[1..]);
        var hash = OfPrefixed(buffer[..(entry.Length + 1)]);
        if (rented is not null)
        {
            ArrayPool<byte>.Shared.Return(rented);
        }

        return hash;
    }

    /// <summary>Leaf hash of an entry that already stands behind a zero byte, as every payload in a journal frame does.</summary>
    internal static TreeHash OfPrefixed(ReadOnlySpan<byte> zeroThenEntry)
    {
        Span<byte> hash = stackalloc byte[TreeHash.Length];
        SHA256.HashData(zeroThenEntry, hash);
        return new TreeHash(hash);
    }

    /// <summary>Node hash of two children.</summary>
    public static TreeHash Node(in TreeHash left, in TreeHash right)
    {
        Span<byte> buffer = stackalloc byte[1 + 2 * TreeHash.Length];
        buffer[0] = 1;
        left.CopyTo(buffer[1..]);
        right.CopyTo(buffer[(1 + TreeHash.Length)..]);
        Span<byte> hash = stackalloc byte[TreeHash.Length];
        SHA256.HashData(buffer, hash);
        return new TreeHash(hash);
    }
}
