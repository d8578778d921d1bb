using System.Buffers.Binary;

namespace Ledger.Journal;

/// <summary>
/// Judges bytes that are not a whole group: a write that did not finish, or damage to something that was acknowledged (ledger page §9,
/// step 4). A segment is zeros, synced, before it is used, and payloads are ASCII text: so a sector that never arrived is zeros from the
/// end of the last good group on, in whatever order the others arrived. Anything else is damage.
/// </summary>
internal static class TornTail
{
    private const int Sector = 512;

    /// <summary>The reason why the bytes are damage, or null when they are a torn last group and may be cut.</summary>
    /// <param name="data">The whole segment.</param>
    /// <param name="good">End of the last good group; 0 when the segment has none, so that its header is in question too.</param>
    /// <param name="failing">Start of the first frame that cannot be read (0 for the header).</param>
    public static string? Judge(ReadOnlySpan<byte> data, int good, int failing)
    {
        var end = data.LastIndexOfAnyExcept((byte)0) + 1;
        var (commits, afterLast) = CommitsBeyond(data, failing, end);
        if (commits > 1)
        {
            return $"{commits} complete groups stand beyond it";
        }

        if (commits == 1 && end > afterLast)
        {
            return "a complete group and more stand beyond it";
        }

        // A frame that the end of the data cuts is the last thing written: no commit can stand inside it.
        return (commits == 0 && IsCut(data, failing, end)) || MissesSector(data, good, failing, end)
            ? null
            : "a wrong byte stands where only missing data could";
    }

    /// <summary>
    /// The data ends inside the failing frame, and what is there of it is consistent with a frame that was being written.
    /// </summary>
    private static bool IsCut(ReadOnlySpan<byte> data, int failing, int end)
    {
        var there = end - failing;
        if (there <= sizeof(int))
        {
            return true;
        }

        if (failing == 0)
        {
            return there < SegmentHeader.Bytes;
        }

        var frame = data[failing..];
        var length = BinaryPrimitives.ReadInt32LittleEndian(frame);
        if (length is < 1 or > Frame.MaxPayload || there >= Frame.HeadBytes + length + Frame.CrcBytes)
        {
            return false;
        }

        if (there > Frame.HeadBytes + length)
        {
            // Cut inside the CRC: the bytes that arrived must be the right ones.
            Span<byte> crc = stackalloc byte[Frame.CrcBytes];
            BinaryPrimitives.WriteUInt32LittleEndian(crc, Frame.Crc32C(frame[..(Frame.HeadBytes + length)]));
            var arrived = there - Frame.HeadBytes - length;
            return frame.Slice(Frame.HeadBytes + length, arrived).SequenceEqual(crc[..arrived]);
        }

        return !IsWholeUnderAnotherLength(frame, there);
    }

    /// <summary>A whole frame whose length field grew would look cut: try the lengths that its end allows.</summary>
    private static bool IsWholeUnderAnotherLength(ReadOnlySpan<byte> frame, int there)
    {
        Span<byte> copy = stackalloc byte[Frame.Extent(Frame.MaxPayload)];
        for (var zeros = 0; zeros < Frame.CrcBytes; zeros++)
        {
            var length = there + zeros - Frame.HeadBytes - Frame.CrcBytes;
            if (length >= 1 && Frame.Extent(length) <= frame.Length)
            {
                frame[..Frame.Extent(length)].CopyTo(copy);
                BinaryPrimitives.WriteInt32LittleEndian(copy, length);
                if (Frame.TryRead(copy[..Frame.Extent(length)], out _))
                {
                    return true;
                }
            }
        }

        return false;
    }

    /// <summary>The failing frame overlaps a sector of which nothing arrived: its bytes after the last good group are all zero.</summary>
    private static bool MissesSector(ReadOnlySpan<byte> data, int good, int failing, int end)
    {
        var length = failing == 0 ? 0 : BinaryPrimitives.ReadInt32LittleEndian(data[failing..]);
        if (length is < 0 or > Frame.MaxPayload)
        {
            return false;
        }

        var frameEnd = Math.Min(end, failing + (failing == 0 ? SegmentHeader.Bytes : Frame.Extent(length)));
        for (var sector = failing / Sector * Sector; sector < frameEnd; sector += Sector)
        {
            var from = Math.Max(sector, good);
            if (!data[from..Math.Min(sector + Sector, data.Length)].ContainsAnyExcept((byte)0))
            {
                return true;
            }
        }

        return false;
    }

    private static (int Count, int AfterLast) CommitsBeyond(ReadOnlySpan<byte> data, int failing, int end)
    {
        var (count, after) = (0, 0);
        for (var at = (failing + 7) & ~7; at + Frame.HeadBytes < end; at += 8)
        {
            if (data[at + 4] == Frame.Commit && Frame.TryRead(data[at..], out var frame) && frame.Kind == Frame.Commit)
            {
                (count, after) = (count + 1, at + frame.Extent);
            }
        }

        return (count, after);
    }
}
