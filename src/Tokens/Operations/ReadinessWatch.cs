using System.Diagnostics.Metrics;
using System.Runtime.InteropServices;
using Microsoft.Extensions.Logging;

namespace Tokens.Operations;

/// <summary>
/// Looks at the checks of readiness each second and says in the program's log when one ceases to be well, and when it is well again: one
/// line each,
/// however long it lasts. A gauge shows all of them. Thread-safe.
/// </summary>
/// <remarks>What lasts less than two looks is not said: a program that starts is not ready for a moment.</remarks>
public sealed class ReadinessWatch : IDisposable
{
    private static readonly TimeSpan Every = TimeSpan.FromSeconds(1);

    private readonly IReadOnlyList<ReadinessCheck> _checks;
    private readonly Standing[] _standings;
    private readonly TimeProvider _time;
    private readonly ILogger _log;
    private readonly Meter _meter;
    private readonly ITimer _timer;
    private int _looking;

    /// <summary>Starts watching.</summary>
    /// <param name="program">Name of the program's meter; its instruments begin with it.</param>
    /// <param name="checks">The checks.</param>
    /// <param name="time">Clock.</param>
    /// <param name="log">Told when a check ceases to be well, and when it is well again.</param>
    public ReadinessWatch(string program, IReadOnlyList<ReadinessCheck> checks, TimeProvider time, ILogger log)
    {
        (_checks, _time, _log, _meter, _standings) = (checks, time, log, new Meter(program), new Standing[checks.Count]);
        _meter.CreateObservableGauge(
            program.ToLowerInvariant() + ".ready",
            () =>
                _checks.Select(static check => new Measurement<int>(
                    check.IsWell() ? 1 : 0,
                    new KeyValuePair<string, object?>("check", check.Name)
                )),
            description: "1 while a check of readiness is well, 0 while it is not"
        );
        _timer = time.CreateTimer(static watch => ((ReadinessWatch)watch!).Look(), this, Every, Every);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _timer.Dispose();
        _meter.Dispose();
    }

    /// <summary>Looks once. One look at a time.</summary>
    internal void Look()
    {
        if (Interlocked.Exchange(ref _looking, 1) != 0)
            return;
        for (var i = 0; i < _standings.Length; i++)
            _standings[i] = Next(_checks[i], _standings[i]);
        Volatile.Write(ref _looking, 0);
    }

    private Standing Next(ReadinessCheck check, Standing before)
    {
        if (check.IsWell())
        {
            if (before.IsSaid)
                _log.LogInformation(
                    "Readiness: {Check} is well again, after {Seconds:F0} s",
                    check.Name,
                    _time.GetElapsedTime(before.Since).TotalSeconds
                );
            return default;
        }

        if (before.Looks == 0)
            return new Standing(1, _time.GetTimestamp(), IsSaid: false);
        if (before.Looks > 1 || before.IsSaid)
            return before;
        if (check.IsSaidElsewhere?.Invoke() == true)
            return before with { Looks = 2 };
        _log.LogError("Readiness: {Check} is not well. {Means}", check.Name, check.Means ?? "Calls are refused until it is");
        return before with { Looks = 2, IsSaid = true };
    }

    [StructLayout(LayoutKind.Auto)]
    private readonly record struct Standing(int Looks, long Since, bool IsSaid);
}
