namespace Authority.Tests.Support;

/// <summary>Runs like the wall clock, from a noon at which the committed agreements are in force.</summary>
/// <param name="wall">Tell the time of day instead: an engine in another process does.</param>
internal sealed class TownClock(bool wall = false) : TimeProvider
{
    private readonly long _start = System.GetTimestamp();

    /// <summary>Time passes: it is a step of neither clock against the other.</summary>
    public TimeSpan Ahead { get; set; }

    public override long GetTimestamp() => System.GetTimestamp() + (long)(Ahead.TotalSeconds * System.TimestampFrequency);

    public override DateTimeOffset GetUtcNow() =>
        wall ? System.GetUtcNow() : new DateTimeOffset(2026, 11, 21, 12, 0, 0, TimeSpan.Zero) + System.GetElapsedTime(_start) + Ahead;
}
