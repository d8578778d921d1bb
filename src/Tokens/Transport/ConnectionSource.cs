namespace Tokens.Transport;

/// <summary>The connections of one source at one listener. Used under the lock of its <see cref="ConnectionCaps"/>.</summary>
internal sealed class ConnectionSource(SourceAddress address)
{
    /// <summary>A handshake that has begun is left this long before a newcomer may take its place.</summary>
    private static readonly TimeSpan HandshakePatience = TimeSpan.FromMilliseconds(500);

    /// <summary>The same for a connection whose handshake is over and that says nothing.</summary>
    private static readonly TimeSpan IdlePatience = TimeSpan.FromSeconds(5);
    private readonly LinkedList<ConnectionSeat> _seats = []; // in the order of arrival

    internal SourceAddress Address { get; } = address;

    /// <summary>Handshakes that it may begin at once; below zero while some wait.</summary>
    internal double Tokens { get; set; }
    internal long At { get; set; }
    internal int Open => _seats.Count;

    /// <summary>Connections that were asked to leave and have not yet: what was agreed on them may still be under way.</summary>
    internal int Leaving { get; private set; }

    internal ConnectionSeat Add(ConnectionSeat seat)
    {
        _seats.AddLast(seat);
        return seat;
    }

    /// <summary>True when it held a place, false when it had lost it to a newcomer.</summary>
    internal bool Remove(ConnectionSeat seat)
    {
        if (_seats.Remove(seat))
            return true;
        if (seat.IsLeaving)
            Leaving--;
        return false;
    }

    internal void Displace(ConnectionSeat seat)
    {
        _seats.Remove(seat);
        seat.IsLeaving = seat.Phase == ConnectionPhase.Established;
        if (seat.IsLeaving)
            Leaving++;
    }

    /// <summary>
    /// Who makes room: the first of those that never said a word, then of those whose handshake has been going on for long, then the one
    /// that was silent longest; null when nobody is silent.
    /// </summary>
    internal ConnectionSeat? Longest(TimeProvider time)
    {
        ConnectionSeat? handshaking = null,
            idle = null;
        foreach (var seat in _seats)
        {
            if (seat.Phase == ConnectionPhase.Silent)
                return seat;
            if (seat.Phase == ConnectionPhase.Handshaking)
                handshaking ??= seat;
            else if (idle is null || seat.Heard < idle.Heard)
                idle = seat;
        }
        if (handshaking is not null && time.GetElapsedTime(handshaking.Began) >= HandshakePatience)
            return handshaking;
        return idle is not null && time.GetElapsedTime(idle.Heard) >= IdlePatience ? idle : null;
    }
}
