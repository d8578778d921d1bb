using System.Diagnostics;
using Microsoft.Win32.SafeHandles;

namespace Ledger.Journal;

/// <summary>Puts groups on the disk: one positioned write, one sync. After any exception it must be thrown away (ledger page §8).</summary>
internal sealed class JournalWriter : IDisposable
{
    private readonly Segments _segments;
    private readonly SegmentPool _pool;
    private readonly string _origin;
    private SafeFileHandle _file;
    private long _capacity;
    private long _offset;

    public JournalWriter(Segments segments, SegmentPool pool, string origin, int number, long offset)
    {
        (this._segments, this._pool, this._origin, this._offset) = (segments, pool, origin, offset);
        (_file, _capacity, Number) = (segments.Open(number), segments.LengthOf(number), number);
    }

    /// <summary>Bytes left in the segment being written. Any thread may read it.</summary>
    public long Remaining => Volatile.Read(ref _capacity) - Volatile.Read(ref _offset);

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
        if (_offset != 0 && _offset + group.Frames.Length > _capacity)
        {
            Advance();
        }

        // Crash during the write: a torn tail; nobody was answered. Recovery cuts it.
        if (_offset == 0)
        {
            SegmentHeader.Write(group.WithHeader, Number, sizeBefore, _origin);
            RandomAccess.Write(_file, group.WithHeader, 0);
            _offset = group.WithHeader.Length;
        }
        else
        {
            RandomAccess.Write(_file, group.Frames, _offset);
            _offset += group.Frames.Length;
        }

        // Crash after the sync: the records are durable, the answers never left: the safe side.
        var started = Stopwatch.GetTimestamp();
        Posix.Fdatasync(_file);
        LastSync = Stopwatch.GetElapsedTime(started);
    }

    public void Dispose() => _file.Dispose();

    private void Advance()
    {
        var number = _pool.Take();
        _file.Dispose();
        (_file, _capacity, Number, _offset) = (_segments.Open(number), _segments.LengthOf(number), number, 0);
    }
}
