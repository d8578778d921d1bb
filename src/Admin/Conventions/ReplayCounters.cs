using System.Globalization;
using Agreements;

namespace Admin.Conventions;

/// <summary>A counter between two bounds: what is certain, and what may have been counted besides.</summary>
/// <param name="Sure">Calls that the draft would have answered.</param>
/// <param name="Perhaps">Calls of which nobody can tell.</param>
internal readonly record struct Bounds(long Sure, long Perhaps)
{
    /// <summary>Some more.</summary>
    internal Bounds And(long number, bool isSure) => isSure ? this with { Sure = Sure + number } : this with { Perhaps = Perhaps + number };
}

/// <summary>
/// The quotas of a draft, run over past calls in the order of their time: the same limits as the gateway's (exchanges page, section 1.15)
/// save <c>burstPerSecond</c>, since records have the time of sealing, and <c>openBatches</c>. Persons are told apart by the pseudonyms of
/// their records; on the first day of a quarter a person has two.
/// </summary>
internal sealed class ReplayCounters(Agreement draft)
{
    private readonly Dictionary<(string Grant, string Period, string Quota, string Name), Bounds> _counts = [];

    /// <summary>Grants, periods and quotas that are exceeded for certain.</summary>
    internal SortedSet<string> Exceeded { get; } = new(StringComparer.Ordinal);

    /// <summary>Judges one call and counts it.</summary>
    /// <param name="call">The call: answered, or refused by a quota.</param>
    /// <param name="grant">Grant of the draft.</param>
    /// <param name="isSure">Everything before the quotas would let it pass; false when nobody can tell.</param>
    internal Judgement Take(PastCall call, Grant grant, bool isSure)
    {
        // Nothing is charged for what nobody could answer.
        if (call.Match == "UNAVAILABLE")
            return Judgement.Allowed;
        var judgement = Judge(call, grant);
        if (judgement.Refused is null)
            Count(call, grant, isSure && judgement.Untold is null && call.Match is not null);
        return judgement;
    }

    private Judgement Judge(PastCall call, Grant grant)
    {
        var (quotas, day, month) = (grant.Quotas, Day(call), Month(call));
        var person = quotas.PerSubjectPerDay is not null || quotas.PersonsPerDay is not null ? call.Subject : "";
        if (person is null)
            return Judgement.Unknown("quota");
        var known = Of(grant.Id, day, "person", person);
        var judged = Look("subject-quota-exhausted", quotas.PerSubjectPerDay, known, grant.Id, day, "perSubjectPerDay");
        if (known.Sure == 0)
            judged = Then(
                judged,
                Look("quota-exhausted", quotas.PersonsPerDay, Of(grant.Id, day, "persons", ""), grant.Id, day, "personsPerDay")
            );
        if (call.Agent is { } agent)
            judged = Then(
                judged,
                Look("agent-quota-exhausted", quotas.PerAgentPerDay, Of(grant.Id, day, "agent", agent), grant.Id, day, "perAgentPerDay")
            );
        if (call.Office is { } office)
            judged = Then(
                judged,
                Look("quota-exhausted", quotas.PerOfficePerDay, Of(grant.Id, day, "office", office), grant.Id, day, "perOfficePerDay")
            );
        judged = Then(
            judged,
            Look("miss-budget-exhausted", quotas.MissesPerDay, Of(grant.Id, day, "misses", ""), grant.Id, day, "missesPerDay")
        );
        judged = Then(judged, Allowance(call, grant, day));
        judged = Then(judged, Look("quota-exhausted", quotas.PerDay, Of(grant.Id, day, "calls", ""), grant.Id, day, "perDay"));
        judged = Then(judged, Look("quota-exhausted", quotas.PerMonth, Of(grant.Id, month, "calls", ""), grant.Id, month, "perMonth"));
        judged = Then(judged, Look("quota-exhausted", draft.Quotas?.PerDay, Of("", day, "calls", ""), draft.Id, day, "agreementPerDay"));
        return Then(
            judged,
            Look("quota-exhausted", draft.Quotas?.PerMonth, Of("", month, "calls", ""), draft.Id, month, "agreementPerMonth")
        );
    }

    // Matches pay for misses: few for certain and some perhaps leave the budget open.
    private Judgement Allowance(PastCall call, Grant grant, string day)
    {
        if (grant.Quotas.MissAllowance is not { } allowance)
            return Judgement.Allowed;
        var (misses, matches) = (Of(grant.Id, day, "client-misses", call.Client), Of(grant.Id, day, "client-matches", call.Client));
        if (misses.Sure >= allowance + grant.Quotas.MissesPerMatch * (matches.Sure + matches.Perhaps))
            return Exceed("miss-budget-exhausted", grant.Id, day, "missAllowance");
        return misses.Sure + misses.Perhaps < allowance + grant.Quotas.MissesPerMatch * matches.Sure
            ? Judgement.Allowed
            : Judgement.Unknown("quota");
    }

    private Judgement Look(string code, long? limit, Bounds counted, string where, string period, string quota)
    {
        if (limit is not { } most || counted.Sure + counted.Perhaps < most)
            return Judgement.Allowed;
        return counted.Sure >= most ? Exceed(code, where, period, quota) : Judgement.Unknown("quota");
    }

    private Judgement Exceed(string code, string where, string period, string quota)
    {
        Exceeded.Add($"{where} {period} {quota}");
        return Judgement.Of(code);
    }

    // The first refusal, or else that something is not known.
    private static Judgement Then(Judgement first, Judgement next) =>
        first.Refused is not null || next == Judgement.Allowed ? first
        : next.Refused is not null || first == Judgement.Allowed ? next
        : first;

    private void Count(PastCall call, Grant grant, bool isSure)
    {
        var (day, month) = (Day(call), Month(call));
        var person = call.Subject ?? "";
        var known = Of(grant.Id, day, "person", person);
        Add(grant.Id, day, "person", person);
        if (known.Sure == 0 && (isSure || known.Perhaps == 0))
            Add(grant.Id, day, "persons", "");
        if (call.Agent is { } agent)
            Add(grant.Id, day, "agent", agent);
        if (call.Office is { } office)
            Add(grant.Id, day, "office", office);
        foreach (var (where, period) in ((string, string)[])[(grant.Id, day), (grant.Id, month), ("", day), ("", month)])
            Add(where, period, "calls", "");
        // Of a call that was refused nobody knows what its answer would have been.
        if (call.Match is "NOT_FOUND" or null)
        {
            Add(grant.Id, day, "misses", "");
            Add(grant.Id, day, "client-misses", call.Client);
        }

        if (call.Match is "MATCHED" or null && Of(grant.Id, day, "matched", person) == default)
        {
            Add(grant.Id, day, "matched", person);
            Add(grant.Id, day, "client-matches", call.Client);
        }

        void Add(string where, string period, string quota, string name) =>
            _counts[(where, period, quota, name)] = Of(where, period, quota, name).And(call.Number, isSure);
    }

    private Bounds Of(string where, string period, string quota, string name) => _counts.GetValueOrDefault((where, period, quota, name));

    private static string Day(PastCall call) => call.Local.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);

    private static string Month(PastCall call) => call.Local.ToString("yyyy-MM", CultureInfo.InvariantCulture);
}
