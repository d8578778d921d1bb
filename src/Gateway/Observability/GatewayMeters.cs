using System.Diagnostics.Metrics;

namespace Gateway.Observability;

/// <summary>Meters of the gateway. Tags come from the contract and the registry, never from what a caller sent.</summary>
internal sealed class GatewayMeters : IDisposable
{
    /// <summary>Name of the meter.</summary>
    public const string Name = "Gateway";

    private readonly Meter _meter = new(Name);
    private readonly Counter<long> _exchanges,
        _undeclared,
        _unsealed,
        _turnedAway;
    private readonly Histogram<double> _duration,
        _provider;

    /// <summary>Creates the instruments.</summary>
    public GatewayMeters()
    {
        _exchanges = _meter.CreateCounter<long>("gateway.exchanges", description: "Exchanges by operation and outcome code");
        _duration = _meter.CreateHistogram<double>("gateway.exchange.duration", "s", "Whole exchange, sealing included");
        _provider = _meter.CreateHistogram<double>("gateway.provider.duration", "s", "One provider's answer");
        _undeclared = _meter.CreateCounter<long>(
            "gateway.provider.undeclared",
            description: "Members that a provider sent and the contract does not know"
        );
        _turnedAway = _meter.CreateCounter<long>(
            "gateway.turned.away",
            description: "Calls refused before any work on a token, by reason: rate, connections, deadline; strangers together"
        );
        _unsealed = _meter.CreateCounter<long>("gateway.unsealed", description: "Refusals that could not be sealed");
    }

    /// <summary>An exchange ended.</summary>
    public void Ended(string operation, string outcome, TimeSpan took)
    {
        _exchanges.Add(1, new("operation", operation), new("outcome", outcome));
        _duration.Record(took.TotalSeconds, new KeyValuePair<string, object?>("operation", operation));
    }

    /// <summary>A provider answered or failed.</summary>
    public void Asked(string provider, string outcome, TimeSpan took) =>
        _provider.Record(took.TotalSeconds, new("provider", provider), new("outcome", outcome));

    /// <summary>A provider sent members that its contract does not know: its owner should hear of it.</summary>
    public void Undeclared(string provider, int count)
    {
        if (count > 0)
            _undeclared.Add(count, new KeyValuePair<string, object?>("provider", provider));
    }

    /// <summary>A call, or a connection, was turned away at the entrance.</summary>
    /// <param name="reason">rate, connections or deadline.</param>
    /// <param name="client">Registered client; <c>none</c> for a stranger.</param>
    public void TurnedAway(string reason, string client) => _turnedAway.Add(1, new("reason", reason), new("client", client));

    /// <summary>A refusal left without a record; the next <c>gap</c> record counts it.</summary>
    public void Unsealed() => _unsealed.Add(1);

    /// <inheritdoc/>
    public void Dispose() => _meter.Dispose();
}
