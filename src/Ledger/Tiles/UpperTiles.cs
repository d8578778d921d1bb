namespace Ledger.Tiles;

/// <summary>Recomputes the tiles above level 0 from the roots of the bundles, and compares each with the file.</summary>
internal sealed class UpperTiles(TileReader files)
{
    private readonly List<List<TreeHash>> _levels = [];
    private readonly List<long> _done = [];

    /// <summary>The root of the next full bundle.</summary>
    public void Add(TreeHash hash)
    {
        for (var level = 1; ; level++)
        {
            if (_levels.Count < level)
            {
                _levels.Add([]);
                _done.Add(0);
            }

            var hashes = _levels[level - 1];
            hashes.Add(hash);
            if (hashes.Count < TilePath.Width)
            {
                return;
            }

            Compare(level);
            hash = MerkleTree.Root(hashes.ToArray());
            hashes.Clear();
            _done[level - 1]++;
        }
    }

    /// <summary>Compares the tiles that are not full.</summary>
    public void CheckPartials()
    {
        for (var level = 1; level <= _levels.Count; level++)
        {
            if (_levels[level - 1].Count > 0)
            {
                Compare(level);
            }
        }
    }

    /// <summary>Complete subtrees as recomputed: only those of the right edge are still at hand, and only those are asked for.</summary>
    public TreeHash Subtree(int level, long index)
    {
        var hashes = _levels[level / 8 - 1];
        var first = (index << level % 8) - _done[level / 8 - 1] * TilePath.Width;
        return MerkleTree.Root(hashes.GetRange((int)first, 1 << level % 8).ToArray());
    }

    private void Compare(int level)
    {
        var hashes = _levels[level - 1];
        var stored = files.Tile(level, _done[level - 1], hashes.Count);
        for (var i = 0; i < hashes.Count; i++)
        {
            if (stored[i] != hashes[i])
            {
                throw new LedgerDamaged(TilePath.Of(level, _done[level - 1]), $"hash {i} is not that of the records below it")
                {
                    Kind = DamageKind.HashDiffers,
                };
            }
        }
    }
}
