using System.Diagnostics.Metrics;

namespace Benchmarks.Sealing;

/// <summary>The ledger's own meters while one load runs: how many records share a sync, and how long a sync takes beside everything else that is written.</summary>
internal sealed class Groups : IDisposable
{
    private readonly MeterListener listener = new();
    private readonly List<double> records = [];
    private readonly List<double> syncs = [];

    public Groups()
    {
        listener.InstrumentPublished = static (instrument, listener) =>
        {
            if (instrument.Meter.Name == "Ledger" && instrument.Name is "ledger.group.records" or "ledger.sync.ms")
            {
                listener.EnableMeasurementEvents(instrument);
            }
        };
        listener.SetMeasurementEventCallback<double>((instrument, value, _, _) => Add(instrument, value));
        listener.SetMeasurementEventCallback<long>((instrument, value, _, _) => Add(instrument, value));
        listener.SetMeasurementEventCallback<int>((instrument, value, _, _) => Add(instrument, value));
        listener.Start();
    }

    /// <summary>Median.</summary>
    public double Records => Sealing.Records.Percentile(records, 0.5);

    /// <summary>Median, ms.</summary>
    public double Sync => Sealing.Records.Percentile(syncs, 0.5);

    public void Dispose() => listener.Dispose();

    // The writer's thread alone measures both.
    private void Add(Instrument instrument, double value) => (instrument.Name == "ledger.sync.ms" ? syncs : records).Add(value);
}
