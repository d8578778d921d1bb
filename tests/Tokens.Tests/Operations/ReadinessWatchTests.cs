using Microsoft.Extensions.Logging;
using Tokens.Operations;
using Xunit;

namespace Tokens.Tests.Operations;

/// <summary>What ceases to be well is said once, and once more when it is well again.</summary>
public sealed class ReadinessWatchTests : ILogger
{
    private readonly List<string> _lines = [];
    private bool _isWell = true;

    [Fact]
    public void A_check_that_fails_for_long_has_one_line_and_one_when_it_is_over()
    {
        using var watch = Watch(new ReadinessCheck("disk", () => _isWell) { Means = "Calls get 503." });
        for (var i = 0; i < 3; i++)
            watch.Look();
        Assert.Empty(_lines);
        _isWell = false;
        for (var i = 0; i < 10; i++)
            watch.Look();
        Assert.Equal(["Error Readiness: disk is not well. Calls get 503."], _lines);
        _isWell = true;
        for (var i = 0; i < 3; i++)
            watch.Look();
        Assert.Equal(2, _lines.Count);
        Assert.StartsWith("Information Readiness: disk is well again, after ", _lines[1], StringComparison.Ordinal);
        _isWell = false;
        for (var i = 0; i < 3; i++)
            watch.Look();
        Assert.Equal(3, _lines.Count);
    }

    [Fact]
    public void What_lasts_less_than_two_looks_or_is_said_elsewhere_has_no_line_and_a_gauge_all_the_same()
    {
        using var watch = Watch(
            new ReadinessCheck("once", () => _isWell),
            new ReadinessCheck("told", () => _isWell) { IsSaidElsewhere = static () => true }
        );
        using var page = new PrometheusPage(static meter => meter == "Watched");
        _isWell = false;
        watch.Look();
        Assert.Contains("watched_ready{check=\"told\"} 0", page.Write(), StringComparison.Ordinal);
        _isWell = true;
        watch.Look();
        Assert.Contains("watched_ready{check=\"told\"} 1", page.Write(), StringComparison.Ordinal);
        Assert.Empty(_lines);
        _isWell = false;
        for (var i = 0; i < 3; i++)
            watch.Look();
        Assert.Equal(["Error Readiness: once is not well. Calls are refused until it is"], _lines);
    }

    [Fact]
    public void A_check_that_throws_is_not_well()
    {
        using var watch = Watch(new ReadinessCheck("broken", static () => throw new InvalidOperationException()));
        watch.Look();
        watch.Look();
        Assert.StartsWith("Error Readiness: broken is not well", Assert.Single(_lines), StringComparison.Ordinal);
    }

    // Looked at by hand: a timer of an hour's clock never comes.
    private ReadinessWatch Watch(params ReadinessCheck[] checks) => new("Watched", checks, new Still(), this);

    IDisposable? ILogger.BeginScope<TState>(TState state) => null;

    bool ILogger.IsEnabled(LogLevel logLevel) => true;

    void ILogger.Log<TState>(
        LogLevel logLevel,
        EventId eventId,
        TState state,
        Exception? exception,
        Func<TState, Exception?, string> formatter
    ) => _lines.Add($"{logLevel} {formatter(state, exception)}");

    private sealed class Still : TimeProvider
    {
        public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period) =>
            base.CreateTimer(callback, state, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }
}
