namespace Tokens.Replay;

/// <summary>
/// The time by which ids are forgotten. It follows the wall clock backwards at once, but forwards only as fast as time passes: a clock
/// that jumps ahead and is set right again must not have made the guard forget ids that are then valid once more. A clock that stays
/// ahead for the guard's whole memory is believed. Used by one thread.
/// </summary>
internal sealed class SweepClock(TimeProvider time)
{
    private static readonly TimeSpan Tolerance = TimeSpan.FromSeconds(2);
    private DateTimeOffset _wall = time.GetUtcNow();
    private long _stamp = time.GetTimestamp();
    private long? _aheadSince;

    internal DateTimeOffset Now()
    {
        var (wall, stamp) = (time.GetUtcNow(), time.GetTimestamp());
        var steady = _wall + time.GetElapsedTime(_stamp, stamp);
        if (wall > steady + Tolerance)
        {
            _aheadSince ??= stamp;
            if (time.GetElapsedTime(_aheadSince.Value, stamp) < ReplayLimits.MaxMemory)
                return steady;
        }
        (_wall, _stamp, _aheadSince) = (wall, stamp, null);
        return wall;
    }
}
