namespace Tokens.Tests.Support;

/// <summary>A clock whose wall time can be set while time itself goes on.</summary>
internal sealed class SteppingClock : TimeProvider
{
    private readonly DateTimeOffset _start = System.GetUtcNow().AddDays(-1);
    private TimeSpan _passed = TimeSpan.FromSeconds(1);

    /// <summary>How far the wall clock is off.</summary>
    public TimeSpan Off { get; set; }
    public override long TimestampFrequency => TimeSpan.TicksPerSecond;

    public override DateTimeOffset GetUtcNow() => _start + _passed + Off;

    public override long GetTimestamp() => _passed.Ticks;

    public void Pass(TimeSpan by) => _passed += by;
}
