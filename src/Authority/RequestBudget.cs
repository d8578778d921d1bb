using System.Collections.Concurrent;
using Tokens.Transport;

namespace Authority;

/// <summary>
/// What callers may ask for in a minute (authority page, section 12). Who has proved who it is has the tokens of its registration; nothing
/// is taken off them before. Before that there is only the source, whose failures are counted. Bounded memory. Thread-safe.
/// </summary>
/// <param name="failuresPerMinute">Failed authentications of one source a minute.</param>
/// <param name="time">Clock.</param>
public sealed class RequestBudget(int failuresPerMinute, TimeProvider time)
{
    private const int MostSources = 10_000;
    private readonly ConcurrentDictionary<string, Bucket> _clients = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<SourceAddress, Bucket> _sources = new();
    private long _swept;

    /// <summary>Too many requests of a client, or too many failures of a source: 429.</summary>
    public static TokenRefusal Exceeded { get; } =
        TokenRefusal.Ruled("temporarily_unavailable", 429, "rate-exceeded", "QUO-02", "too many requests; slow down") with
        {
            RetryAfterSeconds = 10,
        };

    /// <summary>A client, or a proof key, has as many live ids as one may have: 429 until some of them expire.</summary>
    public static TokenRefusal TooManyLive { get; } =
        TokenRefusal.Ruled(
            "temporarily_unavailable",
            429,
            "rate-exceeded",
            "QUO-02",
            "too many assertions or proofs are still alive; wait"
        ) with
        {
            RetryAfterSeconds = 60,
        };

    /// <summary>Is something left of the minute of a client whose proof is good? Takes nothing.</summary>
    public bool HasRoom(string clientId, int perMinute) => _clients.GetOrAdd(clientId, static _ => new()).HasAny(perMinute, time);

    /// <summary>Takes one request of a client that has proved who it is; false when its minute is used up.</summary>
    public bool TryTake(string clientId, int perMinute) => _clients.GetOrAdd(clientId, static _ => new()).TryTake(perMinute, time);

    /// <summary>
    /// Has this source failed too often? A proof that comes from there is looked at all the same, in turn: others may live behind the same
    /// address. So is one of any source that there is no room to count.
    /// </summary>
    public bool IsSuspect(SourceAddress source) =>
        _sources.TryGetValue(source, out var bucket) ? !bucket.HasAny(failuresPerMinute, time) : _sources.Count >= MostSources;

    /// <summary>Counts a failed authentication.</summary>
    public void CountFailure(SourceAddress source)
    {
        if (_sources.Count >= MostSources)
            Sweep();
        if (_sources.Count < MostSources || _sources.ContainsKey(source))
            _sources.GetOrAdd(source, static _ => new()).TryTake(failuresPerMinute, time);
    }

    private void Sweep()
    {
        var swept = Volatile.Read(ref _swept);
        if (swept != 0 && time.GetElapsedTime(swept) < TimeSpan.FromSeconds(1))
            return; // a look at all of them costs more than a failure may
        if (Interlocked.CompareExchange(ref _swept, time.GetTimestamp(), swept) != swept)
            return;
        foreach (var (source, bucket) in _sources)
            if (bucket.IsFull(failuresPerMinute, time))
                _sources.TryRemove(source, out _);
    }

    private sealed class Bucket
    {
        private readonly Lock _gate = new();
        private double _spent;
        private long _at;

        internal bool TryTake(int perMinute, TimeProvider time)
        {
            lock (_gate)
            {
                Refill(perMinute, time);
                if (_spent + 1 > perMinute)
                    return false;
                _spent += 1;
                return true;
            }
        }

        internal bool HasAny(int perMinute, TimeProvider time)
        {
            lock (_gate)
            {
                Refill(perMinute, time);
                return _spent + 1 <= perMinute;
            }
        }

        internal bool IsFull(int perMinute, TimeProvider time)
        {
            lock (_gate)
            {
                Refill(perMinute, time);
                return _spent <= 0;
            }
        }

        private void Refill(int perMinute, TimeProvider time)
        {
            var now = time.GetTimestamp();
            if (_at != 0)
                _spent = Math.Max(0, _spent - time.GetElapsedTime(_at, now).TotalMinutes * perMinute);
            _at = now;
        }
    }
}
