using System.Diagnostics.Metrics;
using Gateway.Forwarding;

namespace Gateway.Observability;

/// <summary>
/// Shows who waits: for a turn at the gateway's work by client, for a seat at an institution by institution. Registered ids only; strangers
/// are counted together.
/// </summary>
internal sealed class QueueGauges : IDisposable
{
    private readonly Meter _meter = new(GatewayMeters.Name);

    /// <summary>Starts showing.</summary>
    public QueueGauges(Arrivals arrivals, ProviderConnections providers)
    {
        _meter.CreateObservableGauge(
            "gateway.waiting",
            () =>
                arrivals.Waiting.Select(static one => new Measurement<int>(
                    one.Waiting,
                    new KeyValuePair<string, object?>("client", one.Client)
                )),
            description: "Calls that wait for their turn, by client; strangers together"
        );
        _meter.CreateObservableGauge(
            "gateway.provider.waiting",
            () =>
                providers.Waiting.Select(static one => new Measurement<int>(
                    one.Waiting,
                    new KeyValuePair<string, object?>("provider", one.Institution)
                )),
            description: "Questions that wait for a seat at an institution"
        );
        _meter.CreateObservableGauge(
            "gateway.provider.circuit",
            () =>
                from one in providers.Circuits
                group one.State by one.Institution into states
                select new Measurement<int>(
                    states.Any(static state => state != "Closed") ? 1 : 0,
                    new KeyValuePair<string, object?>("provider", states.Key)
                ),
            description: "1 while an institution is not asked, or only now and then, because it failed"
        );
    }

    /// <inheritdoc/>
    public void Dispose() => _meter.Dispose();
}
