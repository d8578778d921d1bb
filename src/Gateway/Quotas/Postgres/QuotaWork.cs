using Agreements;

namespace Gateway.Quotas.Postgres;

/// <summary>What is to be done about a grant's counters.</summary>
internal enum QuotaTask
{
    /// <summary>Take a share.</summary>
    Take,

    /// <summary>Charge it or give it back.</summary>
    Settle,

    /// <summary>Take a place among the open batches.</summary>
    Open,

    /// <summary>Give it back.</summary>
    Close,
}

/// <summary>One thing for the writer to do, together with everything else that waits.</summary>
/// <param name="Task">What.</param>
/// <param name="Grant">Which grant.</param>
/// <param name="Id">Exchange or batch.</param>
internal sealed record QuotaWork(QuotaTask Task, QuotaGrant Grant, string Id)
{
    /// <summary>Counters of a call.</summary>
    public QuotaAsk Ask { get; init; }

    /// <summary>Quotas of the grant as the caller's snapshot states them; null when nothing is asked of them.</summary>
    public QuotaTerms? Terms { get; init; }

    /// <summary>Quotas of the agreement as a whole, in the same snapshot; null when it sets none.</summary>
    public TotalQuotas? Totals { get; init; }

    /// <summary>What became of a call.</summary>
    public Charge Charge { get; init; }

    /// <summary>Told when it is durable; null when nobody waits.</summary>
    public TaskCompletionSource<QuotaDecision>? Done { get; init; }

    /// <summary>The work that undoes a share of which nobody knows whether it was taken.</summary>
    public QuotaWork Undone() =>
        this with
        {
            Task = Task == QuotaTask.Open ? QuotaTask.Close : QuotaTask.Settle,
            Charge = Charge.Void,
            Terms = null,
            Done = null,
        };
}

/// <summary>A share that is recorded as under way.</summary>
/// <param name="Exchange">Exchange id.</param>
/// <param name="Grant">Grant.</param>
/// <param name="Ask">Counters that it touched.</param>
internal sealed record OpenLease(string Exchange, QuotaGrant Grant, QuotaAsk Ask);
