namespace Tokens.Replay;

/// <summary>
/// How many live ids each owner has, in bounded memory. Ids are counted by the minute in which they end; each minute keeps the heaviest
/// owners only (Misra and Gries, "Finding repeated elements", 1982): when its room is used up, every owner in it loses one. A count is
/// therefore never too high, so nobody is refused for what others did, and too low by at most the minute's ids divided by its room.
/// Used by one thread.
/// </summary>
/// <param name="limit">Live ids of one owner.</param>
/// <param name="room">Owners of one minute.</param>
internal sealed class OwnerCounts(int limit, int room)
{
    private const int MaxSlots = 64;
    private readonly SortedDictionary<long, Dictionary<long, int>> _slots = [];
    private readonly Dictionary<(long Owner, long Slot), int> _told = [];
    private Dictionary<long, long> _others = [];

    /// <summary>Counters in memory.</summary>
    internal int Size => _slots.Values.Sum(static owners => owners.Count) + _told.Count + _others.Count;

    internal static long SlotOf(long unixSeconds) => unixSeconds / 60;

    internal long Live(long owner)
    {
        var live = _others.GetValueOrDefault(owner);
        foreach (var owners in _slots.Values)
            live += owners.GetValueOrDefault(owner);
        return live;
    }

    /// <summary>Counts one id; false when its owner has as many as it may.</summary>
    internal bool TryAdd(long owner, long forget, long now)
    {
        Expire(SlotOf(now));
        if (Live(owner) >= limit)
            return false;
        var slot = SlotOf(forget);
        if (!_slots.TryGetValue(slot, out var owners))
        {
            if (_slots.Count >= MaxSlots)
                _slots.Remove(_slots.Keys.Max()); // only a clock that jumps about makes so many
            _slots[slot] = owners = [];
        }
        if (owners.Count < room || owners.ContainsKey(owner))
            owners[owner] = owners.GetValueOrDefault(owner) + 1;
        else
            foreach (var one in owners.Keys.ToArray())
                Lower(owners, one);
        return true;
    }

    /// <summary>Takes one back that turned out to be nobody's.</summary>
    internal void Remove(long owner, long forget)
    {
        if (_slots.TryGetValue(SlotOf(forget), out var owners) && owners.ContainsKey(owner))
            Lower(owners, owner);
    }

    /// <summary>What the others must know and have not been told: owners with a hundredth of the limit or more.</summary>
    internal List<OwnerCount> Untold(long now)
    {
        Expire(SlotOf(now));
        var totals = new Dictionary<long, int>();
        foreach (var owners in _slots.Values)
            foreach (var (owner, live) in owners)
                totals[owner] = totals.GetValueOrDefault(owner) + live;
        return
        [
            .. from slot in _slots
            from entry in slot.Value
            where totals[entry.Key] * 100L >= limit && _told.GetValueOrDefault((entry.Key, slot.Key)) != entry.Value
            select new OwnerCount(entry.Key, slot.Key, entry.Value),
        ];
    }

    /// <summary>The store has these counts now, and those of the others.</summary>
    internal void Told(IEnumerable<OwnerCount> told, Dictionary<long, long> others)
    {
        foreach (var one in told)
            _told[(one.Owner, one.Slot)] = one.Live;
        _others = others;
    }

    private void Expire(long slot)
    {
        while (_slots.Count > 0 && _slots.Keys.First() is var first && first < slot)
        {
            _slots.Remove(first);
            foreach (var key in _told.Keys.Where(key => key.Slot == first).ToArray())
                _told.Remove(key);
        }
    }

    private static void Lower(Dictionary<long, int> owners, long owner)
    {
        if (--owners[owner] == 0)
            owners.Remove(owner);
    }
}
