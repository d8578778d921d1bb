using System.Collections.Concurrent;
using System.Security.Cryptography;
using Gateway.Authorization;

namespace Gateway.Forwarding;

/// <summary>
/// How long a partner waits for <c>NOT_FOUND</c>, under each grant and operation. An answer that must look unknown without anybody being
/// asked is held back by a time drawn from the last 256 of those (exchanges page, section 1.9), so that the wait says nothing about the person.
/// </summary>
internal sealed class MissLatencies(TimeProvider time)
{
    // A timer wakes late by as much; the rest is waited for without sleeping, or whole milliseconds would betray the held answers.
    private static readonly TimeSpan TimerSlack = TimeSpan.FromMilliseconds(2);
    private readonly ConcurrentDictionary<(string Agreement, string Grant, string Operation), Waits> _waits = new();

    /// <summary>A source answered about a person; <paramref name="miss"/> when it did not know the person.</summary>
    public void Note(Entitlement entitlement, TimeSpan took, bool miss) => Of(entitlement).Note(took, miss);

    /// <summary>Waits until as much time has passed since <paramref name="began"/> as a real miss takes.</summary>
    public ValueTask HoldAsync(Entitlement entitlement, long began, CancellationToken cancellation) => HoldAsync(Of(entitlement).Draw(), began, cancellation);

    /// <summary>Waits until that much time has passed since <paramref name="began"/>.</summary>
    public async ValueTask HoldAsync(TimeSpan wait, long began, CancellationToken cancellation)
    {
        var left = wait - time.GetElapsedTime(began) - TimerSlack;
        if (left > TimeSpan.Zero) await Task.Delay(left, time, cancellation);
        while (time.GetElapsedTime(began) < wait) await Task.Yield();
    }

    private Waits Of(Entitlement entitlement) =>
        _waits.GetOrAdd((entitlement.Agreement.Id, entitlement.Grant.Id, entitlement.Operation.Id), static _ => new Waits());

    private sealed class Waits
    {
        private const int Most = 256;
        private readonly Lock _gate = new();
        private readonly TimeSpan[] _misses = new TimeSpan[Most], _answers = new TimeSpan[Most];
        private int _missCount, _answerCount;

        public void Note(TimeSpan took, bool miss)
        {
            lock (_gate)
            {
                if (miss) _misses[_missCount++ % Most] = took;
                else _answers[_answerCount++ % Most] = took;
                // Counters that wrapped would fall behind the ring.
                if (_missCount == 2 * Most) _missCount = Most;
                if (_answerCount == 2 * Most) _answerCount = Most;
            }
        }

        /// <summary>One of the last misses; before the first of them, one of the last answers; before the first of those, 20 to 60 ms.</summary>
        public TimeSpan Draw()
        {
            lock (_gate)
            {
                if (_missCount > 0) return _misses[RandomNumberGenerator.GetInt32(Math.Min(_missCount, Most))];
                if (_answerCount > 0) return _answers[RandomNumberGenerator.GetInt32(Math.Min(_answerCount, Most))];
            }

            return TimeSpan.FromMicroseconds(RandomNumberGenerator.GetInt32(20_000, 60_000));
        }
    }
}
