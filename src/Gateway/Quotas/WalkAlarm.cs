using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using Gateway.Authorization;
using Gateway.Observability;

namespace Gateway.Quotas;

/// <summary>
/// Tells the operators that a system has used up its misses, or nine tenths of them: somebody may be walking over identifiers with its
/// credential. One line in the log, and one more in the metric, for each system, grant and day.
/// </summary>
internal sealed class WalkAlarm(ILogger<WalkAlarm> log)
{
    private static readonly Meter Meter = new(GatewayMeters.Name);
    private static readonly Counter<long> Walks = Meter.CreateCounter<long>(
        "gateway.quota.walks",
        description: "Systems that have used up their misses of a day, or nearly, by system and agreement"
    );
    private readonly ConcurrentDictionary<(QuotaGrant Grant, string Client), int> _told = new();

    /// <summary>Looks at what the counters said to a call.</summary>
    public void Look(in QuotaDecision decision, QuotaGrant grant, in QuotaAsk ask, Entitlement entitlement)
    {
        if (!decision.Walks || Told((grant, ask.Client), ask.Period.Day))
            return;
        Walks.Add(1, new("client", ask.Client), new("agreement", grant.Agreement));
        log.LogError(
            "Walk over identifiers: {Client} has used up its misses of the day under {Agreement} {Grant} ({Allowance}, and what its matches pay for), or nearly. Look at its records; suspend it if its credential may be stolen",
            ask.Client,
            grant.Agreement,
            grant.Grant,
            entitlement.Grant.Quotas.MissAllowance
        );
    }

    private bool Told((QuotaGrant, string) whose, int day)
    {
        if (_told.TryGetValue(whose, out var told) && told == day)
            return true;
        _told[whose] = day;
        return false;
    }
}
