using System.Text.Json;
using Ledger.Tiles;

namespace Admin.Conventions;

/// <summary>The calls of several logs in the order of their time, as quotas meet them.</summary>
internal sealed class PastCalls(IReadOnlyList<LogReader> logs, DateTimeOffset since, Action<long, long> progress)
{
    private readonly long _all = logs.Sum(log => log.Checkpoint.Size - LogTime.FirstSince(log, since));

    /// <summary>Records read so far.</summary>
    internal long Read { get; private set; }

    /// <summary>All calls.</summary>
    internal IEnumerable<PastCall> All()
    {
        var next = new PriorityQueue<IEnumerator<PastCall>, DateTimeOffset>();
        foreach (var log in logs)
            Queue(Of(log).GetEnumerator());
        while (next.TryDequeue(out var calls, out _))
        {
            yield return calls.Current;
            Queue(calls);
        }

        void Queue(IEnumerator<PastCall> calls)
        {
            if (calls.MoveNext())
                next.Enqueue(calls, calls.Current.At);
            else
                calls.Dispose();
        }
    }

    // A decision stands right behind the record that it explains.
    private IEnumerable<PastCall> Of(LogReader log)
    {
        PastCall? before = null;
        foreach (var entry in log.Entries(LogTime.FirstSince(log, since)))
        {
            if (++Read % 1024 == 0)
                progress(Read, _all);
            using var document = JsonDocument.Parse(entry.Text);
            var record = document.RootElement;
            if (before is not null && PastCall.Text(record, "ev") == "decision" && PastCall.Text(record, "ref") == before.Id)
            {
                yield return before.With(record);
                before = null;
                continue;
            }

            if (before is not null)
                yield return before;
            before = PastCall.Read(log.Checkpoint.Origin, entry.Index, record);
        }

        if (before is not null)
            yield return before;
    }
}
