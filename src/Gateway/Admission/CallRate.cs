namespace Gateway.Admission;

/// <summary>
/// How often a client may call: at most so many times in any one second, wherever the second begins. Calls that are turned away do not
/// count, so a client that never stops still gets its rate. Thread-safe.
/// </summary>
internal sealed class CallRate(TimeProvider time)
{
    private static readonly TimeSpan Second = TimeSpan.FromSeconds(1);
    private readonly Lock _gate = new();

    // When the calls of the last second came; never more than the rate.
    private readonly Queue<long> _calls = new();

    /// <summary>Takes a call; null when it is within the rate, else how long until one will be.</summary>
    /// <param name="perSecond">The registered rate, as it is law now.</param>
    public TimeSpan? Take(int perSecond)
    {
        lock (_gate)
        {
            var now = time.GetTimestamp();
            while (_calls.TryPeek(out var oldest) && time.GetElapsedTime(oldest, now) >= Second)
                _calls.Dequeue();
            if (_calls.Count >= perSecond)
                return Second - time.GetElapsedTime(_calls.Peek(), now);
            _calls.Enqueue(now);
            return null;
        }
    }
}
