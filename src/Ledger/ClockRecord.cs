namespace Ledger;

/// <summary>
/// The record <c>clock</c> (ledger page §3.3): what the kernel believes about its own clock, <c>src</c> and <c>est</c>; and, where a
/// program saw that the clock was set, <c>ahead</c>, by how many milliseconds it is now ahead of the time that has passed since the
/// program's start.
/// </summary>
public static class ClockRecord
{
    /// <summary>The record of this moment.</summary>
    /// <param name="time">Clock.</param>
    /// <param name="offset">How far the clock is off; null in the hourly record.</param>
    public static SealedRecord Of(TimeProvider time, TimeSpan? offset = null) => RecordText.Write("clock", time, json =>
        {
            if (SystemClock.TryRead(out var source, out var milliseconds))
            {
                json.WriteString("src", source);
                json.WriteNumber("est", milliseconds);
            }

            if (offset is { } off)
            {
                json.WriteNumber("ahead", (long)off.TotalMilliseconds);
            }
        });
}
