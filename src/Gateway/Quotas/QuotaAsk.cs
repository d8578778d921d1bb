using Ledger;

namespace Gateway.Quotas;

/// <summary>The grant whose quotas are meant: a new version of an agreement goes on counting where the old one stood.</summary>
/// <param name="Agreement">Agreement id.</param>
/// <param name="Grant">Grant id.</param>
internal readonly record struct QuotaGrant(string Agreement, string Grant)
{
    /// <summary>The agreement as a whole: every charge of one of its grants counts there too. No grant has an empty id.</summary>
    public QuotaGrant Whole => this with { Grant = "" };
}

/// <summary>Whose counters one call touches. It is kept with the lease, to charge it or give it back.</summary>
/// <param name="Period">Civil day and month of the exchange id.</param>
/// <param name="Person">Keyed pseudonym of the person; null when the grant's quotas do not look at persons.</param>
/// <param name="Client">System that calls.</param>
/// <param name="Office">Its territorial office; null for others.</param>
/// <param name="Agent">Agent who asks; null when no person does.</param>
internal readonly record struct QuotaAsk(QuotaPeriod Period, UInt128? Person, string Client, string? Office, string? Agent)
{
    /// <summary>It is a line of a batch, which waits for the next second rather than take the last of this one.</summary>
    public bool IsBulk { get; init; }

    /// <summary>It is a declaration: of all quotas it can cost its system a miss, and nothing else.</summary>
    public bool OnlyMisses { get; init; }

    /// <summary>What a declaration may cost.</summary>
    public static QuotaAsk OfMiss(string client, string exchange) =>
        new(QuotaPeriod.At(Ulid.TimeOf(exchange)), Person: null, client, Office: null, Agent: null) { OnlyMisses = true };
}
