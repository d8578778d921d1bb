using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using Microsoft.Extensions.Logging;

namespace Tokens.Status;

/// <summary>
/// When a snapshot was last known to be the newest: its age, the metric that shows it, and a line in the log when it starts and stops
/// growing. Thread-safe.
/// </summary>
internal sealed class SnapshotAge : IDisposable
{
    private static readonly Meter Meter = new("Tokens.Status");
    private static readonly ConcurrentDictionary<SnapshotAge, byte> All = new();
    private readonly TimeProvider _time;
    private readonly ILogger? _log;
    private long _confirmed = long.MinValue;
    private int _away;

    static SnapshotAge() =>
        Meter.CreateObservableGauge(
            "status.snapshot.age.seconds",
            static () => All.IsEmpty ? 0 : Math.Min(All.Keys.Max(static one => one.Now.TotalSeconds), 1e9),
            "s",
            "time since the status list was known to be the newest"
        );

    internal SnapshotAge(TimeProvider time, ILogger? log)
    {
        (_time, _log) = (time, log);
        All.TryAdd(this, 0);
    }

    internal TimeSpan Now =>
        Interlocked.Read(ref _confirmed) is var at && at == long.MinValue ? TimeSpan.MaxValue : _time.GetElapsedTime(at);

    /// <summary>The store was asked at this timestamp, and the snapshot is what it had.</summary>
    internal void Confirm(long asked)
    {
        Interlocked.Exchange(ref _confirmed, asked);
        if (Interlocked.Exchange(ref _away, 0) == 1)
            _log?.LogInformation("the status list answers again");
    }

    internal void Miss(Exception reason)
    {
        if (Interlocked.Exchange(ref _away, 1) == 0)
            _log?.LogError(reason, "the status list does not answer: the last snapshot stays in force until it is too old");
    }

    public void Dispose() => All.TryRemove(this, out _);
}
