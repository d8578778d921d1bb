using System.Collections.Concurrent;
using System.Net;

namespace Authority;

/// <summary>
/// What a caller may ask for before any signature is looked at (authority page, section 12): tokens per client and minute, and failed
/// authentications per source address and minute. Bounded memory. Thread-safe.
/// </summary>
/// <param name="failuresPerMinute">Failed authentications of one address a minute.</param>
/// <param name="time">Clock.</param>
public sealed class RequestBudget(int failuresPerMinute, TimeProvider time)
{
    private const int MaxBuckets = 10_000;
    private readonly ConcurrentDictionary<string, Bucket> _clients = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<IPAddress, Bucket> _addresses = new();

    /// <summary>Too many requests of a client or an address: 429, without verification.</summary>
    public static TokenRefusal Exceeded { get; } =
        TokenRefusal.Ruled("temporarily_unavailable", 429, "rate-exceeded", "QUO-02", "too many requests; slow down") with { RetryAfterSeconds = 10 };

    /// <summary>A client, or a proof key, has as many live ids as one may have: 429 until some of them expire.</summary>
    public static TokenRefusal TooManyLive { get; } =
        TokenRefusal.Ruled("temporarily_unavailable", 429, "rate-exceeded", "QUO-02", "too many assertions or proofs are still alive; wait") with { RetryAfterSeconds = 60 };

    /// <summary>Takes one request of a registered client; false when its minute is used up. Names that are not registered are never kept.</summary>
    public bool TryTake(string clientId, int perMinute) => _clients.GetOrAdd(clientId, static _ => new()).TryTake(perMinute, time);

    /// <summary>May this address still try? False after too many failures.</summary>
    public bool MayTry(IPAddress? address) => address is null || !_addresses.TryGetValue(address, out var bucket) || bucket.HasAny(failuresPerMinute, time);

    /// <summary>Counts a failed authentication.</summary>
    public void CountFailure(IPAddress? address)
    {
        if (address is null) return;
        if (_addresses.Count >= MaxBuckets)
            foreach (var (one, bucket) in _addresses) if (bucket.IsFull(failuresPerMinute, time)) _addresses.TryRemove(one, out _);
        _addresses.GetOrAdd(address, static _ => new()).TryTake(failuresPerMinute, time);
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
                if (_spent + 1 > perMinute) return false;
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
            if (_at != 0) _spent = Math.Max(0, _spent - time.GetElapsedTime(_at, now).TotalMinutes * perMinute);
            _at = now;
        }
    }
}
