using System.Buffers.Binary;
using Ledger.Journal;

namespace Ledger.Tiles;

/// <summary>A full bundle as the journal has it: its records where they stand in a segment, or a copy when they stood in two.</summary>
internal readonly struct JournalBundle
{
    private readonly SegmentScan? _scan;
    private readonly int _from;
    private readonly int _end;
    private readonly EntryBundle? _copy;

    /// <summary>A bundle that was copied.</summary>
    public JournalBundle(long index, in TreeHash root, EntryBundle copied) => (Index, Root, _copy) = (index, root, copied);

    /// <summary>
    /// The records among the frames of a segment, from one up to and without another: as long as the segment is not read anew.
    /// </summary>
    public JournalBundle(long index, in TreeHash root, SegmentScan segment, int first, int behind) =>
        (Index, Root, _scan, _from, _end) = (index, root, segment, first, behind);

    public long Index { get; }

    /// <summary>Root of its leaves.</summary>
    public TreeHash Root { get; }

    /// <summary>Bytes that it takes as a file at most.</summary>
    public int Most => _scan is null ? _copy!.Bytes.Length : _scan.Offset(_end) - _scan.Offset(_from);

    /// <summary>Adds the records among some frames to a bundle.</summary>
    public static void Copy(SegmentScan scan, int from, int end, EntryBundle into)
    {
        for (var i = from; i < end; i++)
        {
            if (scan[i] is { Kind: Frame.Record } record)
            {
                into.Add(record.Payload, scan.Leaf(i));
            }
        }
    }

    /// <summary>Whether a file holds exactly this bundle.</summary>
    public bool Is(ReadOnlySpan<byte> file)
    {
        if (_scan is null)
        {
            return file.SequenceEqual(_copy!.Bytes);
        }

        for (var i = _from; i < _end; i++)
        {
            if (_scan[i] is not { Kind: Frame.Record } record)
            {
                continue;
            }

            var length = record.Payload.Length;
            if (
                file.Length < 2 + length
                || BinaryPrimitives.ReadUInt16BigEndian(file) != length
                || !file.Slice(2, length).SequenceEqual(record.Payload)
            )
            {
                return false;
            }

            file = file[(2 + length)..];
        }

        return file.IsEmpty;
    }

    /// <summary>The bundle in bytes of its own.</summary>
    public EntryBundle ToBundle()
    {
        if (_scan is null)
        {
            return _copy!;
        }

        var bundle = new EntryBundle(Index);
        Copy(_scan, _from, _end, bundle);
        return bundle;
    }

    /// <summary>Copies its leaf hashes; how many.</summary>
    public int CopyLeaves(Span<TreeHash> leaves)
    {
        if (_scan is null)
        {
            _copy!.Leaves.AsSpan(0, _copy.Count).CopyTo(leaves);
            return _copy.Count;
        }

        var count = 0;
        for (var i = _from; i < _end; i++)
        {
            if (_scan[i].Kind == Frame.Record)
            {
                leaves[count++] = _scan.Leaf(i);
            }
        }

        return count;
    }
}
