namespace Ledger.Journal;

/// <summary>
/// A segment as far as it can be read without knowing what stands before it: the frames whose bytes are as written, and the leaf hash of
/// each record, computed on all cores. Reused from segment to segment.
/// </summary>
internal sealed class SegmentScan(Segments segments)
{
    // Below it a second core costs more than it helps.
    private const int Few = 256;
    private const int Step = 128;
    private byte[] _bytes = [];
    private int[] _offsets = new int[1024];
    private TreeHash[] _leaves = [];
    private int _length;

    public int Number { get; private set; }

    public ReadOnlySpan<byte> Data => _bytes.AsSpan(0, _length);

    /// <summary>Whether anything but zeros stands in it.</summary>
    public bool IsUsed { get; private set; }

    /// <summary>Frames that can be read, from the first on.</summary>
    public int Frames { get; private set; }

    /// <summary>Where the first byte stands that belongs to no such frame.</summary>
    public int End { get; private set; }

    /// <summary>Where a frame begins.</summary>
    public int Offset(int frame) => _offsets[frame];

    /// <summary>A frame, whose bytes were checked before.</summary>
    public FrameView this[int frame] => Frame.View(Data[_offsets[frame]..]);

    /// <summary>Leaf hash of a frame that is a record.</summary>
    public ref readonly TreeHash Leaf(int frame) => ref _leaves[frame];

    /// <summary>Reads a segment.</summary>
    public void Read(int number, bool hash = true)
    {
        (Number, _length) = (number, segments.Read(number, ref _bytes));
        IsUsed = Data.ContainsAnyExcept((byte)0);
        (Frames, End) = (0, SegmentHeader.Bytes);
        while (IsUsed && End < _length && Frame.TryRead(Data[End..], out var frame))
        {
            if (Frames == _offsets.Length)
            {
                Array.Resize(ref _offsets, Frames * 2);
            }

            _offsets[Frames++] = End;
            End += frame.Extent;
        }

        if (hash)
        {
            Hash();
        }
    }

    private void Hash()
    {
        if (_leaves.Length < Frames)
        {
            _leaves = GC.AllocateUninitializedArray<TreeHash>(_offsets.Length);
        }

        if (Frames <= Few)
        {
            Hash(0, Frames);
            return;
        }

        Parallel.For(0, (Frames + Step - 1) / Step, part => Hash(part * Step, Math.Min(Frames, (part + 1) * Step)));
    }

    private void Hash(int first, int end)
    {
        for (var i = first; i < end; i++)
        {
            if (this[i] is { Kind: Frame.Record } record)
            {
                _leaves[i] = LeafHash.Of(record.Payload);
            }
        }
    }
}
