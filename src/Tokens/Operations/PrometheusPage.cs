using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using System.Globalization;
using System.Text;

namespace Tokens.Operations;

/// <summary>
/// A page of metrics in the Prometheus text format 0.0.4 over <see cref="MeterListener"/>: counters, gauges and histograms of the chosen
/// meters. Label values come from closed lists in our own code; no identifier, token or address is ever one. Thread-safe.
/// </summary>
public sealed class PrometheusPage : IDisposable
{
    /// <summary>Media type of <see cref="Write"/>.</summary>
    public const string MediaType = "text/plain; version=0.0.4; charset=utf-8";
    private const int MaxSeriesPerInstrument = 1000;
    private static readonly double[] Milliseconds = [0.5, 1, 2, 5, 10, 25, 50, 100, 250, 500, 1000, 2500, 5000, 10_000];
    private static readonly double[] Seconds = [.. Milliseconds.Select(static bound => bound / 1000)];

    private readonly MeterListener _listener = new();
    private readonly ConcurrentDictionary<Instrument, ConcurrentDictionary<string, Series>> _instruments = new();

    /// <summary>Starts listening.</summary>
    /// <param name="includes">Which meters, by name.</param>
    public PrometheusPage(Func<string, bool> includes)
    {
        _listener.InstrumentPublished = (instrument, listener) =>
        {
            if (includes(instrument.Meter.Name))
                listener.EnableMeasurementEvents(instrument);
        };
        _listener.SetMeasurementEventCallback<long>((instrument, value, tags, _) => Record(instrument, value, tags));
        _listener.SetMeasurementEventCallback<int>((instrument, value, tags, _) => Record(instrument, value, tags));
        _listener.SetMeasurementEventCallback<double>((instrument, value, tags, _) => Record(instrument, value, tags));
        _listener.Start();
    }

    /// <summary>The page now. Observable instruments are asked at this moment.</summary>
    public string Write()
    {
        lock (_listener)
            _listener.RecordObservableInstruments();
        var page = new StringBuilder();
        foreach (
            var group in _instruments
                .GroupBy(static entry => NameOf(entry.Key), StringComparer.Ordinal)
                .OrderBy(static group => group.Key, StringComparer.Ordinal)
        )
        {
            var first = group.First().Key;
            page.Append(
                CultureInfo.InvariantCulture,
                $"# HELP {group.Key} {(first.Description ?? group.Key).Replace('\n', ' ')}\n# TYPE {group.Key} {KindOf(first)}\n"
            );
            foreach (var (_, series) in group)
                foreach (var (labels, one) in series.OrderBy(static entry => entry.Key, StringComparer.Ordinal))
                    one.Write(page, group.Key, labels);
        }
        return page.ToString();
    }

    /// <inheritdoc />
    public void Dispose() => _listener.Dispose();

    private void Record(Instrument instrument, double value, ReadOnlySpan<KeyValuePair<string, object?>> tags)
    {
        var all = _instruments.GetOrAdd(instrument, static _ => new(StringComparer.Ordinal));
        var labels = LabelsOf(tags);
        if (!all.TryGetValue(labels, out var series))
        {
            if (all.Count >= MaxSeriesPerInstrument)
                return; // a label that grows without bound is a fault in our code, not a reason to fall over
            series = all.GetOrAdd(labels, static (_, owner) => new Series(BoundsOf(owner)), instrument);
        }
        series.Add(value, isAbsolute: instrument.IsObservable || IsGauge(instrument));
    }

    private static string LabelsOf(ReadOnlySpan<KeyValuePair<string, object?>> tags)
    {
        if (tags.IsEmpty)
            return "";
        var text = new StringBuilder();
        foreach (var (name, value) in tags)
        {
            if (text.Length > 0)
                text.Append(',');
            var escaped = (Convert.ToString(value, CultureInfo.InvariantCulture) ?? "")
                .Replace("\\", "\\\\", StringComparison.Ordinal)
                .Replace("\"", "\\\"", StringComparison.Ordinal)
                .Replace("\n", "\\n", StringComparison.Ordinal);
            text.Append(Sanitize(name)).Append("=\"").Append(escaped).Append('"');
        }
        return text.ToString();
    }

    private static string NameOf(Instrument instrument) => Sanitize(instrument.Name) + (KindOf(instrument) == "counter" ? "_total" : "");

    private static string Sanitize(string name) => string.Create(name.Length, name, static (target, source) =>
        {
            for (var i = 0; i < source.Length; i++)
                target[i] = char.IsAsciiLetterOrDigit(source[i]) ? source[i] : '_';
        });

    private static string KindOf(Instrument instrument) =>
        BoundsOf(instrument) is not null ? "histogram"
        : instrument.GetType().Name.Contains("UpDown", StringComparison.Ordinal) || IsGauge(instrument) ? "gauge"
        : "counter";

    private static bool IsGauge(Instrument instrument) => instrument.GetType().Name.Contains("Gauge", StringComparison.Ordinal);

    private static double[]? BoundsOf(Instrument instrument) =>
        instrument.GetType().Name.StartsWith("Histogram", StringComparison.Ordinal)
            ? instrument.Unit == "s"
                ? Seconds
                : Milliseconds
            : null;

    private sealed class Series(double[]? bounds)
    {
        private readonly Lock _gate = new();
        private readonly long[] _counts = new long[(bounds?.Length ?? 0) + 1];
        private double _sum;

        internal void Add(double value, bool isAbsolute)
        {
            lock (_gate)
            {
                _sum = isAbsolute ? value : _sum + value;
                if (bounds is null)
                    return;
                var bucket = Array.FindIndex(bounds, bound => value <= bound);
                _counts[bucket < 0 ? bounds.Length : bucket] += 1;
            }
        }

        internal void Write(StringBuilder page, string name, string labels)
        {
            lock (_gate)
            {
                if (bounds is null)
                {
                    page.Append(CultureInfo.InvariantCulture, $"{name}{(labels.Length == 0 ? "" : "{" + labels + "}")} {_sum:R}\n");
                    return;
                }
                var prefix = labels.Length == 0 ? "" : labels + ",";
                var total = 0L;
                for (var i = 0; i < _counts.Length; i++)
                {
                    total += _counts[i];
                    var bound = i < bounds.Length ? bounds[i].ToString("R", CultureInfo.InvariantCulture) : "+Inf";
                    page.Append(CultureInfo.InvariantCulture, $"{name}_bucket{{{prefix}le=\"{bound}\"}} {total}\n");
                }
                var braces = labels.Length == 0 ? "" : "{" + labels + "}";
                page.Append(CultureInfo.InvariantCulture, $"{name}_sum{braces} {_sum:R}\n{name}_count{braces} {total}\n");
            }
        }
    }
}
