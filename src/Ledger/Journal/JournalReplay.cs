using System.Runtime.ExceptionServices;
using System.Text;
using Ledger.Notes;
using Ledger.Tiles;

namespace Ledger.Journal;

/// <summary>What a walk over the whole journal found.</summary>
internal sealed class Replayed
{
    /// <summary>Tree after the last good group.</summary>
    public required RightEdge Edge { get; init; }

    /// <summary>Signed head of the last good group; null in an empty journal.</summary>
    public SignedHead? Head { get; set; }

    /// <summary>Tree size before the first segment.</summary>
    public long Start { get; set; }

    /// <summary>Segment and offset where the next group goes.</summary>
    public int Segment { get; set; }

    public int Offset { get; set; }

    /// <summary>Bytes of a torn last group.</summary>
    public long Cut { get; set; }

    /// <summary>Records of the last good group, which may never have been acknowledged.</summary>
    public long Tail { get; set; }

    /// <summary>Whether there is any segment at all.</summary>
    public bool HasSegments { get; set; }

    /// <summary>Leaf hashes from the first record on that may not be on disk as a tile: what publication must find again.</summary>
    public List<TreeHash> Leaves { get; } = [];

    /// <summary>The records above that fill no bundle yet.</summary>
    public EntryBundle Filling { get; set; } = new(0);

    /// <summary>Root at the size of each checkpoint asked about, where a group ended there.</summary>
    public Dictionary<long, TreeHash> Roots { get; } = [];
}

/// <summary>
/// Walks the journal (ledger page §9, steps 3 and 4): every CRC, kind, index, leaf and root, and the signature of the newest checkpoint,
/// which covers all before it. Verifying each of them would cost 70 µs a group and find nothing that the roots do not. While the tree of
/// one segment is computed, the next one is read and hashed.
/// </summary>
internal sealed class JournalReplay(Segments segments, string origin, VerifierKey key, SubtreeReader tiles, IReadOnlyList<long> wanted)
{
    private readonly CommitText _commits = new(origin);
    private readonly List<TreeHash> _roots = [];
    private SegmentScan _present = new(segments);
    private SegmentScan _ahead = new(segments);
    private int _lastSegment;
    private int _lastOffset;

    /// <summary>Index of the first record whose leaf hash is kept.</summary>
    public long Unpublished { get; init; }

    /// <summary>Told of every good group and of the end of each segment; null when nothing is compared.</summary>
    public Comparison? Published { get; init; }

    /// <exception cref="LedgerDamaged">Something that was acknowledged is not as it was written.</exception>
    public Replayed Run()
    {
        var numbers = segments.Numbers();
        Replayed? result = null;
        var open = true;
        for (var i = 0; i < numbers.Count; i++)
        {
            if (i == 0)
            {
                _ahead.Read(numbers[0]);
            }

            (_present, _ahead) = (_ahead, _present);
            var next = i + 1 < numbers.Count ? numbers[i + 1] : -1;
            Both(() => open = Next(ref result, open), () => _ahead.Read(next), next >= 0);
        }

        if (result?.Head is { } head)
        {
            Expect(head.Verify(key), _lastSegment, _lastOffset, "the checkpoint is not signed by this log's key");
        }

        return result ?? new Replayed { Edge = new RightEdge() };
    }

    /// <summary>Judges one segment and meanwhile reads the next. What the judgement throws comes before what the reading throws.</summary>
    private static void Both(Action judge, Action read, bool more)
    {
        if (!more)
        {
            judge();
            return;
        }

        ExceptionDispatchInfo? refused = null;
        ExceptionDispatchInfo? unread = null;
        Parallel.Invoke(() => refused = Caught(judge), () => unread = Caught(read));
        refused?.Throw();
        unread?.Throw();
    }

    private static ExceptionDispatchInfo? Caught(Action run)
    {
        try
        {
            run();
            return null;
        }
        catch (Exception e)
        {
            return ExceptionDispatchInfo.Capture(e);
        }
    }

    /// <summary>Judges the next segment; whether another used one may follow it.</summary>
    private bool Next(ref Replayed? result, bool open)
    {
        var number = _present.Number;
        if (_present.IsUsed && !open)
        {
            throw new LedgerDamaged($"journal/{number:000000}", "holds data although the segment before it does not end cleanly");
        }

        if (result is null)
        {
            result = First();
        }
        else if (_present.IsUsed)
        {
            if (number != result.Segment + 1)
            {
                throw new LedgerDamaged($"journal/{number:000000}", $"follows {result.Segment:000000}: a segment is missing");
            }

            (result.Segment, result.Offset) = (number, 0);
        }

        // After an unused segment or a torn group only unused segments may follow.
        return _present.IsUsed && Walk(result);
    }

    private Replayed First()
    {
        long size = 0;
        if (_present.IsUsed && !SegmentHeader.TryReadSize(_present.Data, _present.Number, origin, out size))
        {
            size = 0;
        }

        return new Replayed
        {
            Edge = RightEdge.At(size, tiles),
            Start = size,
            Segment = _present.Number,
            HasSegments = true,
        };
    }

    /// <summary>Replays one segment. True when it ends cleanly, so that the next one may go on.</summary>
    private bool Walk(Replayed result)
    {
        var number = _present.Number;
        if (!SegmentHeader.TryReadSize(_present.Data, number, origin, out var size) || size != result.Edge.Size)
        {
            return Torn(result, 0);
        }

        var (group, from) = (result.Edge.Clone(), 0);
        for (var i = 0; i < _present.Frames; i++)
        {
            var frame = _present[i];
            var at = _present.Offset(i);
            if (frame.Kind == Frame.Record)
            {
                Expect(frame.Number == group.Size, number, at, $"record {group.Size} is expected, not {frame.Number}");
                ref readonly var leaf = ref _present.Leaf(i);
                if (group.Size >= Unpublished)
                {
                    result.Leaves.Add(leaf);
                }

                if (TilePath.Ends(group.Size))
                {
                    _roots.Add(group.Ending(TilePath.Levels, leaf));
                }

                group.Push(leaf);
                continue;
            }

            Expect(
                frame.Number == group.Size,
                number,
                at,
                $"the commit states size {frame.Number}, the records before it give {group.Size}"
            );
            Commit(result, frame.Payload, group, at);
            result.Offset = at + frame.Extent;
            Published?.Add(_present, from, i, _roots);
            _roots.Clear();
            from = i + 1;
        }

        Published?.EndSegment(_present);
        _roots.Clear();

        // Leaves of a group without its commit are nobody's.
        var kept = (int)Math.Max(0, result.Edge.Size - Math.Max(Unpublished, result.Start));
        result.Leaves.RemoveRange(kept, result.Leaves.Count - kept);
        return !_present.Data[result.Offset..].ContainsAnyExcept((byte)0) || Torn(result, _present.End);
    }

    private void Commit(Replayed result, ReadOnlySpan<byte> note, RightEdge group, int at)
    {
        var root = group.Root();
        if (!_commits.Is(note, group.Size, root))
        {
            throw new LedgerDamaged($"journal/{_present.Number:000000} at {at}", WhatIsWrong(note));
        }

        result.Head = new SignedHead(origin, group.Size, root, _commits.Signature.ToArray());
        (_lastSegment, _lastOffset) = (_present.Number, at);
        result.Tail = group.Size - result.Edge.Size;
        result.Edge.CopyFrom(group);
        if (wanted.Contains(group.Size))
        {
            result.Roots[group.Size] = root;
        }
    }

    private string WhatIsWrong(ReadOnlySpan<byte> note) =>
        SignedNote.TryParse(Encoding.UTF8.GetString(note), out var signed)
        && Checkpoint.TryParse(signed.Text, out var stated)
        && stated.Origin == origin
            ? $"the records before it do not give the signed root of size {stated.Size}"
            : "the commit does not hold a checkpoint of this log";

    private bool Torn(Replayed result, int failing)
    {
        var reason = TornTail.Judge(_present.Data, result.Offset, failing);
        Expect(reason is null, _present.Number, failing, $"not readable, and {reason}");
        result.Cut = _present.Data.LastIndexOfAnyExcept((byte)0) + 1 - result.Offset;
        return false;
    }

    private static void Expect(bool condition, int number, int at, string what)
    {
        if (!condition)
        {
            throw new LedgerDamaged($"journal/{number:000000} at {at}", what);
        }
    }
}
