namespace AuditIndex.Questions;

/// <summary>
/// Exchanges of one hour that agree in everything named here (roll-up <c>hourly</c>): <c>access</c>, <c>deny</c> and <c>fault</c> records.
/// </summary>
/// <param name="Hour">Beginning of the hour, UTC.</param>
/// <param name="Institution">Consumer.</param>
/// <param name="Client">System.</param>
/// <param name="Operation">Operation.</param>
/// <param name="Purpose">Purpose.</param>
/// <param name="Agreement">Agreement.</param>
/// <param name="Outcome">What came out.</param>
/// <param name="Code">Problem code.</param>
/// <param name="Count">How many, coalesced refusals counted one by one.</param>
public sealed record HourlyCount(
    DateTimeOffset Hour,
    string? Institution,
    string? Client,
    string? Operation,
    string? Purpose,
    string? Agreement,
    Outcome Outcome,
    string? Code,
    long Count
);

/// <summary>What one agent did on one local day (roll-up <c>agent_day</c>): answered look-ups that name an agent.</summary>
/// <param name="Day">Local day, Africa/Casablanca.</param>
/// <param name="Client">System.</param>
/// <param name="Agent">Staff pseudonym.</param>
/// <param name="Count">Look-ups.</param>
/// <param name="Persons">Distinct persons.</param>
/// <param name="Repeats">Look-ups of somebody looked up before that day.</param>
/// <param name="Missed">Answers <c>NOT_FOUND</c>.</param>
public sealed record AgentDay(DateOnly Day, string Client, string Agent, long Count, long Persons, long Repeats, long Missed);

/// <summary>Refusals of five minutes by client, rule and code.</summary>
/// <param name="From">Beginning of the five minutes, UTC.</param>
/// <param name="Client">System, null before one was known.</param>
/// <param name="Rule">Rule that decided.</param>
/// <param name="Code">Problem code.</param>
/// <param name="Count">How many, coalesced ones counted one by one.</param>
public sealed record RefusalBin(DateTimeOffset From, string? Client, string? Rule, string? Code, long Count);

/// <summary>Which roll-up rows are asked for: a time and whatever must agree.</summary>
public sealed record RollUpFilter
{
    /// <summary>Not before.</summary>
    public required DateTimeOffset From { get; init; }

    /// <summary>Before.</summary>
    public required DateTimeOffset To { get; init; }

    /// <summary>Consumer institution.</summary>
    public string? Institution { get; init; }

    /// <summary>System.</summary>
    public string? Client { get; init; }

    /// <summary>Operation.</summary>
    public string? Operation { get; init; }

    /// <summary>Agreement id@version.</summary>
    public string? Agreement { get; init; }

    /// <summary>The same words as a list filter, for the sealed view.</summary>
    internal RecordFilter AsRecordFilter() =>
        new()
        {
            From = From,
            To = To,
            Institution = Institution,
            Client = Client,
            Operation = Operation,
            Agreement = Agreement,
        };
}
