namespace Ledger;

/// <summary>Room in the ledger's queue for the records of one request. Disposing of an unused one gives the room back.</summary>
public abstract class Reservation : IDisposable
{
    private int _state;

    private protected Reservation(int records) => Records = records;

    /// <summary>How many records may be appended with it.</summary>
    public int Records { get; }

    /// <summary>Something was appended with it, or was tried: a further record needs another reservation.</summary>
    public bool IsUsed => Volatile.Read(ref _state) == 1;

    /// <summary>Marks it used; false when it was used or given back before.</summary>
    internal bool TryUse() => Interlocked.CompareExchange(ref _state, 1, 0) == 0;

    /// <inheritdoc/>
    public void Dispose()
    {
        if (Interlocked.CompareExchange(ref _state, 2, 0) == 0)
        {
            GiveBack();
        }

        GC.SuppressFinalize(this);
    }

    private protected abstract void GiveBack();
}
