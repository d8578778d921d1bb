using System.Globalization;
using Admin.Texts;
using Agreements;
using Agreements.Texts;
using Wording;

namespace Admin.Conventions;

/// <summary>What a replay found, by the names that people know.</summary>
/// <param name="law">Knows what operations, data and agreements are called.</param>
/// <param name="draft">The agreement that was tried.</param>
/// <param name="language">fr, ar or en.</param>
internal sealed class ReplayWords(Registry law, Agreement draft, string language)
{
    private readonly LawNames _names = new(law, language);

    /// <summary>Data: by its title, from the first operation that has one for it.</summary>
    internal string Field(string path) =>
        law.Operations.Keys.Order(StringComparer.Ordinal)
            .Select(operation => _names.Field(operation, path))
            .FirstOrDefault(title => title != path)
        ?? path;

    /// <summary>A quota that was exceeded, the day or month, and the grant.</summary>
    internal string OverQuota(string exceeded)
    {
        if (exceeded.Split(' ') is not [var where, var period, var quota])
            return exceeded;
        var limit = (where == draft.Id ? draft.Quotas?.Stated() : draft.Grants.FirstOrDefault(grant => grant.Id == where)?.Quotas.Stated())
            ?.FirstOrDefault(stated => stated.Name == quota)
            .Limit ?? 0;
        var grant = draft.Grants.FirstOrDefault(one => one.Id == where);
        return Said.Of(
            "replay-over",
            language,
            LawNames.HasQuota(quota) ? _names.Quota(quota, limit) : quota,
            Period(period),
            grant is null ? where : Blank.List([_names.Institution(grant.Consumer), _names.Purpose(grant.Purpose)])
        );
    }

    private string Period(string period) =>
        DateOnly.TryParseExact(period, "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out var day)
            ? Days.Say(day, language)
        : DateOnly.TryParseExact(period, "yyyy-MM", CultureInfo.InvariantCulture, DateTimeStyles.None, out var month)
            ? Days.Month(month, language)
        : period;
}
