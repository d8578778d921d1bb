using Agreements;
using Gateway.Audit;
using Gateway.Authorization;
using Gateway.Minimization;
using Gateway.Quotas;

namespace Gateway.Batches;

/// <summary>One line on its way: what a single exchange holds in local variables.</summary>
internal sealed class BatchLineWork(AnswerLine line, ExchangeFacts facts) : IDisposable
{
    /// <summary>The caller's reference and the line's own exchange id.</summary>
    public AnswerLine Line { get; } = line;

    /// <summary>What is known about this line's exchange.</summary>
    public ExchangeFacts Facts { get; } = facts;

    /// <summary>The decision about this line's person; null while or because it is refused.</summary>
    public Permit? Permit { get; set; }

    /// <summary>Its share of the quotas.</summary>
    public QuotaLease? Lease { get; set; }

    /// <summary>What its sources have said.</summary>
    public Combination? Combination { get; set; }

    /// <summary>What its answer costs.</summary>
    public Charge Charge { get; set; }

    /// <summary>Why it is refused; null otherwise.</summary>
    public Refusal? Refusal { get; set; }

    /// <summary>Its record is durable.</summary>
    public bool IsSealed { get; set; }

    /// <summary>The source to ask next; null when the line is refused or settled.</summary>
    public Source? Next => Refusal is null ? Combination?.Next : null;

    /// <inheritdoc/>
    public void Dispose() => Lease?.Dispose();
}
