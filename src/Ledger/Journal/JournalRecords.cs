namespace Ledger.Journal;

/// <summary>Receives one record of the journal.</summary>
internal delegate void EntryReader(ReadOnlySpan<byte> entry);

/// <summary>Reads records again from a journal that has been judged good.</summary>
internal static class JournalRecords
{
    /// <summary>
    /// Gives every record from index <paramref name="first"/> on, in order. The last segment may have none: its first group was torn and cut,
    /// and what the segments before it hold must be published all the same.
    /// </summary>
    public static void From(Segments segments, Replayed replayed, long first, EntryReader read)
    {
        foreach (var number in segments.Numbers().Where(number => number <= replayed.Segment))
        {
            var data = segments.Read(number);
            var at = SegmentHeader.Bytes;
            while (at < data.Length && Frame.TryRead(data.AsSpan(at), out var frame))
            {
                if (frame.Kind == Frame.Record && frame.Number >= first)
                {
                    read(frame.Payload);
                }

                at += frame.Extent;
            }
        }
    }
}
