namespace Gateway.Admission;

/// <summary>One client's place before some <see cref="FairSeats"/>: the seats that it has, and its callers that wait for more.</summary>
/// <param name="client">Whose it is.</param>
/// <param name="isBulk">Its batches, which may never take every seat.</param>
internal sealed class FairLane(string client, bool isBulk)
{
    private int _taken;

    /// <summary>Whose it is.</summary>
    public string Client { get; } = client;

    /// <summary>Its batches.</summary>
    public bool IsBulk { get; } = isBulk;

    /// <summary>Seats that it has now.</summary>
    public int Taken => Volatile.Read(ref _taken);

    /// <summary>Who waits, the longest first. Touched under the gate of the seats alone.</summary>
    public LinkedList<FairWaiter> Waiters { get; } = [];

    /// <summary>It has a seat more.</summary>
    public void Take() => Interlocked.Increment(ref _taken);

    /// <summary>It has a seat less.</summary>
    public void Leave() => Interlocked.Decrement(ref _taken);
}

/// <summary>One caller that waits: true when it has its seat, false when it left without.</summary>
internal sealed class FairWaiter : TaskCompletionSource<bool>
{
    private readonly FairSeats _seats;

    /// <summary>Waits in a lane.</summary>
    public FairWaiter(FairSeats seats, FairLane lane)
        : base(TaskCreationOptions.RunContinuationsAsynchronously)
    {
        (_seats, Lane) = (seats, lane);
        Place = new LinkedListNode<FairWaiter>(this);
    }

    /// <summary>Where it waits.</summary>
    public FairLane Lane { get; }

    /// <summary>Its place there; in no list any more once it was served or left.</summary>
    public LinkedListNode<FairWaiter> Place { get; }

    /// <summary>Leaves the queue at once, whoever waits before it.</summary>
    public void GiveUp() => _seats.GiveUp(this);
}
