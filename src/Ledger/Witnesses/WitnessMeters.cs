using System.Diagnostics.Metrics;

namespace Ledger.Witnesses;

/// <summary>Figures about witnesses, under the meter <c>Ledger</c>.</summary>
internal sealed class WitnessMeters : IDisposable
{
    private readonly Meter _meter;

    public WitnessMeters(string origin, Func<TimeSpan> age, Func<int> contradicted, Func<int> silent)
    {
        _meter = new Meter("Ledger", "1.0.0", [new("log", origin)]);
        _meter.CreateObservableGauge("ledger.witness.age", () => age().TotalSeconds, "s", "Since a checkpoint met the quorum of witnesses");
        _meter.CreateObservableGauge(
            "ledger.witness.contradicted",
            contradicted,
            null,
            "1 when a witness holds another history of this log: the writer was stopped"
        );
        _meter.CreateObservableGauge("ledger.witness.silent", silent, "{witness}", "Witnesses that gave no usable answer in the last round");
    }

    public void Dispose() => _meter.Dispose();
}
