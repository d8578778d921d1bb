namespace Gateway.Authorization.Dossiers;

/// <summary>
/// All periods of all persons, in memory: 1,024 segments by the first bits of the pseudonym. 12.5 million persons take some 420 MB and
/// fit one machine; a look-up is a hash probe. Written by one thread at a time, read by all.
/// </summary>
internal sealed class DossierTable
{
    private const int Bits = 10;
    private readonly DossierSegment[] _segments = [.. Enumerable.Range(0, 1 << Bits).Select(static _ => new DossierSegment())];
    private long[] _counts = new long[16];

    /// <summary>Most clauses that the register can tell apart.</summary>
    public const int MostClauses = (1 << 17) - 1;

    /// <summary>Bytes of the tables.</summary>
    public long Bytes => _segments.Sum(static segment => segment.Bytes);

    /// <summary>Makes room for that many periods.</summary>
    public void Reserve(long periods)
    {
        // Some segments get a few more than others: four standard deviations of their share.
        var share = periods / (double)_segments.Length;
        foreach (var segment in _segments)
            segment.Reserve((int)(share + 4 * Math.Sqrt(share)));
    }

    /// <summary>The period of a day.</summary>
    public bool TryFind(int clause, UInt128 person, ushort day, out Period period) =>
        SegmentOf(person).TryFind((ulong)(person >> 64), (ulong)person, clause, day, out period);

    /// <summary>Periods under a clause.</summary>
    public long Count(int clause)
    {
        var counts = Volatile.Read(ref _counts);
        return clause < counts.Length ? Volatile.Read(ref counts[clause]) : 0;
    }

    /// <summary>Adds the periods of a person to a list, in order of days.</summary>
    public void Read(int clause, UInt128 person, List<Period> into) =>
        SegmentOf(person).Read((ulong)(person >> 64), (ulong)person, clause, into);

    /// <summary>Puts a person's periods in the place of those that stood there.</summary>
    public void Replace(int clause, UInt128 person, List<Period> periods)
    {
        var more = SegmentOf(person).Replace((ulong)(person >> 64), (ulong)person, clause, periods);
        if (clause >= _counts.Length)
        {
            var larger = new long[Math.Max(clause + 1, _counts.Length * 2)];
            _counts.CopyTo(larger, 0);
            Volatile.Write(ref _counts, larger);
        }

        Volatile.Write(ref _counts[clause], _counts[clause] + more);
    }

    private DossierSegment SegmentOf(UInt128 person) => _segments[(int)(person >> (128 - Bits))];
}
