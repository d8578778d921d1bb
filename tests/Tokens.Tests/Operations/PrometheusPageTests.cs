using System.Diagnostics.Metrics;
using Tokens.Operations;
using Xunit;

namespace Tokens.Tests.Operations;

public sealed class PrometheusPageTests
{
    [Fact]
    public void Counters_gauges_and_histograms_are_written_in_the_text_format()
    {
        using var page = new PrometheusPage(static meter => meter == "page.test");
        using var meter = new Meter("page.test");
        using var other = new Meter("another");
        other.CreateCounter<long>("hidden").Add(1);
        var counter = meter.CreateCounter<long>("some.calls", "{call}", "calls");
        counter.Add(2, new KeyValuePair<string, object?>("kind", "a\"b\\c\nd"));
        counter.Add(3, new KeyValuePair<string, object?>("kind", "x"));
        var depth = 7;
        meter.CreateObservableGauge("queue.depth", () => depth);
        var open = meter.CreateUpDownCounter<int>("open");
        open.Add(5);
        open.Add(-2);
        var histogram = meter.CreateHistogram<double>("took.ms", "ms");
        histogram.Record(0.7);
        histogram.Record(20_000);
        var text = page.Write();
        Assert.Contains("# TYPE some_calls_total counter\n", text, StringComparison.Ordinal);
        Assert.Contains("some_calls_total{kind=\"a\\\"b\\\\c\\nd\"} 2\n", text, StringComparison.Ordinal);
        Assert.Contains("some_calls_total{kind=\"x\"} 3\n", text, StringComparison.Ordinal);
        Assert.Contains("# TYPE queue_depth gauge\nqueue_depth 7\n", text, StringComparison.Ordinal);
        Assert.Contains("open 3\n", text, StringComparison.Ordinal);
        Assert.Contains("took_ms_bucket{le=\"0.5\"} 0\ntook_ms_bucket{le=\"1\"} 1\n", text, StringComparison.Ordinal);
        Assert.Contains("took_ms_bucket{le=\"+Inf\"} 2\n", text, StringComparison.Ordinal);
        Assert.Contains("took_ms_count 2\n", text, StringComparison.Ordinal);
        Assert.DoesNotContain("hidden", text, StringComparison.Ordinal);
        depth = 8;
        Assert.Contains("queue_depth 8\n", page.Write(), StringComparison.Ordinal);
    }
}
