using System.Security.Cryptography;
using System.Text;
using Agreements;
using Gateway.Authorization;
using Gateway.Problems;

namespace Gateway.Quotas;

/// <summary>What one call took: needed to give it back.</summary>
internal readonly record struct QuotaClaim(int Day, int Month, UInt128 Person, string? Agent);

/// <summary>Counters of one grant. One short lock per call: a handful of integer comparisons and two dictionary look-ups.</summary>
internal sealed class GrantQuotas(TimeProvider time)
{
    private readonly Lock _gate = new();
    private readonly Dictionary<UInt128, int> _persons = [];
    private readonly Dictionary<string, int> _agents = new(StringComparer.Ordinal);
    private int _day, _month, _openBatches;
    private long _perDay, _perMonth, _misses, _second, _burst;
    private DateTimeOffset _dayEnds, _monthEnds;

    /// <summary>Takes a share, or says which quota is used up and when it starts anew.</summary>
    public Verdict<QuotaLease> Take(Entitlement entitlement, string sectorToken, string? agent)
    {
        var terms = entitlement.Grant.Quotas;
        var now = time.GetUtcNow();
        lock (_gate)
        {
            Turn(now);
            // A refused call counts against the burst alone.
            var second = now.ToUnixTimeSeconds();
            if (second != _second) (_second, _burst) = (second, 0);
            if (++_burst > terms.BurstPerSecond) return Refuse(Problem.RateExceeded, entitlement, 1);
            var untilTomorrow = SecondsTo(_dayEnds, now);
            var person = Handle(sectorToken);
            _persons.TryGetValue(person, out var ofPerson);
            if (terms.PerSubjectPerDay is { } perSubject && ofPerson >= perSubject) return Refuse(Problem.SubjectQuotaExhausted, entitlement, untilTomorrow);
            var ofAgent = 0;
            if (agent is not null) _agents.TryGetValue(agent, out ofAgent);
            if (agent is not null && terms.PerAgentPerDay is { } perAgent && ofAgent >= perAgent) return Refuse(Problem.AgentQuotaExhausted, entitlement, untilTomorrow);
            if (terms.MissesPerDay is { } misses && _misses >= misses) return Refuse(Problem.MissBudgetExhausted, entitlement, untilTomorrow);
            if (terms.PerDay is { } perDay && _perDay >= perDay) return Refuse(Problem.QuotaExhausted, entitlement, untilTomorrow);
            if (terms.PerMonth is { } perMonth && _perMonth >= perMonth) return Refuse(Problem.QuotaExhausted, entitlement, SecondsTo(_monthEnds, now));
            _perDay++;
            _perMonth++;
            if (terms.PerSubjectPerDay is not null) _persons[person] = ofPerson + 1;
            if (agent is not null) _agents[agent] = ofAgent + 1;
            var claim = new QuotaClaim(_day, _month, person, agent);
            return new QuotaLease(this, claim, Tightest(terms, ofPerson + 1, untilTomorrow, now));
        }
    }

    /// <summary>Takes a place among the open batches.</summary>
    public bool TryOpenBatch(QuotaTerms terms)
    {
        lock (_gate)
        {
            if (terms.OpenBatches is { } limit && _openBatches >= limit) return false;
            _openBatches++;
            return true;
        }
    }

    /// <summary>Gives the place of a batch back.</summary>
    public void CloseBatch()
    {
        lock (_gate) _openBatches--;
    }

    /// <summary>Counts an answer NOT_FOUND.</summary>
    public void CountMiss(QuotaClaim claim)
    {
        lock (_gate) if (claim.Day == _day) _misses++;
    }

    /// <summary>Gives a share back, if its day and month are still the current ones.</summary>
    public void GiveBack(QuotaClaim claim)
    {
        lock (_gate)
        {
            if (claim.Month == _month) _perMonth--;
            if (claim.Day != _day) return;
            _perDay--;
            if (_persons.TryGetValue(claim.Person, out var ofPerson)) _persons[claim.Person] = ofPerson - 1;
            if (claim.Agent is not null && _agents.TryGetValue(claim.Agent, out var ofAgent)) _agents[claim.Agent] = ofAgent - 1;
        }
    }

    // The ends of the civil day and month are computed when they pass, not on every call.
    private void Turn(DateTimeOffset now)
    {
        if (now < _dayEnds) return;
        var today = CivilTime.DateOf(now);
        (_day, _dayEnds, _perDay, _misses) = (today.DayNumber, CivilTime.EndOf(today), 0, 0);
        _persons.Clear();
        _agents.Clear();
        var month = today.Year * 12 + today.Month;
        if (month != _month) (_month, _monthEnds, _perMonth) = (month, CivilTime.EndOfMonth(today), 0);
    }

    private static int SecondsTo(DateTimeOffset end, DateTimeOffset now) => (int)Math.Ceiling((end - now).TotalSeconds);

    private QuotaState Tightest(QuotaTerms terms, int ofPerson, int untilTomorrow, DateTimeOffset now)
    {
        var state = new QuotaState(terms.BurstPerSecond, terms.BurstPerSecond - _burst, 1);
        Tighten(ref state, terms.PerSubjectPerDay, ofPerson, untilTomorrow);
        Tighten(ref state, terms.MissesPerDay, _misses, untilTomorrow);
        Tighten(ref state, terms.PerDay, _perDay, untilTomorrow);
        if (terms.PerMonth is { } limit && limit - _perMonth < state.Remaining)
            state = new QuotaState(limit, limit - _perMonth, SecondsTo(_monthEnds, now));
        return state;
    }

    private static void Tighten(ref QuotaState state, long? limit, long used, int reset)
    {
        if (limit is { } size && size - used < state.Remaining) state = new QuotaState(size, size - used, reset);
    }

    private static Refusal Refuse(Problem problem, Entitlement entitlement, int seconds) => new(problem)
    {
        Clause = entitlement.Clause,
        RetryAfterSeconds = seconds,
        Words = [entitlement.Agreement.Reference],
    };

    // A hash, so that a dump of the counters holds no identifier that travels.
    private static UInt128 Handle(string sectorToken)
    {
        Span<byte> text = stackalloc byte[64], hash = stackalloc byte[32];
        var length = Encoding.ASCII.GetBytes(sectorToken, text);
        SHA256.HashData(text[..length], hash);
        return System.Buffers.Binary.BinaryPrimitives.ReadUInt128BigEndian(hash);
    }
}
