namespace Ledger.Journal;

/// <summary>
/// The bytes of the group being built: room for a segment header, then frames. Reused from group to group; it remembers where each
/// record stands, so that publication reads the copy whose leaf was checked.
/// </summary>
internal sealed class GroupBuffer
{
    private readonly List<(int Offset, int Length, TreeHash Leaf)> _records = [];
    private byte[] _bytes = new byte[1 << 16];
    private int _length = SegmentHeader.Bytes;

    public int Count => _records.Count;

    /// <summary>Header room and frames.</summary>
    public Span<byte> WithHeader => _bytes.AsSpan(0, _length);

    /// <summary>The frames alone.</summary>
    public ReadOnlySpan<byte> Frames => _bytes.AsSpan(SegmentHeader.Bytes, _length - SegmentHeader.Bytes);

    public void Clear()
    {
        _records.Clear();
        _length = SegmentHeader.Bytes;
    }

    /// <summary>Copies a record in and returns the leaf hash of the copy.</summary>
    public TreeHash Add(ReadOnlySpan<byte> text, long index)
    {
        var frame = Room(Frame.Extent(text.Length));
        text.CopyTo(frame[Frame.HeadBytes..]);
        _length += Frame.Close(frame, Frame.Record, index, text.Length);
        var leaf = LeafHash.Of(frame.Slice(Frame.HeadBytes, text.Length));
        _records.Add((_length - frame.Length + Frame.HeadBytes, text.Length, leaf));
        return leaf;
    }

    public void Commit(ReadOnlySpan<byte> note, long size)
    {
        var frame = Room(Frame.Extent(note.Length));
        note.CopyTo(frame[Frame.HeadBytes..]);
        _length += Frame.Close(frame, Frame.Commit, size, note.Length);
    }

    public ReadOnlySpan<byte> Record(int position, out TreeHash leaf)
    {
        var (offset, count, hash) = _records[position];
        leaf = hash;
        return _bytes.AsSpan(offset, count);
    }

    private Span<byte> Room(int extent)
    {
        if (_bytes.Length - _length < extent)
        {
            Array.Resize(ref _bytes, Math.Max(_bytes.Length * 2, _length + extent));
        }

        return _bytes.AsSpan(_length, extent);
    }
}
