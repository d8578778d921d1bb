namespace Ledger.Writing;

/// <summary>Counts the answers 503 that could not be sealed, for the next <c>gap</c> record.</summary>
internal sealed class Refusals(TimeProvider time)
{
    private readonly Lock _gate = new();
    private long _count;
    private DateTimeOffset _from;
    private DateTimeOffset _until;

    public bool Any => Volatile.Read(ref _count) > 0;

    /// <summary>Whether a second has passed without one: the gap has ended.</summary>
    public bool IsOver
    {
        get
        {
            lock (_gate)
            {
                return time.GetUtcNow() - _until >= TimeSpan.FromSeconds(1);
            }
        }
    }

    public void Count()
    {
        lock (_gate)
        {
            _until = time.GetUtcNow();
            _from = _count++ == 0 ? _until : _from;
        }
    }

    public bool Take(out DateTimeOffset first, out DateTimeOffset last, out long number)
    {
        lock (_gate)
        {
            (first, last, number, _count) = (_from, _until, _count, 0);
            return number > 0;
        }
    }
}
