using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using Microsoft.Extensions.Logging;

namespace Tokens.Operations;

/// <summary>
/// What becomes of the loops that run beside requests. A loop survives every exception: it reports it here and goes on. Each fault is
/// counted, the first of a row is logged, and readiness names the loops whose last round failed. Thread-safe.
/// </summary>
public sealed class BackgroundWork : IDisposable
{
    /// <summary>Name of the meter.</summary>
    public const string MeterName = "Tokens.Background";
    private readonly Meter _meter = new(MeterName);
    private readonly Counter<long> _faults;
    private readonly ConcurrentDictionary<string, bool> _failing = new(StringComparer.Ordinal);

    /// <summary>Begins with every loop well.</summary>
    public BackgroundWork()
    {
        _faults = _meter.CreateCounter<long>("background.faults", "{fault}", "Rounds of a background loop that ended in an exception");
        _meter.CreateObservableGauge(
            "background.failing",
            () =>
                _failing.Select(static loop => new Measurement<int>(
                    loop.Value ? 1 : 0,
                    new KeyValuePair<string, object?>("loop", loop.Key)
                )),
            null,
            "1 while the last round of a background loop ended in an exception"
        );
    }

    /// <summary>Where faults are logged; set once the program has a log.</summary>
    public ILogger? Log { get; set; }

    /// <summary>The loops whose last round failed, for readiness; null when all are well.</summary>
    public string? Failing =>
        _failing.Any(static loop => loop.Value)
            ? "failing, tried again: "
                + string.Join(", ", _failing.Where(static loop => loop.Value).Select(static loop => loop.Key).Order(StringComparer.Ordinal))
            : null;

    /// <summary>Tells how a round ended.</summary>
    /// <param name="loop">Name of the loop, from our own code.</param>
    /// <param name="fault">What it ended in; null when it went well.</param>
    public void Report(string loop, Exception? fault)
    {
        var before = _failing.TryGetValue(loop, out var failed) && failed;
        if (before || fault is not null)
            _failing[loop] = fault is not null;
        if (fault is null)
        {
            if (before)
                Log?.LogInformation("{Loop} is well again", loop);
            return;
        }

        _faults.Add(1, new("loop", loop), new("error", fault.GetType().Name));
        // The type and the place alone: messages may quote what was being read.
        if (!before)
            Log?.LogError("{Loop} failed with {Error} at {Place} and goes on", loop, fault.GetType().Name, fault.TargetSite?.Name);
    }

    /// <summary>Runs one round and reports how it ended.</summary>
    /// <param name="loop">Name of the loop.</param>
    /// <param name="round">The round.</param>
    /// <returns>Whether it went well.</returns>
    public async Task<bool> RunAsync(string loop, Func<Task> round)
    {
        try
        {
            await round();
            Report(loop, fault: null);
            return true;
        }
        catch (Exception fault)
        {
            Report(loop, fault);
            return false;
        }
    }

    /// <inheritdoc />
    public void Dispose() => _meter.Dispose();
}
