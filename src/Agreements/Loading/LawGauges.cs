using System.Diagnostics.Metrics;

namespace Agreements.Loading;

/// <summary>Shows since when the files on disk are not what is in force, and whether two operators stand behind what is.</summary>
public sealed class LawGauges : IDisposable
{
    private readonly Meter _meter;

    /// <summary>Starts showing.</summary>
    /// <param name="law">The watched law.</param>
    /// <param name="meter">Meter of the program; its name in lower case begins those of the gauges.</param>
    /// <param name="time">Clock.</param>
    public LawGauges(RegistryWatcher law, string meter, TimeProvider time)
    {
        _meter = new Meter(meter);
        var name = meter.ToLowerInvariant() + ".law.";
        _meter.CreateObservableGauge(
            name + "behind",
            () => law.Lag is { } lag ? (time.GetUtcNow() - lag.Since).TotalSeconds : 0,
            "s",
            "Time since the contracts on disk differ from what is in force; 0 while they do not"
        );
        _meter.CreateObservableGauge(
            name + "behind.since",
            () => law.Lag?.Since.ToUnixTimeSeconds() ?? 0,
            description: "Since when they differ, in seconds since 1970; 0 while they do not"
        );
        _meter.CreateObservableGauge(
            name + "operators",
            () => law.HasOperators ? 1 : 0,
            description: "1 when no set is law without the approval of two operators, 0 when whoever may write the contracts folder makes law"
        );
    }

    /// <inheritdoc/>
    public void Dispose() => _meter.Dispose();
}
