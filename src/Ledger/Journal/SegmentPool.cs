namespace Ledger.Journal;

/// <summary>
/// Keeps segments ready ahead of the writer, filled by a thread of its own, so that a full disk is met here and not under records that
/// already have their seats.
/// </summary>
internal sealed class SegmentPool : IDisposable
{
    private readonly Segments _segments;
    private readonly long _length;
    private readonly int _target;
    private readonly Lock _gate = new();
    private readonly SemaphoreSlim _wanted = new(0);
    private readonly SemaphoreSlim _ready = new(0);
    private readonly Thread _filler;
    private int _next;
    private int _ahead;
    private volatile bool _stopping;
    private volatile Exception? _failure;

    /// <param name="segments">The folder.</param>
    /// <param name="next">Number of the first segment after the writer's.</param>
    /// <param name="ahead">How many zero-filled ones are already there from <paramref name="next"/> on.</param>
    /// <param name="options">Length and number of spares.</param>
    public SegmentPool(Segments segments, int next, int ahead, LedgerOptions options)
    {
        (this._segments, this._next, this._ahead, _length, _target) = (
            segments,
            next,
            ahead,
            options.SegmentBytes,
            Math.Max(1, options.SpareSegments)
        );
        if (ahead > 0)
        {
            _ready.Release(ahead);
        }

        _filler = new Thread(Fill) { IsBackground = true, Name = "ledger segments" };
        _filler.Start();
        _wanted.Release();
    }

    /// <summary>Whether a spare is ready.</summary>
    public bool IsReady => _ready.CurrentCount > 0;

    /// <summary>Returns when the first spare is ready.</summary>
    /// <exception cref="DurabilityLost">None can be made.</exception>
    public void WaitReady()
    {
        Await();
        _ready.Release();
    }

    /// <summary>The number of the next ready segment; waits for one.</summary>
    /// <exception cref="DurabilityLost">None can be made.</exception>
    public int Take()
    {
        Await();
        int taken;
        lock (_gate)
        {
            _ahead--;
            taken = _next++;
        }

        // Only now: a filler woken before the count fell would find nothing missing and sleep on, and the log would refuse everything.
        _wanted.Release();
        return taken;
    }

    public void Dispose()
    {
        _stopping = true;
        _wanted.Release();
        _filler.Join();
        _wanted.Dispose();
        _ready.Dispose();
    }

    private void Await()
    {
        while (!_ready.Wait(50))
        {
            if (_failure is { } cause)
            {
                throw new DurabilityLost("segment", 0, cause);
            }
        }
    }

    private void Fill()
    {
        while (true)
        {
            // After a failure (a full disk, as a rule) try again each second: nothing was lost, no record has touched these files.
            _wanted.Wait(_failure is null ? Timeout.Infinite : 1000);
            try
            {
                while (!_stopping && Missing(out var number))
                {
                    _segments.CreateSpare(number, _length);
                    _failure = null;
                    lock (_gate)
                    {
                        _ahead++;
                    }

                    _ready.Release();
                }
            }
            catch (Exception e)
            {
                // Whoever waits for a segment is told; an exception that left this thread would end the whole program.
                _failure = e;
            }

            if (_stopping)
            {
                return;
            }
        }
    }

    private bool Missing(out int number)
    {
        lock (_gate)
        {
            number = _next + _ahead;
            return _ahead < _target;
        }
    }
}
