using Agreements;

namespace Gateway.Admission;

/// <summary>
/// A call's turn at the gateway's own work. It is held while the gateway works for the call and given back while the call waits for
/// somebody else: for its body, a store, an institution, the disk. So the few turns that there are bound the work and not the waiting, and
/// a slow institution keeps nobody from being served.
/// </summary>
internal sealed class Turn : IDisposable
{
    private FairSeats _seats;
    private FairLane _lane;
    private bool _isHeld = true,
        _isAway;

    /// <summary>A turn that has just come.</summary>
    /// <param name="client">Whose call it is, when that is proven; null for a stranger.</param>
    /// <param name="arrivedAt">Timestamp of the call's arrival, before any wait.</param>
    /// <param name="patience">Longest wait for a turn.</param>
    /// <param name="seats">Where it is held.</param>
    /// <param name="lane">Lane in which it waited.</param>
    public Turn(Client? client, long arrivedAt, TimeSpan patience, FairSeats seats, FairLane lane) =>
        (Client, ArrivedAt, Patience, _seats, _lane) = (client, arrivedAt, patience, seats, lane);

    /// <summary>Whose call it is, when that is proven.</summary>
    public Client? Client { get; private set; }

    /// <summary>Timestamp of the call's arrival.</summary>
    public long ArrivedAt { get; }

    /// <summary>Longest wait for a turn.</summary>
    public TimeSpan Patience { get; }

    /// <summary>The call that was a stranger's is known to be <paramref name="client"/>'s, and its turn has come among clients.</summary>
    public void Become(Client client, FairSeats seats, FairLane lane)
    {
        Dispose();
        (Client, _seats, _lane, _isHeld) = (client, seats, lane, true);
    }

    /// <summary>Waits for somebody else without holding the turn. A wait inside a wait changes nothing.</summary>
    public async ValueTask<T> WaitAsync<T>(ValueTask<T> wait)
    {
        if (!_isHeld || _isAway)
            return await wait;
        _isAway = true;
        _seats.Leave(_lane);
        try
        {
            return await wait;
        }
        finally
        {
            _seats.Return(_lane);
            _isAway = false;
        }
    }

    /// <summary>Ends the turn. Idempotent.</summary>
    public void Dispose()
    {
        if (!_isHeld)
            return;
        _isHeld = false;
        _seats.Leave(_lane);
    }
}

/// <summary>Waiting, for calls that have a turn and for work that has none (a batch's lines).</summary>
internal static class TurnWaits
{
    /// <summary>The turn of a request; null where none was asked for.</summary>
    public static Turn? Turn(this HttpContext http) => http.Features.Get<Turn>();

    /// <summary>Waits for somebody else; what is there already costs nothing.</summary>
    public static ValueTask<T> Outside<T>(this Turn? turn, ValueTask<T> wait) =>
        turn is null || wait.IsCompleted ? wait : turn.WaitAsync(wait);
}
