using System.Numerics;

namespace Ledger;

/// <summary>
/// Gives the root of the complete subtree of 2^<paramref name="level"/> leaves that starts at leaf <c>index · 2^level</c>.
/// </summary>
/// <param name="level">0 for leaves.</param>
/// <param name="index">Position among the subtrees of that level.</param>
public delegate TreeHash SubtreeReader(int level, long index);

/// <summary>The tree of RFC 6962 §2.1 as a function of its complete subtrees, wherever they are stored.</summary>
public static class MerkleTree
{
    /// <summary>Root of the tree of the first <paramref name="size"/> leaves.</summary>
    public static TreeHash Root(long size, SubtreeReader nodes) => size == 0 ? LeafHash.EmptyRoot : Range(0, size, nodes);

    /// <summary>Root over a list of leaf hashes held in memory.</summary>
    public static TreeHash Root(ReadOnlySpan<TreeHash> leaves)
    {
        var edge = new RightEdge();
        foreach (ref readonly var leaf in leaves)
        {
            edge.Push(leaf);
        }

        return edge.Root();
    }

    /// <summary>A reader over leaf hashes held in memory.</summary>
    public static SubtreeReader Over(IReadOnlyList<TreeHash> leaves) =>
        (level, index) =>
        {
            var edge = new RightEdge();
            var first = index << level;
            for (var i = first; i < first + (1L << level); i++)
            {
                edge.Push(leaves[checked((int)i)]);
            }

            return edge.Root();
        };

    /// <summary>
    /// Hash of the leaves from <paramref name="first"/> up to and without <paramref name="end"/>, as the tree nests them.
    /// </summary>
    internal static TreeHash Range(long first, long end, SubtreeReader nodes)
    {
        var count = end - first;
        if (BitOperations.IsPow2(count))
        {
            var level = BitOperations.Log2((ulong)count);
            return nodes(level, first >> level);
        }

        var left = Split(count);
        return LeafHash.Node(Range(first, first + left, nodes), Range(first + left, end, nodes));
    }

    /// <summary>The largest power of two smaller than <paramref name="count"/> (RFC 6962 §2.1: k).</summary>
    internal static long Split(long count) => 1L << BitOperations.Log2((ulong)(count - 1));
}
