using System.Diagnostics.Metrics;
using Tokens.Status;

namespace Gateway.Observability;

/// <summary>
/// Shows how old the status list is: at 60 s readiness turns red and calls get 503, and an operator wants to know earlier.
/// </summary>
internal sealed class StatusAge : IDisposable
{
    private readonly Meter _meter = new(GatewayMeters.Name);

    /// <summary>Starts showing.</summary>
    public StatusAge(ITokenStatus status) =>
        _meter.CreateObservableGauge(
            "gateway.status.age",
            () => status.Age.TotalSeconds,
            "s",
            "Time since the list of what was stopped was last known to be the newest"
        );

    /// <inheritdoc/>
    public void Dispose() => _meter.Dispose();
}
