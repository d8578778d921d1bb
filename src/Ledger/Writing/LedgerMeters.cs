using System.Diagnostics.Metrics;

namespace Ledger.Writing;

/// <summary>
/// The figures of a log (ledger page §22), under the meter <c>Ledger</c>, each with the tag <c>log</c>. They hold no content.
/// </summary>
internal sealed class LedgerMeters : IDisposable
{
    private readonly Meter _meter;
    private readonly Histogram<int> _groupRecords;
    private readonly Histogram<double> _groupTime;
    private readonly Histogram<double> _syncTime;
    private readonly Counter<long> _refused;
    private readonly Counter<long> _unsealed;

    /// <param name="origin">The log.</param>
    /// <param name="state">Its state.</param>
    /// <param name="queue">Records reserved or waiting.</param>
    /// <param name="lag">Records durable and not yet published.</param>
    /// <param name="free">Free bytes on its volume, as last seen.</param>
    public LedgerMeters(string origin, Func<LedgerState> state, Func<int> queue, Func<long> lag, Func<long> free)
    {
        _meter = new Meter("Ledger", "1.0.0", [new("log", origin)]);
        _groupRecords = _meter.CreateHistogram<int>("ledger.group.records", "{record}", "Records made durable by one sync");
        _groupTime = _meter.CreateHistogram<double>("ledger.group.ms", "ms", "From taking a group to its receipts");
        _syncTime = _meter.CreateHistogram<double>("ledger.sync.ms", "ms", "One fdatasync");
        _refused = _meter.CreateCounter<long>("ledger.refused", "{request}", "Reservations refused");
        _unsealed = _meter.CreateCounter<long>("ledger.unsealed", "{append}", "Appends told that their records are not known to be durable");
        _meter.CreateObservableGauge("ledger.queue", queue, "{record}", "Records reserved or waiting");
        _meter.CreateObservableGauge("ledger.published.lag", lag, "{record}", "Records durable and not yet published");
        _meter.CreateObservableGauge("ledger.free", free, "By", "Free bytes on the log's volume");
        _meter.CreateObservableGauge("ledger.state", () => (int)state(), null, "0 open, 1 low space, 2 healing, 3 damaged, 4 closed");
    }

    public void Group(int records, TimeSpan whole, TimeSpan sync)
    {
        _groupRecords.Record(records);
        _groupTime.Record(whole.TotalMilliseconds);
        _syncTime.Record(sync.TotalMilliseconds);
    }

    public void Refused() => _refused.Add(1);

    public void Unsealed() => _unsealed.Add(1);

    public void Dispose() => _meter.Dispose();
}
