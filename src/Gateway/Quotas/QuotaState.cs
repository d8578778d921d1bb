namespace Gateway.Quotas;

/// <summary>
/// What a quota says: for the <c>RateLimit-*</c> headers the tightest one that applied, in a refusal the one that is used up.
/// </summary>
/// <param name="Quota">Its name in the agreement, for example <c>perDay</c>.</param>
/// <param name="Limit">Size of the quota.</param>
/// <param name="Remaining">What is left of it.</param>
/// <param name="ResetsAt">When it starts anew.</param>
/// <param name="IsPassing">Refused only because calls under way hold the rest, or for this second: the same bytes may pass in a
/// moment.</param>
internal readonly record struct QuotaState(string Quota, long Limit, long Remaining, DateTimeOffset ResetsAt, bool IsPassing = false)
{
    /// <summary>Whole seconds until the reset, at least one.</summary>
    public int SecondsTo(DateTimeOffset now) => Math.Max(1, (int)Math.Ceiling((ResetsAt - now).TotalSeconds));
}
