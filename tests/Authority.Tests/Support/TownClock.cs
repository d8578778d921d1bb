namespace Authority.Tests.Support;

/// <summary>Runs like the wall clock, from a noon at which the committed agreements are in force.</summary>
internal sealed class TownClock : TimeProvider
{
    private readonly long _start = System.GetTimestamp();
    public TimeSpan Ahead { get; set; }
    public override DateTimeOffset GetUtcNow() => new DateTimeOffset(2026, 11, 21, 12, 0, 0, TimeSpan.Zero) + System.GetElapsedTime(_start) + Ahead;
}
