using System.Runtime.InteropServices;
using System.Security.Cryptography;

namespace Ledger;

/// <summary>
/// The two hashes of RFC 6962 §2.1: <c>SHA-256(0x00 ‖ entry)</c> for leaves, <c>SHA-256(0x01 ‖ left ‖ right)</c> for nodes.
/// </summary>
public static class LeafHash
{
    /// <summary>Root of the empty tree: SHA-256 of nothing.</summary>
    public static TreeHash EmptyRoot { get; } = new(SHA256.HashData([]));

    /// <summary>Leaf hash of an entry of any length.</summary>
    public static TreeHash Of(ReadOnlySpan<byte> entry) => Sha256.Of(0, entry);

    /// <summary>Node hash of two children.</summary>
    public static TreeHash Node(in TreeHash left, in TreeHash right)
    {
        ReadOnlySpan<TreeHash> children = [left, right];
        return Sha256.Of(1, MemoryMarshal.AsBytes(children));
    }
}
