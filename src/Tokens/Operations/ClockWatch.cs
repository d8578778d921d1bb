using System.Diagnostics.Metrics;
using Microsoft.Extensions.Logging;

namespace Tokens.Operations;

/// <summary>
/// Notices that the clock of this machine was set while the program runs: each second it compares the wall clock with the time that has
/// passed since the start. From five seconds on it is an alarm, sealed and told; from sixty nothing that depends on the time can be relied
/// on any more, and what is refused for that is this program's fault and nobody else's. Thread-safe.
/// </summary>
/// <remarks>
/// Which of the two clocks is right it cannot know: so a clock that was wrong at the start and was set right is off too, until the program
/// starts again. Time services do not disturb it: they slew both clocks alike, and step before programs start.
/// </remarks>
public sealed class ClockWatch : IDisposable
{
    /// <summary>From here on it is an alarm.</summary>
    public static readonly TimeSpan AlarmFrom = TimeSpan.FromSeconds(5);

    /// <summary>From here on the clock is not relied on, and readiness is red.</summary>
    public static readonly TimeSpan OffFrom = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan Every = TimeSpan.FromSeconds(1),
        Glance = TimeSpan.FromMilliseconds(50);

    private readonly TimeProvider _time;
    private readonly Func<TimeSpan, ValueTask<bool>> _seal;
    private readonly ILogger? _log;
    private readonly Meter _meter;
    private readonly Counter<long> _steps;
    private readonly DateTimeOffset _wall;
    private readonly long _stamp;
    private readonly ITimer _timer;
    private TimeSpan _told,
        _sealed;
    private int _looking;

    /// <summary>Starts watching.</summary>
    /// <param name="program">Name of the program's meter; its instruments begin with it.</param>
    /// <param name="time">Clock.</param>
    /// <param name="seal">Seals how far the clock is off; false when it could not, then it is asked again.</param>
    /// <param name="log">Told of every step; null says nothing.</param>
    public ClockWatch(string program, TimeProvider time, Func<TimeSpan, ValueTask<bool>> seal, ILogger? log = null)
    {
        (_time, _seal, _log, _meter) = (time, seal, log, new Meter(program));
        var name = program.ToLowerInvariant();
        (_wall, _stamp) = Read();
        _steps = _meter.CreateCounter<long>(
            name + ".clock.steps",
            description: "Times that the clock of this machine was set by five seconds or more while the program ran"
        );
        _meter.CreateObservableGauge(
            name + ".clock.offset",
            () => Offset.TotalSeconds,
            "s",
            "Wall clock against the time that has passed since the start"
        );
        _timer = time.CreateTimer(static watch => _ = ((ClockWatch)watch!).LookAsync(), this, Every, Every);
    }

    /// <summary>
    /// How far the wall clock is ahead of the time that has passed; negative when it is behind. Computed anew each time: a step shows at
    /// once.
    /// </summary>
    public TimeSpan Offset
    {
        get
        {
            var (wall, stamp) = Read();
            return wall - _wall - _time.GetElapsedTime(_stamp, stamp);
        }
    }

    /// <summary>May a refusal for reasons of time be our own clock's fault?</summary>
    public bool IsSuspect => Offset.Duration() >= AlarmFrom;

    /// <summary>Is the clock not to be relied on?</summary>
    public bool IsOff => Offset.Duration() >= OffFrom;

    /// <inheritdoc/>
    public void Dispose()
    {
        _timer.Dispose();
        _meter.Dispose();
    }

    /// <summary>Looks once. One look at a time; a look that fails is made again a second later.</summary>
    internal async Task LookAsync()
    {
        if (Interlocked.Exchange(ref _looking, 1) != 0)
            return;
        try
        {
            var offset = Offset;
            Tell(offset);
            if ((offset - _sealed).Duration() >= AlarmFrom && await _seal(offset))
                _sealed = offset;
        }
        catch (Exception fault)
        {
            _log?.LogError("The step of the clock could not be sealed: {Fault}", fault.GetType().Name);
        }
        finally
        {
            Volatile.Write(ref _looking, 0);
        }
    }

    private void Tell(TimeSpan offset)
    {
        if ((offset - _told).Duration() < AlarmFrom)
            return;
        _told = offset;
        _steps.Add(1);
        if (offset.Duration() < AlarmFrom)
            _log?.LogWarning("The clock of this machine was set back to where it was: it is off by {Offset:F1} s", offset.TotalSeconds);
        else
            _log?.LogError(
                "The clock of this machine was set while the program ran: it is off by {Offset:F1} s. From {Limit} s on calls are refused as the gateway's own fault. Set it right, or restart the program if it is right now",
                offset.TotalSeconds,
                OffFrom.TotalSeconds
            );
    }

    // Both at one instant: a thread that lost its processor between the two looks again.
    private (DateTimeOffset Wall, long Stamp) Read()
    {
        for (var tries = 1; ; tries++)
        {
            var before = _time.GetTimestamp();
            var wall = _time.GetUtcNow();
            var after = _time.GetTimestamp();
            if (_time.GetElapsedTime(before, after) < Glance || tries == 5)
                return (wall, after);
        }
    }
}
