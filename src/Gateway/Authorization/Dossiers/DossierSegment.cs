using System.Runtime.InteropServices;

namespace Gateway.Authorization.Dossiers;

/// <summary>
/// One of the register's many small tables: open addressing, 28 bytes a period, at most 85 % full, growing by an eighth. A look-up
/// allocates nothing and holds the segment's lock for the length of one probe, so a reader sees a person's periods before a change or
/// after it, never in between.
/// </summary>
internal sealed class DossierSegment
{
    // Clause 17 bits, province 14 bits, continues 1 bit. Zero is an empty slot; a period that went leaves a one behind, so that probes go
    // on.
    private const uint Gone = 1;

    private readonly Lock _gate = new();
    private Slot[] _slots = new Slot[8];
    private int _used;

    [StructLayout(LayoutKind.Sequential, Pack = 4)]
    private struct Slot
    {
        public ulong High;
        public ulong Low;
        public uint Packed;
        public ushort From;
        public ushort To;
        public uint Declared;

        public readonly bool Is(ulong high, ulong low, int clause) => Packed >> 15 == (uint)clause && Low == low && High == high;

        public readonly ushort Province => (ushort)(Packed >> 1 & 0x3FFF);
    }

    /// <summary>Bytes of the table.</summary>
    public long Bytes => (long)_slots.Length * 28;

    /// <summary>Makes room at once for what is about to come.</summary>
    public void Reserve(int periods)
    {
        lock (_gate)
            if (periods > Room(_slots.Length))
                Grow((int)(periods / 0.85) + 8);
    }

    /// <summary>The period of a day.</summary>
    public bool TryFind(ulong high, ulong low, int clause, ushort day, out Period period)
    {
        lock (_gate)
        {
            var slots = _slots;
            for (var i = Begin(low, clause, slots.Length); slots[i].Packed != 0; i = i + 1 == slots.Length ? 0 : i + 1)
            {
                ref var slot = ref slots[i];
                if (slot.From > day || day > slot.To || !slot.Is(high, low, clause))
                    continue;
                period = Of(slot);
                return true;
            }
        }

        period = default;
        return false;
    }

    /// <summary>Adds the periods of a person to a list, in order of days.</summary>
    public void Read(ulong high, ulong low, int clause, List<Period> into)
    {
        lock (_gate)
        {
            for (var i = Begin(low, clause, _slots.Length); _slots[i].Packed != 0; i = i + 1 == _slots.Length ? 0 : i + 1)
                if (_slots[i].Is(high, low, clause))
                    into.Add(Of(_slots[i]));
        }

        if (into.Count > 1)
            into.Sort(static (one, other) => one.From.CompareTo(other.From));
    }

    /// <summary>Puts a person's periods in the place of those that stood there; gives how many more there are now.</summary>
    public int Replace(ulong high, ulong low, int clause, List<Period> periods)
    {
        lock (_gate)
        {
            var (next, before) = (0, 0);
            int i;
            for (i = Begin(low, clause, _slots.Length); _slots[i].Packed != 0; i = i + 1 == _slots.Length ? 0 : i + 1)
            {
                if (!_slots[i].Is(high, low, clause))
                    continue;
                before++;
                _slots[i] = next < periods.Count ? Made(high, low, clause, periods[next++]) : new Slot { Packed = Gone };
            }

            for (; next < periods.Count; next++)
                Insert(Made(high, low, clause, periods[next]));
            return periods.Count - before;
        }
    }

    private void Insert(in Slot made)
    {
        if (_used >= Room(_slots.Length))
            Grow(_slots.Length + _slots.Length / 8 + 8);
        var i = Begin(made.Low, (int)(made.Packed >> 15), _slots.Length);
        while (_slots[i].Packed > Gone)
            i = i + 1 == _slots.Length ? 0 : i + 1;
        if (_slots[i].Packed == 0)
            _used++;
        _slots[i] = made;
    }

    private void Grow(int length)
    {
        var old = _slots;
        (_slots, _used) = (new Slot[length], 0);
        foreach (ref var slot in old.AsSpan())
            if (slot.Packed > Gone)
                Insert(slot);
    }

    // One slot stays empty in any case: it ends every probe.
    private static int Room(int length) => (int)(length * 0.85);

    // The pseudonym is the output of a keyed hash: its bits need no mixing, only the clause does.
    private static int Begin(ulong low, int clause, int length) =>
        (int)(((low ^ (ulong)clause * 0x9E37_79B9_7F4A_7C15) >> 32) * (ulong)length >> 32);

    private static Slot Made(ulong high, ulong low, int clause, in Period period) =>
        new()
        {
            High = high,
            Low = low,
            From = period.From,
            To = period.To,
            Declared = period.Declared,
            Packed = (uint)clause << 15 | (uint)period.Province << 1 | (period.Continues ? 1u : 0u),
        };

    private static Period Of(in Slot slot) => new(slot.From, slot.To, slot.Province, (slot.Packed & 1) == 1, slot.Declared);
}
