using Agreements;

namespace Gateway.Forwarding;

/// <summary>The line to one provider: its connections, its seats, its circuit.</summary>
internal sealed class ProviderLine(Institution institution, HttpMessageInvoker invoker, TimeProvider time) : IDisposable
{
    private readonly SemaphoreSlim _seats = new(institution.Provider!.MaxInFlight);

    /// <summary>Connections, with the gateway's certificate and the provider's CA pinned.</summary>
    public HttpMessageInvoker Invoker { get; } = invoker;

    /// <summary>Base address as YARP wants it; the true address is set by the transformer.</summary>
    public string Prefix { get; } = institution.Provider!.BaseAddress.ToString();

    /// <summary>Circuit of this provider.</summary>
    public Breaker Breaker { get; } = new(time);

    /// <summary>A seat among the calls in flight; null when all are taken.</summary>
    public IDisposable? TryEnter() => _seats.Wait(0) ? new Seat(_seats) : null;

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
                if (local >= start && local < end) return (int)Math.Ceiling((end - local).TotalSeconds);
            }
        }

        return null;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        Invoker.Dispose();
        _seats.Dispose();
    }

    private sealed class Seat(SemaphoreSlim seats) : IDisposable
    {
        public void Dispose() => seats.Release();
    }
}
