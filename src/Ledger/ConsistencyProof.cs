using System.Numerics;

namespace Ledger;

/// <summary>Proof that a smaller tree is the beginning of a larger one (RFC 6962 §2.1.2).</summary>
public static class ConsistencyProof
{
    /// <summary>
    /// Builds the proof from <paramref name="oldSize"/> to <paramref name="size"/>. Empty when the sizes are equal or the old tree is
    /// empty.
    /// </summary>
    /// <exception cref="ArgumentOutOfRangeException">The old tree is larger than the new one.</exception>
    public static IReadOnlyList<TreeHash> Build(long oldSize, long size, SubtreeReader nodes)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(oldSize);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(oldSize, size);
        var proof = new List<TreeHash>();
        if (oldSize == 0 || oldSize == size)
        {
            return proof;
        }

        // SUBPROOF(m, D[n], b): `known` is b, true while the subtree is one that the verifier of the old root already has.
        long first = 0,
            end = size,
            old = oldSize;
        var known = true;
        while (old != end)
        {
            var middle = first + MerkleTree.Split(end - first);
            if (old <= middle)
            {
                proof.Add(MerkleTree.Range(middle, end, nodes));
                end = middle;
            }
            else
            {
                proof.Add(MerkleTree.Range(first, middle, nodes));
                first = middle;
                known = false;
            }
        }

        if (!known)
        {
            proof.Add(MerkleTree.Range(first, end, nodes));
        }

        proof.Reverse();
        return proof;
    }

    /// <summary>True when the proof leads from the old root to the new one (RFC 9162 §2.1.4.2).</summary>
    public static bool Verify(long oldSize, in TreeHash oldRoot, long size, in TreeHash root, IReadOnlyList<TreeHash> proof)
    {
        if (oldSize < 0 || oldSize > size)
        {
            return false;
        }

        if (oldSize == size || oldSize == 0)
        {
            return proof.Count == 0 && (oldSize == 0 ? oldRoot == LeafHash.EmptyRoot : oldRoot == root);
        }

        var next = 0;
        var start = oldRoot;
        if (!BitOperations.IsPow2(oldSize))
        {
            if (proof.Count == 0)
            {
                return false;
            }

            start = proof[next++];
        }

        var node = oldSize - 1;
        var last = size - 1;
        var shift = BitOperations.TrailingZeroCount(~node);
        node >>= shift;
        last >>= shift;
        return Climb(proof, next, node, last, start, out var oldReached, out var reached) && oldReached == oldRoot && reached == root;
    }

    private static bool Climb(
        IReadOnlyList<TreeHash> proof,
        int next,
        long node,
        long last,
        TreeHash start,
        out TreeHash oldReached,
        out TreeHash reached
    )
    {
        oldReached = reached = start;
        for (; next < proof.Count; next++)
        {
            if (last == 0)
            {
                return false;
            }

            var sibling = proof[next];
            if ((node & 1) == 1 || node == last)
            {
                oldReached = LeafHash.Node(sibling, oldReached);
                reached = LeafHash.Node(sibling, reached);
                while ((node & 1) == 0 && node != 0)
                {
                    node >>= 1;
                    last >>= 1;
                }
            }
            else
            {
                reached = LeafHash.Node(reached, sibling);
            }

            node >>= 1;
            last >>= 1;
        }

        return last == 0;
    }
}
