using System.Buffers.Binary;

namespace Ledger.Tiles;

/// <summary>Up to 256 entries in a row, each behind its length as a big-endian u16, with their leaf hashes.</summary>
internal sealed class EntryBundle(long index)
{
    private byte[] _bytes = new byte[1 << 16];
    private int _length;

    public long Index { get; private set; } = index;

    public int Count { get; private set; }

    public TreeHash[] Leaves { get; } = new TreeHash[TilePath.Width];

    public ReadOnlySpan<byte> Bytes => _bytes.AsSpan(0, _length);

    public bool IsFull => Count == TilePath.Width;

    public void Add(ReadOnlySpan<byte> entry, in TreeHash leaf)
    {
        var end = _length + 2 + entry.Length;
        if (end > _bytes.Length)
        {
            Array.Resize(ref _bytes, Math.Max(end, _bytes.Length * 2));
        }

        BinaryPrimitives.WriteUInt16BigEndian(_bytes.AsSpan(_length), checked((ushort)entry.Length));
        entry.CopyTo(_bytes.AsSpan(_length + 2));
        _length = end;
        Leaves[Count++] = leaf;
    }

    /// <summary>Empties the bundle for another place in the log; its buffers stay.</summary>
    public EntryBundle Reuse(long newIndex)
    {
        (Index, Count, _length) = (newIndex, 0, 0);
        return this;
    }

    /// <summary>Hashes the entries again, from the bytes that would be published.</summary>
    /// <exception cref="LedgerDamaged">One no longer has its leaf hash: memory was corrupted.</exception>
    public void Check()
    {
        var at = 0;
        for (var i = 0; i < Count; i++)
        {
            var size = BinaryPrimitives.ReadUInt16BigEndian(_bytes.AsSpan(at));
            if (at + 2 + size > _length || LeafHash.Of(_bytes.AsSpan(at + 2, size)) != Leaves[i])
            {
                throw new LedgerDamaged($"record {Index * TilePath.Width + i}", "its bytes in memory no longer have its leaf hash")
                {
                    Kind = DamageKind.RecordChanged,
                };
            }

            at += 2 + size;
        }
    }

    /// <summary>A copy that later additions do not touch.</summary>
    public EntryBundle Snapshot()
    {
        var copy = new EntryBundle(Index)
        {
            _bytes = Bytes.ToArray(),
            _length = _length,
            Count = Count,
        };
        Leaves.AsSpan(0, Count).CopyTo(copy.Leaves);
        return copy;
    }
}
