using System.Runtime.InteropServices;

namespace Ledger.Tiles;

/// <summary>
/// Turns full and partial bundles into files. Holds, per level, the hashes of the tile that is not full yet; level 0 starts empty at
/// each bundle, so its size is always a multiple of 256.
/// </summary>
internal sealed class TileStack
{
    private readonly TileFiles _files;
    private readonly bool _compares;
    private readonly List<List<TreeHash>> _levels = [];
    private long _bundles;

    /// <param name="logDirectory">The log.</param>
    /// <param name="size">A multiple of 256 up to which tiles are known to be on disk: the partial tiles above are rebuilt from
    /// them.</param>
    /// <param name="compares">Nothing is written: what is there is compared.</param>
    public TileStack(string logDirectory, long size, bool compares = false)
    {
        this._compares = compares;
        _files = new TileFiles(logDirectory);
        _bundles = size / TilePath.Width;
        var reader = new TileReader(logDirectory);
        var level = 1;
        for (var count = _bundles; count > 0; count /= TilePath.Width, level++)
        {
            for (var i = count - count % TilePath.Width; i < count; i++)
            {
                Level(level).Add(MerkleTree.Root(reader.Tile(level - 1, i, TilePath.Width)));
            }
        }
    }

    /// <summary>Number of the next bundle.</summary>
    public long Next => _bundles;

    /// <summary>
    /// Writes a full bundle, its tile, and whatever tiles above become full with it. The leaves are computed again from the bundle's
    /// bytes and compared: what is published is what was hashed.
    /// </summary>
    public void AddFull(EntryBundle bundle)
    {
        if (bundle.Index != _bundles)
        {
            throw new LedgerDamaged(TilePath.OfEntries(bundle.Index), "bundles out of order");
        }

        bundle.Check();
        _files.Write(TilePath.OfEntries(bundle.Index), bundle.Bytes);
        _files.DropPartials(TilePath.OfEntries(bundle.Index));
        WriteFull(0, bundle.Index, bundle.Leaves);
        Rise(MerkleTree.Root(bundle.Leaves));
    }

    /// <summary>
    /// Compares full bundles and their tiles with what is there under their names, on all cores, then the tiles above that become full.
    /// </summary>
    /// <exception cref="LedgerDamaged">One has other bytes, and not only missing ones; the lowest place is named.</exception>
    public void Compare(IReadOnlyList<JournalBundle> many)
    {
        var damage = new LedgerDamaged?[many.Count];
        Parallel.For(0, many.Count, i => damage[i] = Refused(many[i]));
        if (damage.FirstOrDefault(static found => found is not null) is { } lowest)
        {
            throw lowest;
        }

        foreach (var bundle in many)
        {
            Rise(bundle.Root);
        }
    }

    private LedgerDamaged? Refused(in JournalBundle bundle)
    {
        Span<TreeHash> leaves = stackalloc TreeHash[TilePath.Width];
        return _files.Refused(TilePath.OfEntries(bundle.Index), bundle)
            ?? _files.Refused(TilePath.Of(0, bundle.Index), Bytes(leaves[..bundle.CopyLeaves(leaves)]));
    }

    /// <summary>Takes the root of the next bundle into the tiles above, and writes those that become full with it.</summary>
    private void Rise(TreeHash hash)
    {
        _bundles++;
        for (var level = 1; ; level++)
        {
            var hashes = Level(level);
            hashes.Add(hash);
            if (hashes.Count < TilePath.Width)
            {
                return;
            }

            var tile = CollectionsMarshal.AsSpan(hashes);
            WriteFull(level, (_bundles >> 8 * level) - 1, tile);
            hash = MerkleTree.Root(tile);
            hashes.Clear();
        }
    }

    /// <summary>Writes the partial forms for the present size: what a reader of the next checkpoint needs.</summary>
    public void WritePartials(EntryBundle partial)
    {
        if (partial.Count > 0)
        {
            partial.Check();
            _files.Write(TilePath.OfEntries(_bundles, partial.Count), partial.Bytes);
            _files.Write(TilePath.Of(0, _bundles, partial.Count), Bytes(partial.Leaves.AsSpan(0, partial.Count)));
        }

        var index = _bundles;
        for (var level = 1; level <= _levels.Count; level++)
        {
            index /= TilePath.Width;
            if (Level(level) is { Count: > 0 } hashes)
            {
                _files.Write(TilePath.Of(level, index, hashes.Count), Bytes(CollectionsMarshal.AsSpan(hashes)));
            }
        }
    }

    private static ReadOnlySpan<byte> Bytes(ReadOnlySpan<TreeHash> hashes) => MemoryMarshal.AsBytes(hashes);

    private void WriteFull(int level, long index, ReadOnlySpan<TreeHash> hashes)
    {
        if (_compares)
        {
            if (_files.Refused(TilePath.Of(level, index), Bytes(hashes)) is { } damage)
            {
                throw damage;
            }

            return;
        }

        _files.Write(TilePath.Of(level, index), Bytes(hashes));
        _files.DropPartials(TilePath.Of(level, index));
    }

    private List<TreeHash> Level(int level)
    {
        while (_levels.Count < level)
        {
            _levels.Add([]);
        }

        return _levels[level - 1];
    }
}
