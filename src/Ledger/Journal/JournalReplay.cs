using System.Text;
using Ledger.Notes;

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

    /// <summary>Root at the size of each checkpoint asked about, where a group ended there.</summary>
    public Dictionary<long, TreeHash> Roots { get; } = [];
}

/// <summary>
/// Walks the journal (ledger page §9, steps 3 and 4): every CRC, kind, index, leaf and root, and the signature of the newest checkpoint,
/// which covers all before it. Verifying each of them would cost 70 µs a group and find nothing that the roots do not.
/// </summary>
internal sealed class JournalReplay(Segments segments, string origin, VerifierKey key, SubtreeReader tiles, IReadOnlyList<long> wanted)
{
    private int lastSegment;
    private int lastOffset;

    /// <exception cref="LedgerDamaged">Something that was acknowledged is not as it was written.</exception>
    public Replayed Run()
    {
        var numbers = segments.Numbers();
        Replayed? result = null;
        var open = true;
        foreach (var number in numbers)
        {
            var data = segments.Read(number);
            var used = data.AsSpan().ContainsAnyExcept((byte)0);
            if (used && !open)
            {
                throw new LedgerDamaged($"journal/{number:000000}", "holds data although the segment before it does not end cleanly");
            }

            if (result is null)
            {
                result = First(number, data, used);
            }
            else if (used)
            {
                if (number != result.Segment + 1)
                {
                    throw new LedgerDamaged($"journal/{number:000000}", $"follows {result.Segment:000000}: a segment is missing");
                }

                (result.Segment, result.Offset) = (number, 0);
            }

            // After an unused segment or a torn group only unused segments may follow.
            open = used && Walk(result, number, data);
        }

        if (result?.Head is { } head)
        {
            Expect(head.Verify(key), lastSegment, lastOffset, "the checkpoint is not signed by this log's key");
        }

        return result ?? new Replayed { Edge = new RightEdge() };
    }

    private Replayed First(int number, byte[] data, bool used)
    {
        long size = 0;
        if (used && !SegmentHeader.TryReadSize(data, number, origin, out size))
        {
            size = 0;
        }

        return new Replayed { Edge = RightEdge.At(size, tiles), Start = size, Segment = number, HasSegments = true };
    }

    /// <summary>Replays one segment. True when it ends cleanly, so that the next one may go on.</summary>
    private bool Walk(Replayed result, int number, byte[] data)
    {
        if (!SegmentHeader.TryReadSize(data, number, origin, out var size) || size != result.Edge.Size)
        {
            return Torn(result, number, data, 0);
        }

        var at = SegmentHeader.Bytes;
        var group = result.Edge.Clone();
        while (at < data.Length && Frame.TryRead(data.AsSpan(at), out var frame))
        {
            if (frame.Kind == Frame.Record)
            {
                Expect(frame.Number == group.Size, number, at, $"record {group.Size} is expected, not {frame.Number}");
                group.Push(LeafHash.Of(frame.Payload));
                at += frame.Extent;
                continue;
            }

            Expect(frame.Number == group.Size, number, at, $"the commit states size {frame.Number}, the records before it give {group.Size}");
            result.Head = Open(frame.Payload, group, number, at);
            (lastSegment, lastOffset) = (number, at);
            result.Tail = group.Size - result.Edge.Size;
            at += frame.Extent;
            result.Edge.CopyFrom(group);
            result.Offset = at;
            if (wanted.Contains(group.Size))
            {
                result.Roots[group.Size] = result.Head.Root;
            }
        }

        return !data.AsSpan(result.Offset).ContainsAnyExcept((byte)0) || Torn(result, number, data, at);
    }

    private SignedHead Open(ReadOnlySpan<byte> payload, RightEdge group, int number, int at)
    {
        Checkpoint? checkpoint = null;
        SignedNote? note = null;
        var right = SignedNote.TryParse(Encoding.UTF8.GetString(payload), out note)
            && Checkpoint.TryParse(note.Text, out checkpoint) && checkpoint.Origin == origin;
        Expect(right, number, at, "the commit does not hold a checkpoint of this log");
        Expect(checkpoint!.Size == group.Size && checkpoint.Root == group.Root(), number, at, $"the records before it do not give the signed root of size {checkpoint.Size}");
        return new SignedHead(origin, checkpoint.Size, checkpoint.Root, note!.Signatures[0].Bytes);
    }

    private static bool Torn(Replayed result, int number, byte[] data, int failing)
    {
        var reason = TornTail.Judge(data, result.Offset, failing);
        Expect(reason is null, number, failing, $"not readable, and {reason}");
        result.Cut = data.AsSpan().LastIndexOfAnyExcept((byte)0) + 1 - result.Offset;
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
