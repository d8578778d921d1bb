namespace Ledger;

/// <summary>
/// Proof that a leaf stands at a position of a tree: the hashes beside its way to the root, from the leaf's sibling upwards (RFC 6962
/// §2.1.1).
/// </summary>
public static class InclusionProof
{
    /// <summary>Builds the proof of leaf <paramref name="index"/> in the tree of <paramref name="size"/> leaves.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The index is not inside the tree.</exception>
    public static IReadOnlyList<TreeHash> Build(long index, long size, SubtreeReader nodes)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(index);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(index, size);
        var path = new List<TreeHash>();
        long first = 0,
            end = size;
        while (end - first > 1)
        {
            var middle = first + MerkleTree.Split(end - first);
            if (index < middle)
            {
                path.Add(MerkleTree.Range(middle, end, nodes));
                end = middle;
            }
            else
            {
                path.Add(MerkleTree.Range(first, middle, nodes));
                first = middle;
            }
        }

        path.Reverse();
        return path;
    }

    /// <summary>True when the proof leads from the leaf to the root (RFC 9162 §2.1.3.2).</summary>
    public static bool Verify(in TreeHash leaf, long index, long size, IReadOnlyList<TreeHash> path, in TreeHash root)
    {
        if (index < 0 || index >= size)
        {
            return false;
        }

        var (node, last, hash) = (index, size - 1, leaf);
        foreach (var sibling in path)
        {
            if (last == 0)
            {
                return false;
            }

            if ((node & 1) == 1 || node == last)
            {
                hash = LeafHash.Node(sibling, hash);
                while ((node & 1) == 0 && node != 0)
                {
                    node >>= 1;
                    last >>= 1;
                }
            }
            else
            {
                hash = LeafHash.Node(hash, sibling);
            }

            node >>= 1;
            last >>= 1;
        }

        return last == 0 && hash == root;
    }
}
