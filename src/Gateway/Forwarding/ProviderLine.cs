using Agreements;
using Gateway.Admission;

namespace Gateway.Forwarding;

/// <summary>The line to one provider: its connections, its seats, its circuit.</summary>
internal sealed class ProviderLine(Institution institution, Wires wires, TimeProvider time) : IDisposable
{
    private readonly FairSeats _seats = new(institution.Provider!.MaxInFlight, time);

    /// <summary>Connections, with the gateway's certificate and the provider's CA pinned.</summary>
    public Wires Wires { get; } = wires;

    /// <summary>Base address as YARP wants it; the true address is set by the transformer.</summary>
    public string Prefix { get; } = institution.Provider!.BaseAddress.ToString();

    /// <summary>Circuit of this provider.</summary>
    public Breaker Breaker { get; } = new(time);

    /// <summary>Questions that wait for a seat.</summary>
    public int Waiting => _seats.Waiting;

    /// <summary>
    /// A seat among the calls in flight, in turns by system; one that is not taken when there was none before the question's deadline.
    /// </summary>
    /// <exception cref="OperationCanceledException">The caller hung up while it waited.</exception>
    public ValueTask<ProviderSeat> EnterAsync(Question question, CancellationToken cancellation)
    {
        var lane = question.IsBulk ? _seats.BulkLaneOf(question.Client) : _seats.LaneOf(question.Client);
        return WaitAsync(_seats.EnterAsync(lane, question.Patience, cancellation), lane);
    }

    /// <summary>Seconds until the declared maintenance window ends; null when the provider is open.</summary>
    public int? ClosedForSeconds(DateTime local)
    {
        foreach (var window in institution.Provider!.Maintenance)
        {
            foreach (var day in window.Days)
            {
                // A window that ends at or before its start ends on the next day.
                var start = local.Date.AddDays(-(((int)local.DayOfWeek - (int)day + 7) % 7)) + window.From.ToTimeSpan();
                var end = start.Date + window.To.ToTimeSpan() + (window.To <= window.From ? TimeSpan.FromDays(1) : TimeSpan.Zero);
                if (local >= start && local < end)
                    return (int)Math.Ceiling((end - local).TotalSeconds);
            }
        }

        return null;
    }

    /// <inheritdoc/>
    public void Dispose() => Wires.Dispose();

    private async ValueTask<ProviderSeat> WaitAsync(ValueTask<bool> entering, FairLane lane)
    {
        var began = time.GetTimestamp();
        return await entering ? new ProviderSeat(_seats, lane, time.GetElapsedTime(began)) : default;
    }
}

/// <summary>A seat at a provider, given back when it is disposed of; the default is none.</summary>
internal readonly struct ProviderSeat(FairSeats seats, FairLane lane, TimeSpan waited) : IDisposable
{
    /// <summary>There is one.</summary>
    public bool IsTaken => seats is not null;

    /// <summary>How long the question waited for it.</summary>
    public TimeSpan Waited => waited;

    /// <inheritdoc/>
    public void Dispose() => seats?.Leave(lane);
}
