namespace AuditIndex.Retention;

/// <summary>How long records of an agreement stay provable after the last day of their log: civil months and days.</summary>
/// <param name="Months">Months.</param>
/// <param name="Days">Days.</param>
public readonly record struct RetentionTerm(int Months, int Days)
{
    /// <summary>The last day on which they are kept.</summary>
    public DateOnly After(DateOnly day) => day.AddMonths(Months).AddDays(Days);
}

/// <summary>Somebody who may ordered that records be kept.</summary>
/// <param name="Id">Its reference; no name of a person.</param>
/// <param name="From">First day of the records held.</param>
/// <param name="To">Last day of the records held.</param>
/// <param name="Agreement">Only records of this agreement; null for all.</param>
/// <param name="Until">Last day of the hold; null while it stands.</param>
public sealed record LegalHold(string Id, DateOnly From, DateOnly To, string? Agreement = null, DateOnly? Until = null)
{
    /// <summary>Whether the hold keeps something of these days and agreements from being destroyed.</summary>
    public bool Covers(DateOnly first, DateOnly last, IReadOnlyCollection<string> agreements, DateOnly today) =>
        (Until is null || Until >= today) && From <= last && To >= first && (Agreement is null || agreements.Contains(Agreement));
}

/// <summary>Terms per agreement, and what is held.</summary>
/// <param name="Terms">By agreement id, without version.</param>
/// <param name="Otherwise">For records of no agreement, and of agreements that are not named.</param>
/// <param name="Holds">Legal holds.</param>
public sealed record RetentionRules(
    IReadOnlyDictionary<string, RetentionTerm> Terms,
    RetentionTerm Otherwise,
    IReadOnlyList<LegalHold> Holds
)
{
    /// <summary>The last day on which everything of a log must be kept.</summary>
    public DateOnly RetainedUntil(DateOnly lastDay, IEnumerable<string> agreements) =>
        agreements.Select(agreement => Terms.GetValueOrDefault(agreement, Otherwise)).Append(Otherwise).Max(term => term.After(lastDay));

    /// <summary>The first hold that stands in the way, or null.</summary>
    public LegalHold? HoldOn(DateOnly first, DateOnly last, IReadOnlyCollection<string> agreements, DateOnly today) =>
        Holds.FirstOrDefault(hold => hold.Covers(first, last, agreements, today));
}

/// <summary>Destruction is not allowed, and why. Nothing was touched.</summary>
public sealed class RetentionRefused(string reason) : Exception(reason);
