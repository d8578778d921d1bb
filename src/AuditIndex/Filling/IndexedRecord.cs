using AuditIndex.Questions;

namespace AuditIndex.Filling;

/// <summary>A record on its way into the index.</summary>
internal sealed class IndexedRecord
{
    private readonly string?[] _texts = new string?[(int)Dimension.Fields + 1];

    public long Index { get; init; }

    /// <summary>Position of the decision that was folded in.</summary>
    public long? Decision { get; private set; }

    /// <summary>Unix milliseconds.</summary>
    public long Time { get; set; }

    public LocalMoment Local { get; set; }

    public Outcome Outcome { get; set; }

    /// <summary>16 bytes, or null.</summary>
    public byte[]? Subject { get; set; }

    /// <summary>16 bytes, or null.</summary>
    public byte[]? CaseReference { get; set; }

    /// <summary>16 bytes, or null.</summary>
    public byte[]? ExchangeId { get; set; }

    /// <summary>Exchange id that the record continues.</summary>
    public byte[]? Reference { get; set; }

    public int? Near { get; set; }

    public long Count { get; set; } = 1;

    public string? this[Dimension dimension]
    {
        get => _texts[(int)dimension];
        set => _texts[(int)dimension] = value;
    }

    public string Event => this[Dimension.Event] ?? "?";

    /// <summary>Whether the hourly roll-up counts it.</summary>
    public bool IsExchange => Event is "access" or "deny" or "fault";

    /// <summary>Whether the agent-day roll-up counts it.</summary>
    public bool IsAgentsLookup => Event == "access" && this[Dimension.Client] is not null && this[Dimension.Agent] is not null;

    /// <summary>Whether <paramref name="next"/> is the hidden reason of this record (ledger page §3.4).</summary>
    public bool IsExplainedBy(IndexedRecord next) =>
        Event == "access"
        && next.Event == "decision"
        && next.Index == Index + 1
        && Decision is null
        && ExchangeId is not null
        && ExchangeId.AsSpan().SequenceEqual(next.Reference);

    /// <summary>Takes over what the decision says; an officer sees one row with the true outcome.</summary>
    public void Fold(IndexedRecord decision)
    {
        Decision = decision.Index;
        Outcome = decision.Outcome == Outcome.None ? Outcome : decision.Outcome;
        Near = decision.Near ?? Near;
        foreach (var dimension in (ReadOnlySpan<Dimension>)[Dimension.Rule, Dimension.Gate, Dimension.Territory, Dimension.Providers])
        {
            this[dimension] = decision[dimension] ?? this[dimension];
        }
    }
}
