using System.Numerics;

namespace Ledger;

/// <summary>
/// The growing edge of the tree: one hash for every set bit of the size. All that is needed to add leaves and to compute the root,
/// at most 63 hashes however long the log. Not safe for several threads.
/// </summary>
public sealed class RightEdge
{
    private readonly TreeHash[] _nodes = new TreeHash[63];

    /// <summary>Leaves in the tree.</summary>
    public long Size { get; private set; }

    /// <summary>
    /// The edge of a tree of <paramref name="size"/> leaves, its complete subtrees read through <paramref name="nodes"/>.
    /// </summary>
    public static RightEdge At(long size, SubtreeReader nodes)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(size);
        var edge = new RightEdge { Size = size };
        for (var level = 0; level < 63; level++)
        {
            if ((size >> level & 1) == 1)
            {
                edge._nodes[level] = nodes(level, (size >> level) - 1);
            }
        }

        return edge;
    }

    /// <summary>An independent copy.</summary>
    public RightEdge Clone()
    {
        var copy = new RightEdge();
        copy.CopyFrom(this);
        return copy;
    }

    /// <summary>Takes over the state of another edge.</summary>
    public void CopyFrom(RightEdge other)
    {
        other._nodes.CopyTo(_nodes, 0);
        Size = other.Size;
    }

    /// <summary>Adds one leaf.</summary>
    public void Push(in TreeHash leaf)
    {
        var full = BitOperations.TrailingZeroCount(~Size);
        var hash = leaf;
        for (var level = 0; level < full; level++)
        {
            hash = LeafHash.Node(_nodes[level], hash);
        }

        _nodes[full] = hash;
        Size++;
    }

    /// <summary>
    /// Root of the complete subtree of 2^<paramref name="levels"/> leaves that <paramref name="leaf"/> ends, were it added next.
    /// </summary>
    internal TreeHash Ending(int levels, in TreeHash leaf)
    {
        var hash = leaf;
        for (var level = 0; level < levels; level++)
        {
            hash = LeafHash.Node(_nodes[level], hash);
        }

        return hash;
    }

    /// <summary>The root at the present size.</summary>
    public TreeHash Root()
    {
        if (Size == 0)
        {
            return LeafHash.EmptyRoot;
        }

        var level = BitOperations.TrailingZeroCount(Size);
        var root = _nodes[level];
        for (level++; level < 63; level++)
        {
            if ((Size >> level & 1) == 1)
            {
                root = LeafHash.Node(_nodes[level], root);
            }
        }

        return root;
    }
}
