using Ledger.Journal;

namespace Ledger.Tests.Support;

/// <summary>Journal segments made in memory with the writer's own functions, and judged by the recovery's.</summary>
internal sealed class SomeJournal(int segmentBytes) : IDisposable
{
    public const int SegmentBytes = 1 << 14;
    private readonly TempFolder _folder = new(memory: true);
    private Segments? _opened;
    private readonly LogKey _keys = The.LogKey();
    private readonly RightEdge _edge = new();

    public SomeJournal()
        : this(SegmentBytes) { }

    /// <summary>The segments so far.</summary>
    public List<byte[]> Data { get; } = [new byte[segmentBytes]];

    /// <summary>End of the data after each group, in the segment it is in, with the tree size.</summary>
    public List<(int Segment, int End, long Size)> Groups { get; } = [];

    public void Add(int records, int padding = 40, bool newSegment = false)
    {
        if (newSegment)
        {
            Data.Add(new byte[segmentBytes]);
        }

        var group = new GroupBuffer();
        var before = _edge.Size;
        for (var i = 0; i < records; i++)
        {
            _edge.Push(group.Add(Some.Record(_edge.Size, padding).Text.Span, _edge.Size));
        }

        new CheckpointSigner(Some.Origin, _keys).Sign(_edge.Size, _edge.Root(), out var note);
        group.Commit(note, _edge.Size);
        var segment = Data.Count - 1;
        var at = Groups.Count > 0 && Groups[^1].Segment == segment ? Groups[^1].End : 0;
        if (at == 0)
        {
            SegmentHeader.Write(group.WithHeader, segment, before, Some.Origin);
        }

        var bytes = at == 0 ? group.WithHeader : group.Frames;
        bytes.CopyTo(Data[segment].AsSpan(at));
        Groups.Add((segment, at + bytes.Length, _edge.Size));
    }

    /// <summary>Writes the segments given (by default all) and replays them.</summary>
    public Replayed Replay(params IReadOnlyList<byte[]> data)
    {
        var segments = _opened ??= new Segments(_folder.Path);
        for (var i = 0; i < data.Count; i++)
        {
            File.WriteAllBytes(segments.PathOf(i), data[i]);
        }

        return new JournalReplay(segments, Some.Origin, The.Key(), static (_, _) => throw new InvalidOperationException(), []).Run();
    }

    /// <summary>A segment with zeros from a byte on.</summary>
    public static byte[] Cut(byte[] data, int from)
    {
        var cut = new byte[data.Length];
        data.AsSpan(0, from).CopyTo(cut);
        return cut;
    }

    public void Dispose()
    {
        _opened?.Dispose();
        _keys.Dispose();
        _folder.Dispose();
    }
}
