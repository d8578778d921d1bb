using System.Runtime.InteropServices;

namespace Ledger.Tiles;

/// <summary>Reads complete subtrees from the tiles of a log. Keeps the last few tiles in memory. Not safe for several threads.</summary>
public sealed class TileReader
{
    private const int Kept = 64;
    private readonly ILogSource _files;
    private readonly long? _durable;
    private readonly Dictionary<(int Level, long Index), TreeHash[]> _cache = [];

    /// <param name="logDirectory">The folder that holds <c>tile/</c>.</param>
    public TileReader(string logDirectory)
        : this(new TileFiles(logDirectory)) { }

    internal TileReader(ILogSource files) => this._files = files;

    /// <summary>
    /// For recovery: only tiles that were synced as full ones are believed, all others are computed again from those below them.
    /// </summary>
    /// <param name="logDirectory">The folder that holds <c>tile/</c>.</param>
    /// <param name="durable">Size up to which tiles are on disk for certain.</param>
    internal TileReader(string logDirectory, long durable)
        : this(new TileFiles(logDirectory)) => this._durable = durable;

    /// <summary>Root of the complete subtree; the <see cref="SubtreeReader"/> of this log.</summary>
    /// <exception cref="LedgerDamaged">The tile that holds it is missing or has a wrong length.</exception>
    public TreeHash Subtree(int level, long index)
    {
        var below = level % 8;
        var first = index << below;
        var offset = (int)(first % TilePath.Width);
        var needed = offset + (1 << below);
        var hashes = Tile(level / 8, first / TilePath.Width, needed);
        return MerkleTree.Root(hashes.AsSpan(offset, 1 << below));
    }

    /// <summary>The hashes of a tile, at least <paramref name="width"/> of them.</summary>
    /// <exception cref="LedgerDamaged">The tile is missing or has a wrong length.</exception>
    internal TreeHash[] Tile(int level, long index, int width)
    {
        if (_cache.TryGetValue((level, index), out var known) && known.Length >= width)
        {
            return known;
        }

        if (level > 0 && _durable < index + 1 << 8 * (level + 1))
        {
            // After a power loss a tile that was renamed and not synced may hold anything, and its partial forms are gone.
            return Keep(
                level,
                index,
                [.. Enumerable.Range(0, width).Select(i => MerkleTree.Root(Tile(level - 1, index * TilePath.Width + i, TilePath.Width)))]
            );
        }

        byte[] bytes = [];
        Read(_files, level, index, width, ref bytes, out var length);
        var hashes = MemoryMarshal.Cast<byte, TreeHash>(bytes.AsSpan(0, length)).ToArray();
        return Keep(level, index, hashes);
    }

    /// <summary>Reads the bytes of a tile of at least <paramref name="width"/> hashes into a buffer.</summary>
    /// <exception cref="LedgerDamaged">The tile is missing or has a wrong length.</exception>
    internal static void Read(ILogSource files, int level, long index, int width, ref byte[] buffer, out int length)
    {
        var path = TilePath.Of(level, index);
        length = files.Read(path, width, ref buffer, out var promised);
        if (length < 0)
        {
            throw new LedgerDamaged(path, $"a tile with {width} hashes is missing") { Kind = DamageKind.TileMissing };
        }

        if (length != promised * TreeHash.Length)
        {
            throw new LedgerDamaged(path, $"the tile has {length} bytes") { Kind = DamageKind.LengthWrong };
        }
    }

    private TreeHash[] Keep(int level, long index, TreeHash[] hashes)
    {
        if (_cache.Count >= Kept)
        {
            _cache.Clear();
        }

        return _cache[(level, index)] = hashes;
    }
}
