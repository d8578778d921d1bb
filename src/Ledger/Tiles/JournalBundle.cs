using System.Buffers.Binary;
using Ledger.Journal;

namespace Ledger.Tiles;

/// <summary>A full bundle as the journal has it: its records where they stand in a segment, or a copy when they stood in two.</summary>
internal readonly struct JournalBundle
{
    private readonly SegmentScan? scan;
    private readonly int from;
    private readonly int end;
    private readonly EntryBundle? copy;

    /// <summary>A bundle that was copied.</summary>
    public JournalBundle(long index, in TreeHash root, EntryBundle copied) => (Index, Root, copy) = (index, root, copied);

    /// <summary>The records among the frames of a segment, from one up to and without another: as long as the segment is not read anew.</summary>
    public JournalBundle(long index, in TreeHash root, SegmentScan segment, int first, int behind) => (Index, Root, scan, from, end) = (index, root, segment, first, behind);

    public long Index { get; }

    /// <summary>Root of its leaves.</summary>
    public TreeHash Root { get; }

    /// <summary>Bytes that it takes as a file at most.</summary>
    public int Most => scan is null ? copy!.Bytes.Length : scan.Offset(end) - scan.Offset(from);

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
        if (scan is null)
        {
            return file.SequenceEqual(copy!.Bytes);
        }

        for (var i = from; i < end; i++)
        {
            if (scan[i] is not { Kind: Frame.Record } record)
            {
                continue;
            }

            var length = record.Payload.Length;
            if (file.Length < 2 + length || BinaryPrimitives.ReadUInt16BigEndian(file) != length || !file.Slice(2, length).SequenceEqual(record.Payload))
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
        if (scan is null)
        {
            return copy!;
        }

        var bundle = new EntryBundle(Index);
        Copy(scan, from, end, bundle);
        return bundle;
    }

    /// <summary>Copies its leaf hashes; how many.</summary>
    public int CopyLeaves(Span<TreeHash> leaves)
    {
        if (scan is null)
        {
            copy!.Leaves.AsSpan(0, copy.Count).CopyTo(leaves);
            return copy.Count;
        }

        var count = 0;
        for (var i = from; i < end; i++)
        {
            if (scan[i].Kind == Frame.Record)
            {
                leaves[count++] = scan.Leaf(i);
            }
        }

        return count;
    }
}
