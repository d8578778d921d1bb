namespace Gateway.Forwarding;

/// <summary>
/// Stands in for a question about a person of whom nothing may leave: it passes window, seat and circuit like any other,
/// keeps its seat as long as the source would have, and comes to what would have become of it.
/// </summary>
/// <param name="Began">When the leg began.</param>
/// <param name="Draw">
/// How long the source would take from then on, the wait for a seat aside, and how it would fail; looked up when the seat is taken.
/// </param>
internal sealed record Pretence(long Began, Func<(TimeSpan Wait, Refusal? Failure)> Draw)
{
    // A timer wakes late by as much; the rest is waited for without sleeping, or whole milliseconds would betray who was not asked about.
    private static readonly TimeSpan TimerSlack = TimeSpan.FromMilliseconds(2);

    /// <summary>Waits until that much time has passed since the leg began.</summary>
    /// <exception cref="OperationCanceledException">The caller left, or the time was up.</exception>
    public async ValueTask HoldAsync(TimeSpan wait, TimeProvider time, CancellationToken cancellation)
    {
        var left = wait - time.GetElapsedTime(Began) - TimerSlack;
        if (left > TimeSpan.Zero)
            await Task.Delay(left, time, cancellation);
        // Ends at the turn nearest to the moment: half of the turns a little early, half a little late, so that no turn's length adds up.
        var (now, turn) = (time.GetElapsedTime(Began), TimeSpan.Zero);
        while (now + (turn / 2) < wait)
        {
            cancellation.ThrowIfCancellationRequested();
            await Task.Yield();
            var then = time.GetElapsedTime(Began);
            (now, turn) = (then, then - now);
        }
    }
}
