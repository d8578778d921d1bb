using AuditIndex.Filling;
using AuditIndex.Questions;

namespace AuditIndex.Sql;

/// <summary>Key of a row of <c>hourly</c>; 0 for absent members.</summary>
internal readonly record struct HourKey(
    long Hour,
    long Institution,
    long Client,
    long Operation,
    long Purpose,
    long Agreement,
    int Outcome,
    long Code
);

/// <summary>Key of a row of <c>agent_day</c>.</summary>
internal readonly record struct AgentKey(int Day, long Client, long Agent);

/// <summary>What a run adds to a row of <c>agent_day</c>.</summary>
internal record struct AgentCount(long Lookups, long Persons, long Repeats, long Missed);

/// <summary>
/// Sums a run for the roll-ups. To count distinct persons it remembers, for the days at hand, who was looked up by whom; a day that is met
/// again after a restart is first read back from the rows.
/// </summary>
internal sealed class RollUps(Func<int, IEnumerable<(long Client, long Agent, UInt128 Subject)>> lookupsOf)
{
    private const int MostDays = 3;
    private readonly Dictionary<int, HashSet<(long Client, long Agent, UInt128 Subject)>> _days = [];

    public Dictionary<HourKey, long> Hours { get; } = [];

    public Dictionary<AgentKey, AgentCount> Agents { get; } = [];

    /// <summary>Must be called for all days of a run before its rows are written.</summary>
    public void Prepare(IEnumerable<IndexedRecord> run)
    {
        var needed = run.Where(static record => record.IsAgentsLookup).Select(static record => record.Local.Day).ToHashSet();
        foreach (var old in _days.Count > MostDays ? _days.Keys.Where(day => !needed.Contains(day)).ToList() : [])
        {
            _days.Remove(old);
        }

        foreach (var day in needed.Where(day => !_days.ContainsKey(day)))
        {
            _days[day] = [.. lookupsOf(day)];
        }
    }

    /// <summary>Adds a record whose texts have these ids.</summary>
    public void Add(IndexedRecord record, Func<Dimension, long?> id)
    {
        if (record.IsExchange)
        {
            var hour = new HourKey(
                Math.DivRem(record.Time, LocalTime.HourMilliseconds).Quotient,
                id(Dimension.Institution) ?? 0,
                id(Dimension.Client) ?? 0,
                id(Dimension.Operation) ?? 0,
                id(Dimension.Purpose) ?? 0,
                id(Dimension.Agreement) ?? 0,
                (int)record.Outcome,
                id(Dimension.Code) ?? 0
            );
            Hours[hour] = Hours.GetValueOrDefault(hour) + record.Count;
        }

        if (record.IsAgentsLookup)
        {
            var (client, agent) = (id(Dimension.Client)!.Value, id(Dimension.Agent)!.Value);
            var key = new AgentKey(record.Local.Day, client, agent);
            var before = Agents.GetValueOrDefault(key);
            var isNew = record.Subject is { } subject && _days[record.Local.Day].Add((client, agent, SubjectOf(subject)));
            Agents[key] = new AgentCount(
                before.Lookups + 1,
                before.Persons + (isNew ? 1 : 0),
                before.Repeats + (record.Subject is not null && !isNew ? 1 : 0),
                before.Missed + (record[Dimension.Match] == "NOT_FOUND" ? 1 : 0)
            );
        }
    }

    /// <summary>After the run is committed.</summary>
    public void Clear()
    {
        Hours.Clear();
        Agents.Clear();
    }

    /// <summary>After a run failed: what is remembered may include rows that were never written.</summary>
    public void Forget()
    {
        Clear();
        _days.Clear();
    }

    public static UInt128 SubjectOf(byte[] subject) => System.Buffers.Binary.BinaryPrimitives.ReadUInt128BigEndian(subject);
}
