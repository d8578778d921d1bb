using Agreements;

namespace Admin.Conventions;

/// <summary>Calls with one effect and one cause.</summary>
internal sealed class Replayed
{
    private const int Kept = 20;

    /// <summary>How many.</summary>
    public long Count { get; private set; }

    /// <summary>Positions of the first of them.</summary>
    public List<string> Positions { get; } = [];

    internal void Add(PastCall call)
    {
        Count += call.Number;
        if (Positions.Count < Kept)
            Positions.Add(call.Position);
    }
}

/// <summary>
/// Runs a draft over past calls (console page, section 12): clauses, gate, territory and quotas, from what the records hold. Nobody's
/// identifier is needed or seen. What a record cannot tell is counted as that, never guessed.
/// </summary>
/// <param name="registry">The registry with the draft in it.</param>
/// <param name="draft">The draft.</param>
/// <param name="inForce">The version that is law now; null when there is none.</param>
/// <param name="since">From when on calls are told. Earlier ones of the month are counted, for the quotas of that month.</param>
internal sealed class Replay(Registry registry, Agreement draft, Agreement? inForce, DateTimeOffset since)
{
    /// <summary>Effects, in the order in which they are told.</summary>
    internal static readonly string[] Effects = ["newly-refused", "newly-allowed", "fewer-fields", "cannot-be-told", "unchanged"];

    // What an agreement decides: only these may change. A token that was not accepted stays so under any draft.
    private static readonly string[] Decided =
    [
        "operation-not-covered",
        "purpose-not-covered",
        "prior-authorization-missing",
        "office-not-allowed",
        "outside-hours",
        "case-reference-required",
        "agent-required",
        "consent-required",
        "agreement-expired",
        "agreement-not-in-force",
        "dossier-not-open",
        "population-out-of-scope",
        "territory-out-of-scope",
        "quota-exhausted",
        "subject-quota-exhausted",
        "agent-quota-exhausted",
        "miss-budget-exhausted",
    ];
    private readonly DraftJudge _judge = new(registry, draft, inForce);
    private readonly ReplayCounters _counters = new(draft);
    private readonly SortedSet<string> _used = new(StringComparer.Ordinal),
        _lost = new(StringComparer.Ordinal);

    /// <summary>Calls under the agreement.</summary>
    internal long Calls { get; private set; }

    /// <summary>Effect → cause → calls.</summary>
    internal SortedDictionary<string, SortedDictionary<string, Replayed>> Outcomes { get; } = new(StringComparer.Ordinal);

    /// <summary>Fields that left and would leave no more.</summary>
    internal IReadOnlyCollection<string> FieldsLost => _lost;

    /// <summary>Fields that the draft releases and that never left.</summary>
    internal IReadOnlyCollection<string> FieldsNeverUsed =>
        [
            .. draft
                .Grants.SelectMany(static grant => grant.Operations)
                .SelectMany(static operation => operation.Release)
                .Distinct(StringComparer.Ordinal)
                .Except(_used)
                .Order(StringComparer.Ordinal),
        ];

    /// <summary>Grants, periods and quotas in which more was asked than the draft grants.</summary>
    internal IReadOnlyCollection<string> OverQuota => _counters.Exceeded;

    /// <summary>Adds a call, in the order of time.</summary>
    internal void Add(PastCall call)
    {
        if (!call.Reference.StartsWith(draft.Id + "@", StringComparison.Ordinal))
            return;
        var now = Judge(call, out var operation);
        if (call.At < since)
            return;
        Calls += call.Number;
        _used.UnionWith(call.Fields);
        if (call.Refused is not null && !Decided.Contains(call.Refused))
            Note("unchanged", "", call);
        else if (call.Refused is { } was)
            Note(
                now.Refused is not null ? "unchanged"
                    : now.Untold is not null ? "cannot-be-told"
                    : "newly-allowed",
                now.Refused is not null ? "" : now.Untold ?? was,
                call
            );
        else if (now.Refused is { } code)
            Note("newly-refused", code, call);
        else if (now.Untold is { } untold)
            Note("cannot-be-told", untold, call);
        else if (call.Fields.Except(operation?.Release ?? [], StringComparer.Ordinal).ToList() is { Count: > 0 } gone)
        {
            _lost.UnionWith(gone);
            Note("fewer-fields", "", call);
        }
        else
            Note("unchanged", "", call);
    }

    private Judgement Judge(PastCall call, out GrantedOperation? operation)
    {
        var judged = _judge.Judge(call, out var grant, out operation);
        // Quotas count what was answered about a person, and what a quota kept from being answered.
        var asks =
            call.Match is not null
            || call.Refused is "quota-exhausted" or "subject-quota-exhausted" or "agent-quota-exhausted" or "miss-budget-exhausted";
        if (judged.Refused is not null || grant is null || !asks)
            return judged;
        var quota = _counters.Take(call, grant, isSure: judged.Untold is null);
        return quota.Refused is not null || judged.Untold is null ? quota : judged;
    }

    private void Note(string effect, string cause, PastCall call)
    {
        if (!Outcomes.TryGetValue(effect, out var causes))
            Outcomes[effect] = causes = new(StringComparer.Ordinal);
        if (!causes.TryGetValue(cause, out var found))
            causes[cause] = found = new();
        found.Add(call);
    }
}
