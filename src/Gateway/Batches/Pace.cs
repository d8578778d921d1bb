using System.Threading.RateLimiting;
using Gateway.Admission;

namespace Gateway.Batches;

/// <summary>
/// How many persons a second all batches together may ask one institution about. Systems take turns, at most a second's worth each, so a
/// long chunk of one
/// does not keep a short one of another waiting.
/// </summary>
internal sealed class Pace : IDisposable
{
    private static readonly TimeSpan Second = TimeSpan.FromSeconds(1);
    private readonly FairSeats _turns;
    private readonly TokenBucketRateLimiter _persons;
    private readonly int _perSecond;

    /// <summary>Begins with a second's worth.</summary>
    /// <param name="perSecond">Persons a second, at least one.</param>
    /// <param name="time">Clock of the turns.</param>
    public Pace(int perSecond, TimeProvider time)
    {
        // Ten times a second, or once for each person where there are fewer.
        var periods = Math.Min(perSecond, 10);
        (_perSecond, _turns) = (perSecond, new FairSeats(seats: 1, time));
        _persons = new TokenBucketRateLimiter(
            new TokenBucketRateLimiterOptions
            {
                TokenLimit = perSecond,
                TokensPerPeriod = perSecond / periods,
                ReplenishmentPeriod = Second / periods,
                QueueLimit = perSecond,
                AutoReplenishment = true,
            }
        );
    }

    /// <summary>Waits until these persons may be asked about.</summary>
    /// <param name="client">Whose batch it is.</param>
    /// <param name="persons">How many.</param>
    /// <param name="cancellation">The batch was cancelled, or the gateway stops.</param>
    /// <exception cref="OperationCanceledException">Either happened.</exception>
    /// <returns>How many.</returns>
    public async ValueTask<int> WaitAsync(string client, int persons, CancellationToken cancellation)
    {
        var lane = _turns.LaneOf(client);
        for (var left = persons; left > 0; left -= _perSecond)
        {
            await _turns.EnterAsync(lane, Timeout.InfiniteTimeSpan, cancellation);
            try
            {
                using var lease = await _persons.AcquireAsync(Math.Min(left, _perSecond), cancellation);
            }
            finally
            {
                _turns.Leave(lane);
            }
        }

        return persons;
    }

    /// <inheritdoc/>
    public void Dispose() => _persons.Dispose();
}
