using System.Diagnostics.Metrics;
using Gateway.Observability;
using Ledger;

namespace Gateway.Followers;

/// <summary>How far one follower is behind the published log, as the metrics page shows it.</summary>
internal sealed class FollowerPosition : IDisposable
{
    private readonly Meter _meter = new(GatewayMeters.Name);
    private readonly Counter<long> _failures;
    private readonly KeyValuePair<string, object?> _name;
    private long _applied;

    /// <summary>Starts showing.</summary>
    /// <param name="name"><c>index</c>, or the feed's name in the configuration.</param>
    /// <param name="ledger">The log that is followed.</param>
    public FollowerPosition(string name, ILedger ledger)
    {
        _name = new("follower", name);
        _failures = _meter.CreateCounter<long>(
            "gateway.follower.failures",
            description: "Times that an index or a collector could not be served; it is tried again"
        );
        _failures.Add(0, _name);
        _meter.CreateObservableGauge(
            "gateway.follower.lag",
            () => new Measurement<long>(Math.Max(0, (ledger.Published?.Size ?? 0) - Applied), _name),
            description: "Published records that an index or a collector does not have yet"
        );
    }

    /// <summary>Records applied or served.</summary>
    public long Applied
    {
        get => Interlocked.Read(ref _applied);
        set => Interlocked.Exchange(ref _applied, value);
    }

    /// <summary>It could not be served now.</summary>
    public void Failed() => _failures.Add(1, _name);

    /// <inheritdoc/>
    public void Dispose() => _meter.Dispose();
}
