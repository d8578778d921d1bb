using System.Buffers.Binary;

namespace Ledger.Tiles;

/// <summary>
/// Reads a bundle, hashes its records and compares each with the tile above it. Reused from bundle to bundle, so that a whole log is
/// checked without an object for each record. Not safe for several threads: each has its own.
/// </summary>
/// <param name="files">The log's files.</param>
/// <param name="size">Size of the checkpoint that the log is read at.</param>
internal sealed class BundleCheck(ILogSource files, long size)
{
    private readonly (int Offset, int Length)[] _texts = new (int, int)[TilePath.Width];
    private readonly TreeHash[] _leaves = new TreeHash[TilePath.Width];
    private byte[] _entries = [];
    private byte[] _hashes = [];

    /// <summary>Records of the bundle read last that the checkpoint covers.</summary>
    public int Width { get; private set; }

    /// <summary>Their leaf hashes.</summary>
    public ReadOnlySpan<TreeHash> Leaves => _leaves.AsSpan(0, Width);

    /// <summary>The bytes of one of them, valid until the next is read.</summary>
    public ReadOnlyMemory<byte> Text(int position) => _entries.AsMemory(_texts[position].Offset, _texts[position].Length);

    /// <summary>Reads a bundle and its tile, and compares every record with its leaf hash.</summary>
    /// <exception cref="LedgerDamaged">One of both files is missing or malformed, or a record has another hash; it is named.</exception>
    public void Read(long index)
    {
        ReadHashes(index);
        var path = TilePath.OfEntries(index);
        var length = files.Read(path, Width, ref _entries, out var promised);
        if (length < 0)
        {
            throw new LedgerDamaged(path, $"a bundle with {Width} records is missing") { Kind = DamageKind.TileMissing };
        }

        if (!TrySplit(length, promised))
        {
            throw new LedgerDamaged(path, $"does not hold {promised} records") { Kind = DamageKind.LengthWrong };
        }

        for (var i = 0; i < Width; i++)
        {
            if (LeafHash.Of(_entries.AsSpan(_texts[i].Offset, _texts[i].Length)) != _leaves[i])
            {
                throw new LedgerDamaged($"record {index * TilePath.Width + i} ({path})", "its bytes do not have the leaf hash of the tree")
                {
                    Kind = DamageKind.RecordChanged,
                };
            }
        }
    }

    /// <summary>Reads the leaf hashes alone, as the tile states them: for records that may be gone.</summary>
    /// <exception cref="LedgerDamaged">The tile is missing or malformed.</exception>
    public void ReadHashes(long index)
    {
        Width = (int)Math.Min(TilePath.Width, size - index * TilePath.Width);
        TileReader.Read(files, 0, index, Width, ref _hashes, out var length);
        System.Runtime.InteropServices.MemoryMarshal.Cast<byte, TreeHash>(_hashes.AsSpan(0, length))[..Width].CopyTo(_leaves);
    }

    /// <summary>Finds the entries; false when there are not exactly as many as promised, and no byte more.</summary>
    private bool TrySplit(int length, int promised)
    {
        var (at, count) = (0, 0);
        for (; at + 2 <= length && count < promised; count++)
        {
            var text = BinaryPrimitives.ReadUInt16BigEndian(_entries.AsSpan(at));
            _texts[count] = (at + 2, text);
            at += 2 + text;
        }

        return count == promised && at == length;
    }
}
