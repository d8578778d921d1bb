namespace AuditIndex.Questions;

/// <summary>
/// A record as the index knows it. Never evidence: <see cref="Position"/> is what counts, and details are read from the log and proved
/// (ledger page §16). Members as in ledger page §3.2; absent ones are null.
/// </summary>
public sealed record RecordRow
{
    /// <summary>Where the record stands.</summary>
    public required RecordPosition Position { get; init; }

    /// <summary>
    /// Where the record stands that explains it to officers (<c>decision</c>, §3.4); its members are folded into this row.
    /// </summary>
    public long? Decision { get; init; }

    /// <summary>When it was sealed; the epoch when the record does not say.</summary>
    public required DateTimeOffset At { get; init; }

    /// <summary>Kind of event.</summary>
    public required string Event { get; init; }

    /// <summary>Consumer institution.</summary>
    public string? Institution { get; init; }

    /// <summary>System (client id).</summary>
    public string? Client { get; init; }

    /// <summary>Staff pseudonym; for <c>officer.*</c> the officer.</summary>
    public string? Agent { get; init; }

    /// <summary>Office of the client.</summary>
    public string? Office { get; init; }

    /// <summary>Operation.</summary>
    public string? Operation { get; init; }

    /// <summary>Purpose.</summary>
    public string? Purpose { get; init; }

    /// <summary>Agreement id@version.</summary>
    public string? Agreement { get; init; }

    /// <summary>What came out; the true one when a decision explains it.</summary>
    public Outcome Outcome { get; init; }

    /// <summary>Problem code.</summary>
    public string? Code { get; init; }

    /// <summary>Rule that decided.</summary>
    public string? Rule { get; init; }

    /// <summary><c>matchStatus</c> of the answer.</summary>
    public string? Match { get; init; }

    /// <summary>Dossier gate: <c>open</c> or <c>none</c>.</summary>
    public string? Gate { get; init; }

    /// <summary>Reason code of an answer outside the territory.</summary>
    public string? Territory { get; init; }

    /// <summary>What a write, a batch or a change of the law did.</summary>
    public string? Act { get; init; }

    /// <summary>Institutions asked, in order.</summary>
    public IReadOnlyList<string> Providers { get; init; } = [];

    /// <summary>Released paths.</summary>
    public IReadOnlyList<string> Fields { get; init; } = [];

    /// <summary>Keyed pseudonym of the person.</summary>
    public string? Subject { get; init; }

    /// <summary>Keyed pseudonym of the case reference.</summary>
    public string? CaseReference { get; init; }

    /// <summary>Exchange id, or the event's own.</summary>
    public string? ExchangeId { get; init; }

    /// <summary>Neighbouring identifiers among the last 32 of this client and agent.</summary>
    public int? Near { get; init; }

    /// <summary>How many refusals the record counts; 1 otherwise.</summary>
    public long Count { get; init; } = 1;
}
