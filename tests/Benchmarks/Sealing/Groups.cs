using System.Diagnostics.Metrics;

namespace Benchmarks.Sealing;

/// <summary>
/// The ledger's own meters while one load runs: how many records share a sync, and how long a sync takes beside everything else that is
/// written.
/// </summary>
internal sealed class Groups : IDisposable
{
    private readonly MeterListener _listener = new();
    private readonly List<double> _records = [];
    private readonly List<double> _syncs = [];

    public Groups()
    {
        _listener.InstrumentPublished = static (instrument, listener) =>
        {
            if (instrument.Meter.Name == "Ledger" && instrument.Name is "ledger.group.records" or "ledger.sync.ms")
            {
                listener.EnableMeasurementEvents(instrument);
            }
        };
        _listener.SetMeasurementEventCallback<double>((instrument, value, _, _) => Add(instrument, value));
        _listener.SetMeasurementEventCallback<long>((instrument, value, _, _) => Add(instrument, value));
        _listener.SetMeasurementEventCallback<int>((instrument, value, _, _) => Add(instrument, value));
        _listener.Start();
    }

    /// <summary>Median.</summary>
    public double Records => Sealing.Records.Percentile(_records, 0.5);

    /// <summary>Median, ms.</summary>
    public double Sync => Sealing.Records.Percentile(_syncs, 0.5);

    public void Dispose() => _listener.Dispose();

    // The writer's thread alone measures both.
    private void Add(Instrument instrument, double value) => (instrument.Name == "ledger.sync.ms" ? _syncs : _records).Add(value);
}
