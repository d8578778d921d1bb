using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Text;

namespace Gateway.Quotas.Postgres;

/// <summary>The counters that one round of the writer touches, between the database and the rule that decides on them.</summary>
internal sealed class QuotaRows
{
    private const short PersonKind = 0;
    private readonly Dictionary<int, GrantCounters> _grants = [];
    private readonly HashSet<(int Quota, QuotaPeriod Period)> _periods = [];
    private readonly HashSet<(int Quota, int Day, short Kind, byte[] Name)> _names = new(new NameComparer());
    private readonly Dictionary<int, QuotaPeriod> _days = [];

    /// <summary>Ids of the grants.</summary>
    public int[] Quotas => [.. _grants.Keys.Order()];

    /// <summary>Grants and civil days.</summary>
    public IReadOnlyCollection<(int Quota, QuotaPeriod Period)> Periods => _periods;

    /// <summary>Grants, days and names of persons, agents, offices and clients.</summary>
    public IReadOnlyCollection<(int Quota, int Day, short Kind, byte[] Name)> Names => _names;

    /// <summary>The counters of a grant.</summary>
    public GrantCounters Of(int quota)
    {
        ref var counters = ref CollectionsMarshal.GetValueRefOrAddDefault(_grants, quota, out _);
        return counters ??= new GrantCounters();
    }

    /// <summary>Adds everything that a call touches.</summary>
    public void Touch(int quota, in QuotaAsk ask)
    {
        Of(quota);
        _periods.Add((quota, ask.Period));
        _days[ask.Period.Day] = ask.Period;
        if (ask.Person is { } person)
            _names.Add((quota, ask.Period.Day, PersonKind, Bytes(person)));
        Touch(quota, ask.Period.Day, TallyKind.Client, ask.Client);
        if (ask.Office is not null)
            Touch(quota, ask.Period.Day, TallyKind.Office, ask.Office);
        if (ask.Agent is not null)
            Touch(quota, ask.Period.Day, TallyKind.Agent, ask.Agent);
    }

    /// <summary>Adds what a call touches of an agreement as a whole.</summary>
    public void TouchWhole(int quota, QuotaPeriod period)
    {
        Of(quota);
        _periods.Add((quota, period));
        _days[period.Day] = period;
    }

    /// <summary>The counters of a day that was touched.</summary>
    public DayCounters DayOf(int quota, int day) => Of(quota).Day(_days[day]);

    /// <summary>Puts a counter there as the database holds it.</summary>
    public void Set(int quota, int day, short kind, byte[] name, Tally tally)
    {
        var counters = DayOf(quota, day);
        if (kind == PersonKind)
            counters.Persons[BinaryPrimitives.ReadUInt128BigEndian(name)] = tally;
        else
            counters.Named[((TallyKind)kind, Encoding.UTF8.GetString(name))] = tally;
    }

    /// <summary>All named counters as they stand now.</summary>
    public IEnumerable<(int Quota, int Day, short Kind, byte[] Name, Tally Tally)> Tallies()
    {
        foreach (var (quota, counters) in _grants)
            foreach (var (day, counted) in counters.Days)
            {
                foreach (var (person, tally) in counted.Persons)
                    yield return (quota, day, PersonKind, Bytes(person), tally);
                foreach (var ((kind, name), tally) in counted.Named)
                    yield return (quota, day, (short)kind, Encoding.UTF8.GetBytes(name), tally);
            }
    }

    /// <summary>A pseudonym as bytes.</summary>
    public static byte[] Bytes(UInt128 person)
    {
        var bytes = new byte[16];
        BinaryPrimitives.WriteUInt128BigEndian(bytes, person);
        return bytes;
    }

    private void Touch(int quota, int day, TallyKind kind, string name) =>
        _names.Add((quota, day, (short)kind, Encoding.UTF8.GetBytes(name)));

    private sealed class NameComparer : IEqualityComparer<(int Quota, int Day, short Kind, byte[] Name)>
    {
        public bool Equals((int Quota, int Day, short Kind, byte[] Name) x, (int Quota, int Day, short Kind, byte[] Name) y) =>
            x.Quota == y.Quota && x.Day == y.Day && x.Kind == y.Kind && x.Name.AsSpan().SequenceEqual(y.Name);

        public int GetHashCode((int Quota, int Day, short Kind, byte[] Name) name)
        {
            var hash = default(HashCode);
            hash.Add(name.Quota);
            hash.Add(name.Day);
            hash.AddBytes(name.Name);
            return hash.ToHashCode();
        }
    }
}
