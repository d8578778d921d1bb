namespace Ledger.Writing;

/// <summary>Counts the answers 503 that could not be sealed, for the next <c>gap</c> record.</summary>
internal sealed class Refusals(TimeProvider time)
{
    private readonly Lock gate = new();
    private long count;
    private DateTimeOffset from;
    private DateTimeOffset until;

    public bool Any => Volatile.Read(ref count) > 0;

    /// <summary>Whether a second has passed without one: the gap has ended.</summary>
    public bool IsOver
    {
        get
        {
            lock (gate)
            {
                return time.GetUtcNow() - until >= TimeSpan.FromSeconds(1);
            }
        }
    }

    public void Count()
    {
        lock (gate)
        {
            until = time.GetUtcNow();
            from = count++ == 0 ? until : from;
        }
    }

    public bool Take(out DateTimeOffset first, out DateTimeOffset last, out long number)
    {
        lock (gate)
        {
            (first, last, number, count) = (from, until, count, 0);
            return number > 0;
        }
    }
}
