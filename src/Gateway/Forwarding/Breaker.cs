namespace Gateway.Forwarding;

/// <summary>How a call ended, as far as the source is concerned.</summary>
internal enum CallOutcome
{
    /// <summary>It says nothing of the source: the caller left, or the gateway itself cut the call short.</summary>
    None,

    /// <summary>The source is alive.</summary>
    Healthy,

    /// <summary>The source was silent, unreachable or broken.</summary>
    Failed,
}

/// <summary>
/// Circuit breaker of one source: opens when at least ten calls in ten seconds went wrong by half, lets one probe through
/// after five seconds (hardening page, section 6). A call without outcome counts in neither direction: it cannot open the circuit, water
/// down failures, or close an open circuit as its probe.
/// </summary>
internal sealed class Breaker(TimeProvider time)
{
    private const int FewestCalls = 10,
        Seconds = 10;
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(5);
    private readonly Lock _gate = new();
    private readonly long _began = time.GetTimestamp();
    private readonly (long Second, int Calls, int Failures)[] _window = new (long, int, int)[Seconds];
    private long? _openedAt;
    private bool _probing;

    /// <summary>Closed, Open or HalfOpen, for the metrics.</summary>
    public string State
    {
        get
        {
            lock (_gate)
                return _openedAt is not { } opened ? "Closed"
                    : time.GetElapsedTime(opened) < Pause ? "Open"
                    : "HalfOpen";
        }
    }

    /// <summary>False when nobody may ask now. Whoever may hands the outcome to <see cref="Report"/>, whatever happens.</summary>
    /// <param name="probe">This call alone decides whether an open circuit closes.</param>
    public bool TryPass(out bool probe)
    {
        lock (_gate)
        {
            probe = false;
            if (_openedAt is not { } opened)
                return true;
            if (_probing || time.GetElapsedTime(opened) < Pause)
                return false;
            return probe = _probing = true;
        }
    }

    /// <summary>How a call that was let through ended. Calls that began before the circuit opened have no say once it is open.</summary>
    public void Report(bool probe, CallOutcome outcome)
    {
        lock (_gate)
        {
            if (probe)
                _probing = false;
            if (outcome == CallOutcome.None || (_openedAt is not null && !probe))
                return;
            if (probe)
                _openedAt = null;
            else
                Count(outcome);
            if (outcome == CallOutcome.Failed && (probe || IsTooMuch()))
                Open();
        }
    }

    private void Open()
    {
        _openedAt = time.GetTimestamp();
        Array.Clear(_window);
    }

    private void Count(CallOutcome outcome)
    {
        var second = Second();
        ref var slot = ref _window[second % Seconds];
        if (slot.Second != second)
            slot = (second, 0, 0);
        slot = (second, slot.Calls + 1, slot.Failures + (outcome == CallOutcome.Failed ? 1 : 0));
    }

    private bool IsTooMuch()
    {
        var (oldest, calls, failures) = (Second() - Seconds, 0, 0);
        foreach (var slot in _window)
            if (slot.Second > oldest)
                (calls, failures) = (calls + slot.Calls, failures + slot.Failures);
        return calls >= FewestCalls && failures * 2 >= calls;
    }

    private long Second() => (long)time.GetElapsedTime(_began).TotalSeconds;
}
