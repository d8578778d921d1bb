using System.Diagnostics;

namespace Ledger.Writing;

/// <summary>
/// After a group the writer gives the callers it released a moment to come back, so that they share the next sync instead of waiting for
/// the one behind it: with a disk that takes a millisecond this halves what a caller waits. Never after a group of one append, never on a
/// disk so fast that it would not pay, and where callers do not come back (requests of many partners, as a rule) hardly ever again.
/// </summary>
internal sealed class CommitDelay(GroupQueue queue)
{
    private const int Share = 4;
    private const int MostSkipped = 64;
    private static readonly TimeSpan Least = TimeSpan.FromMilliseconds(0.1);
    private static readonly TimeSpan Most = TimeSpan.FromMilliseconds(0.5);
    private int _skipped;
    private int _toSkip;

    /// <summary>
    /// Waits, at most a quarter of the last sync and half a millisecond, until as many appends wait as were released and waited before, or
    /// until the writer is wanted otherwise. Each time that fewer than half of them came, it is left out twice as often.
    /// </summary>
    /// <param name="released">Appends of the group that is done.</param>
    /// <param name="waiting">Appends that waited when it was done.</param>
    /// <param name="sync">How long its sync took.</param>
    /// <returns>Whether it waited for them, however short.</returns>
    public bool After(int released, int waiting, TimeSpan sync)
    {
        var most = sync / Share < Most ? sync / Share : Most;
        if (released < 2 || most < Least)
        {
            return false;
        }

        if (_skipped < _toSkip)
        {
            _skipped++;
            return false;
        }

        var began = Stopwatch.GetTimestamp();
        while (!queue.Holds(released + waiting) && Stopwatch.GetElapsedTime(began) < most)
        {
            Posix.Pause();
        }

        _toSkip = queue.Holds(waiting + released / 2) ? 0 : Math.Clamp(_toSkip * 2, 1, MostSkipped);
        _skipped = 0;
        return true;
    }
}
