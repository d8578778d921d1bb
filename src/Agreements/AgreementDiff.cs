using System.Collections.Immutable;
using System.Globalization;

namespace Agreements;

/// <summary>Does a draft open more than what is in force, less, or neither?</summary>
public enum DifferenceKind
{
    /// <summary>More may be asked, more leaves, or more often.</summary>
    Widens,

    /// <summary>Less.</summary>
    Narrows,

    /// <summary>Neither can be said.</summary>
    Changes,
}

/// <summary>One difference between two versions of an agreement.</summary>
/// <param name="Kind">Direction.</param>
/// <param name="Code">What differs: <c>field</c>, <c>operation</c>, <c>grant</c>, <c>client</c>, <c>quality</c>, <c>province</c>,
/// <c>quota</c>, … Texts are found by it.</param>
/// <param name="Where">Grant, and operation where one is meant; empty for the agreement as a whole.</param>
/// <param name="What">What was added or removed, or the name of the clause.</param>
/// <param name="Before">Value before; null when there was none.</param>
/// <param name="After">Value after; null when there is none.</param>
public sealed record Difference(DifferenceKind Kind, string Code, string Where, string What, string? Before = null, string? After = null);

/// <summary>
/// What a draft widens or narrows: fields, persons, purposes, volume, territory, dates (exchanges page, section 16.3). Grants are compared
/// by consumer and purpose, so that renaming one is no difference.
/// </summary>
public static class AgreementDiff
{
    /// <summary>Differences from <paramref name="before"/> to <paramref name="after"/>; everything of a first version widens.</summary>
    public static ImmutableArray<Difference> Of(Agreement? before, Agreement after)
    {
        var differences = new List<Difference>();
        if (before is not null)
            Whole(before, after, differences);
        var old = (before?.Grants ?? []).GroupBy(Key).ToDictionary(static group => group.Key, static group => group.ToList());
        var now = after.Grants.GroupBy(Key).ToDictionary(static group => group.Key, static group => group.ToList());
        foreach (var (key, grants) in now)
            foreach (var grant in grants)
            {
                // The grant that shares an operation with it, of those for the same consumer and purpose.
                var former = old.GetValueOrDefault(key, []).Find(other => other.Id == grant.Id)
                    ?? old.GetValueOrDefault(key, [])
                        .Find(other => other.Operations.Any(operation => grant.Find(operation.Id) is not null));
                if (former is null)
                    differences.Add(new(DifferenceKind.Widens, "grant", grant.Id, $"{grant.Consumer} {grant.Purpose}"));
                else
                    new GrantDiff(former, grant, differences).Run();
            }
        foreach (var (key, grants) in old)
            foreach (
                var grant in grants.Where(grant =>
                    !now.GetValueOrDefault(key, [])
                        .Exists(other => other.Id == grant.Id || other.Operations.Any(operation => grant.Find(operation.Id) is not null))
                )
            )
                differences.Add(new(DifferenceKind.Narrows, "grant", grant.Id, $"{grant.Consumer} {grant.Purpose}"));
        return [.. differences];
    }

    private static (string Consumer, string Purpose) Key(Grant grant) => (grant.Consumer, grant.Purpose);

    private static void Whole(Agreement before, Agreement after, List<Difference> differences)
    {
        Bound("first-day", before.From.DayNumber, after.From.DayNumber, Day(before.From), Day(after.From), lessIsMore: true);
        Bound("last-day", before.Until.DayNumber, after.Until.DayNumber, Day(before.Until), Day(after.Until), lessIsMore: false);
        Bound(
            "batch-results",
            before.BatchResults.Ticks,
            after.BatchResults.Ticks,
            before.BatchResults.ToString(),
            after.BatchResults.ToString(),
            lessIsMore: false
        );
        Quota("perDay", before.Quotas?.PerDay, after.Quotas?.PerDay);
        Quota("perMonth", before.Quotas?.PerMonth, after.Quotas?.PerMonth);
        foreach (var party in after.Parties.Except(before.Parties))
            differences.Add(new(DifferenceKind.Widens, "party", "", party));
        foreach (var party in before.Parties.Except(after.Parties))
            differences.Add(new(DifferenceKind.Narrows, "party", "", party));
        var (old, now) = (before.PriorAuthorization, after.PriorAuthorization);
        foreach (var purpose in (now?.Purposes ?? []).Except(old?.Purposes ?? []))
            differences.Add(new(DifferenceKind.Widens, "authorized-purpose", "", purpose));
        foreach (var purpose in (old?.Purposes ?? []).Except(now?.Purposes ?? []))
            differences.Add(new(DifferenceKind.Narrows, "authorized-purpose", "", purpose));
        if (old?.Number != now?.Number)
            differences.Add(new(DifferenceKind.Changes, "authorization", "", "", old?.Number, now?.Number));
        if (old is not null && now is not null)
            Bound("authorization-until", old.Until.DayNumber, now.Until.DayNumber, Day(old.Until), Day(now.Until), lessIsMore: false);

        void Quota(string name, long? was, long? becomes)
        {
            // No figure is no bound.
            if (was != becomes)
                differences.Add(
                    new(
                        becomes is null || becomes > was ? DifferenceKind.Widens : DifferenceKind.Narrows,
                        "total-quota",
                        "",
                        name,
                        Number(was),
                        Number(becomes)
                    )
                );
        }

        void Bound(string code, long was, long becomes, string from, string to, bool lessIsMore)
        {
            if (was != becomes)
                differences.Add(new(becomes < was == lessIsMore ? DifferenceKind.Widens : DifferenceKind.Narrows, code, "", "", from, to));
        }
    }

    private static string? Number(long? figure) => figure?.ToString(CultureInfo.InvariantCulture);

    private static string Day(DateOnly day) => day.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);
}
