using System.Collections.Immutable;
using System.Globalization;

namespace Agreements;

/// <summary>Differences between two forms of one grant.</summary>
internal sealed class GrantDiff(Grant before, Grant after, List<Difference> differences)
{
    public void Run()
    {
        Operations();
        Listed("client", before.Clients, after.Clients, emptyIsAll: true);
        Listed("scheme", before.SubjectSchemes, after.SubjectSchemes, emptyIsAll: false);
        Listed("source", Codes(before), Codes(after), emptyIsAll: false);
        Listed("legal-basis", before.LegalBasis, after.LegalBasis, emptyIsAll: false, neutral: true);
        Population();
        Territory();
        Hours();
        Demanded("case-reference", before.CaseReference, after.CaseReference);
        Demanded("agent", before.Agent, after.Agent);
        Demanded("consent", before.Consent, after.Consent);
        Quotas();
        Bound("max-bytes", before.MaxAnswerBytes, after.MaxAnswerBytes);
        Bound("batch-lines", before.MaxBatchLines, after.MaxBatchLines);
        Said("freshness", before.Freshness?.ToString(), after.Freshness?.ToString());
        Said("deadline", before.Deadline.ToString(), after.Deadline.ToString());
        Said("contest", Text(before.Contest), Text(after.Contest));
        Said("linking", Text(before.Linking), Text(after.Linking));
        Said("clause", before.Clause, after.Clause);
        Said("provider", before.Provider, after.Provider);
        if (before.BreakGlass != after.BreakGlass)
            Add(after.BreakGlass ? DifferenceKind.Widens : DifferenceKind.Narrows, "break-glass", "");
        if (before.ForwardCaseReference != after.ForwardCaseReference)
            Add(after.ForwardCaseReference ? DifferenceKind.Widens : DifferenceKind.Narrows, "forward", "case-reference");
    }

    private static ImmutableArray<string> Codes(Grant grant) => [.. grant.Sources.Select(static source => source.Code)];

    private static string? Text(ContestTerms? terms) => terms is null ? null : $"{terms.Window.Months} m {terms.Window.Days} d";

    private static string? Text(LinkingWindow? window) =>
        window is null ? null : string.Create(CultureInfo.InvariantCulture, $"{window.From:yyyy-MM-dd}..{window.Until:yyyy-MM-dd}");

    private void Operations()
    {
        foreach (var operation in after.Operations)
        {
            if (before.Find(operation.Id) is not { } former)
                Add(DifferenceKind.Widens, "operation", operation.Id);
            else
            {
                Listed("field", former.Release, operation.Release, emptyIsAll: false, at: operation.Id);
                Listed("search", former.Search, operation.Search, emptyIsAll: false, at: operation.Id);
                Listed("code", AllowedCodes(former), AllowedCodes(operation), emptyIsAll: true, at: operation.Id);
            }
        }

        foreach (var operation in before.Operations)
            if (after.Find(operation.Id) is null)
                Add(DifferenceKind.Narrows, "operation", operation.Id);
    }

    private static ImmutableArray<string> AllowedCodes(GrantedOperation operation) =>
        [
            .. operation
                .Codes.SelectMany(static pair => pair.Value.Select(code => $"{pair.Key} {code.System}#{code.Code}"))
                .Order(StringComparer.Ordinal),
        ];

    private void Population()
    {
        var (was, now) = (before.Population, after.Population);
        if (was.Gate != now.Gate)
            Add(
                now.Gate == "none" ? DifferenceKind.Widens
                    : was.Gate == "none" ? DifferenceKind.Narrows
                    : DifferenceKind.Changes,
                "gate",
                "",
                was.Gate,
                now.Gate
            );
        Said("declared-by", was.DeclaredBy, now.DeclaredBy);
        Listed("quality", was.Qualities, now.Qualities, emptyIsAll: false);
    }

    private void Territory()
    {
        var (was, now) = (Where(before), Where(after));
        if (was == now)
            return;
        if (!before.OfficeProvinceOnly && !after.OfficeProvinceOnly)
            Listed("province", before.Provinces, after.Provinces, emptyIsAll: true);
        else
            Add(before.OfficeProvinceOnly ? DifferenceKind.Widens : DifferenceKind.Narrows, "territory", "", was, now);
    }

    private static string Where(Grant grant) =>
        grant.OfficeProvinceOnly ? "office"
        : grant.Provinces.IsEmpty ? "all"
        : string.Join(", ", grant.Provinces);

    // Minute by minute through a week: the windows may be cut in any way.
    private void Hours()
    {
        var monday = new DateTime(2026, 6, 1, 0, 0, 0, DateTimeKind.Unspecified);
        var (more, less) = (0, 0);
        for (var minute = 0; minute < 7 * 24 * 60; minute++)
        {
            var (was, now) = (
                OpenHours.AreOpen(before.Hours, monday.AddMinutes(minute)),
                OpenHours.AreOpen(after.Hours, monday.AddMinutes(minute))
            );
            if (now && !was)
                more++;
            if (was && !now)
                less++;
        }

        if (more > 0)
            Add(DifferenceKind.Widens, "hours", Text(more));
        if (less > 0)
            Add(DifferenceKind.Narrows, "hours", Text(less));
        static string Text(int minutes) => TimeSpan.FromMinutes(minutes).TotalHours.ToString("0.#", CultureInfo.InvariantCulture);
    }

    private void Demanded(string header, Demand was, Demand now)
    {
        if (was == now)
            return;
        var kind =
            now is Demand.Required ? DifferenceKind.Narrows
            : was is Demand.Required ? DifferenceKind.Widens
            : DifferenceKind.Changes;
        Add(kind, "demand", header, was.ToString().ToLowerInvariant(), now.ToString().ToLowerInvariant());
    }

    private void Quotas()
    {
        var (was, now) = (before.Quotas, after.Quotas);
        foreach (var property in typeof(QuotaTerms).GetProperties().Where(static property => property.CanWrite))
        {
            var (old, next) = (property.GetValue(was), property.GetValue(now));
            if (Equals(old, next))
                continue;
            // No figure is no bound.
            var more =
                next is null
                || (
                    old is not null
                    && Convert.ToInt64(next, CultureInfo.InvariantCulture) > Convert.ToInt64(old, CultureInfo.InvariantCulture)
                );
            Add(
                more ? DifferenceKind.Widens : DifferenceKind.Narrows,
                "quota",
                char.ToLowerInvariant(property.Name[0]) + property.Name[1..],
                Text(old),
                Text(next)
            );
        }

        static string? Text(object? value) => value is null ? null : Convert.ToString(value, CultureInfo.InvariantCulture);
    }

    private void Bound(string code, long was, long now)
    {
        if (was != now)
            Add(
                now > was ? DifferenceKind.Widens : DifferenceKind.Narrows,
                code,
                "",
                was.ToString(CultureInfo.InvariantCulture),
                now.ToString(CultureInfo.InvariantCulture)
            );
    }

    private void Said(string code, string? was, string? now)
    {
        if (was != now)
            Add(DifferenceKind.Changes, code, "", was, now);
    }

    private void Listed(
        string code,
        ImmutableArray<string> was,
        ImmutableArray<string> now,
        bool emptyIsAll,
        string at = "",
        bool neutral = false
    )
    {
        if (emptyIsAll && was.IsEmpty != now.IsEmpty)
        {
            Add(now.IsEmpty ? DifferenceKind.Widens : DifferenceKind.Narrows, code, now.IsEmpty ? "*" : string.Join(", ", now), at: at);
            return;
        }

        foreach (var item in now.Except(was, StringComparer.Ordinal))
            Add(neutral ? DifferenceKind.Changes : DifferenceKind.Widens, code, "+" + item, at: at);
        foreach (var item in was.Except(now, StringComparer.Ordinal))
            Add(neutral ? DifferenceKind.Changes : DifferenceKind.Narrows, code, "-" + item, at: at);
    }

    private void Add(DifferenceKind kind, string code, string what, string? was = null, string? now = null, string at = "") =>
        differences.Add(new(kind, code, at.Length == 0 ? after.Id : $"{after.Id} {at}", what, was, now));
}
