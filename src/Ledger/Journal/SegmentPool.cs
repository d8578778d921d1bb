namespace Ledger.Journal;

/// <summary>
/// Keeps segments ready ahead of the writer, filled by a thread of its own, so that a full disk is met here and not under records that
/// already have their seats.
/// </summary>
internal sealed class SegmentPool : IDisposable
{
    private readonly Segments segments;
    private readonly long length;
    private readonly int target;
    private readonly Lock gate = new();
    private readonly SemaphoreSlim wanted = new(0);
    private readonly SemaphoreSlim ready = new(0);
    private readonly Thread filler;
    private int next;
    private int ahead;
    private volatile bool stopping;
    private volatile Exception? failure;

    /// <param name="segments">The folder.</param>
    /// <param name="next">Number of the first segment after the writer's.</param>
    /// <param name="ahead">How many zero-filled ones are already there from <paramref name="next"/> on.</param>
    /// <param name="options">Length and number of spares.</param>
    public SegmentPool(Segments segments, int next, int ahead, LedgerOptions options)
    {
        (this.segments, this.next, this.ahead, length, target) = (segments, next, ahead, options.SegmentBytes, Math.Max(1, options.SpareSegments));
        if (ahead > 0)
        {
            ready.Release(ahead);
        }

        filler = new Thread(Fill) { IsBackground = true, Name = "ledger segments" };
        filler.Start();
        wanted.Release();
    }

    /// <summary>Whether a spare is ready.</summary>
    public bool IsReady => ready.CurrentCount > 0;

    /// <summary>Returns when the first spare is ready.</summary>
    /// <exception cref="DurabilityLost">None can be made.</exception>
    public void WaitReady()
    {
        Await();
        ready.Release();
    }

    /// <summary>The number of the next ready segment; waits for one.</summary>
    /// <exception cref="DurabilityLost">None can be made.</exception>
    public int Take()
    {
        Await();
        int taken;
        lock (gate)
        {
            ahead--;
            taken = next++;
        }

        // Only now: a filler woken before the count fell would find nothing missing and sleep on, and the log would refuse everything.
        wanted.Release();
        return taken;
    }

    public void Dispose()
    {
        stopping = true;
        wanted.Release();
        filler.Join();
        wanted.Dispose();
        ready.Dispose();
    }

    private void Await()
    {
        while (!ready.Wait(50))
        {
            if (failure is { } cause)
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
            wanted.Wait(failure is null ? Timeout.Infinite : 1000);
            try
            {
                while (!stopping && Missing(out var number))
                {
                    segments.CreateSpare(number, length);
                    failure = null;
                    lock (gate)
                    {
                        ahead++;
                    }

                    ready.Release();
                }
            }
            catch (Exception e)
            {
                // Whoever waits for a segment is told; an exception that left this thread would end the whole program.
                failure = e;
            }

            if (stopping)
            {
                return;
            }
        }
    }

    private bool Missing(out int number)
    {
        lock (gate)
        {
            number = next + ahead;
            return ahead < target;
        }
    }
}
