using System.Diagnostics;
using Microsoft.Win32.SafeHandles;

namespace Ledger.Journal;

/// <summary>Puts groups on the disk: one positioned write, one sync. After any exception it must be thrown away (ledger page §8).</summary>
internal sealed class JournalWriter : IDisposable
{
    private readonly Segments segments;
    private readonly SegmentPool pool;
    private readonly string origin;
    private SafeFileHandle file;
    private long capacity;
    private long offset;

    public JournalWriter(Segments segments, SegmentPool pool, string origin, int number, long offset)
    {
        (this.segments, this.pool, this.origin, this.offset) = (segments, pool, origin, offset);
        (file, capacity, Number) = (segments.Open(number), segments.LengthOf(number), number);
    }

    /// <summary>Bytes left in the segment being written. Any thread may read it.</summary>
    public long Remaining => Volatile.Read(ref capacity) - Volatile.Read(ref offset);

    /// <summary>How long the last sync took.</summary>
    public TimeSpan LastSync { get; private set; }

    /// <summary>The segment being written.</summary>
    public int Number { get; private set; }

    /// <summary>Largest group that a segment of this length can take.</summary>
    public static long LargestGroup(long segmentBytes) => segmentBytes - SegmentHeader.Bytes;

    /// <summary>Makes a group durable.</summary>
    /// <param name="group">Frames, the commit last.</param>
    /// <param name="sizeBefore">Tree size before the group.</param>
    public void Write(GroupBuffer group, long sizeBefore)
    {
        if (offset != 0 && offset + group.Frames.Length > capacity)
        {
            Advance();
        }

        // Crash during the write: a torn tail; nobody was answered. Recovery cuts it.
        if (offset == 0)
        {
            SegmentHeader.Write(group.WithHeader, Number, sizeBefore, origin);
            RandomAccess.Write(file, group.WithHeader, 0);
            offset = group.WithHeader.Length;
        }
        else
        {
            RandomAccess.Write(file, group.Frames, offset);
            offset += group.Frames.Length;
        }

        // Crash after the sync: the records are durable, the answers never left: the safe side.
        var started = Stopwatch.GetTimestamp();
        Posix.Fdatasync(file);
        LastSync = Stopwatch.GetElapsedTime(started);
    }

    public void Dispose() => file.Dispose();

    private void Advance()
    {
        var number = pool.Take();
        file.Dispose();
        (file, capacity, Number, offset) = (segments.Open(number), segments.LengthOf(number), number, 0);
    }
}
