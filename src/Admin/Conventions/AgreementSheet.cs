using System.Collections.Immutable;
using System.Globalization;
using Agreements;
using Agreements.Texts;

namespace Admin.Conventions;

/// <summary>An agreement as people read it.</summary>
/// <param name="Agreement">Reference.</param>
/// <param name="State">One word for where it stands.</param>
/// <param name="Reason">Why.</param>
/// <param name="Lines">All of it, in words.</param>
internal sealed record AgreementSheet(string Agreement, string State, string Reason, ImmutableArray<string> Lines)
{
    internal static AgreementSheet Of(Registry registry, Agreement agreement, DateOnly today, string language)
    {
        var standing = AgreementStatus.StandingOf(registry, agreement, today);
        return new(agreement.Reference, standing.Word, standing.Reason, [.. Of(agreement, standing, language)]);
    }

    private static IEnumerable<string> Of(Agreement agreement, AgreementStanding standing, string language)
    {
        yield return $"{agreement.Reference}  {agreement.Title.In(language)}";
        yield return "  " + StandingWords.Of(standing, language);
        yield return $"  {ConventionWords.Of("parties", language)}: {string.Join(", ", agreement.Parties)}; {ConventionWords.Of("term", language)}: {Day(agreement.From)} … {Day(agreement.Until)}";
        yield return $"  {ConventionWords.Of("signatures", language)}: {(agreement.Signatures.IsEmpty ? ConventionWords.Of("none", language) : string.Join(", ", agreement.Signatures.Select(static one => $"{one.Institution} ({one.Function}, {Day(one.On)}, {one.KeyId})")))}";
        if (agreement.PriorAuthorization is { } prior) yield return $"  {ConventionWords.Of("cndp", language)}: {prior.Number}, {Day(prior.On)} … {Day(prior.Until)}: {string.Join(", ", prior.Purposes)}";
        if (agreement.Quotas is { } total) yield return $"  {ConventionWords.Of("total-quota", language)}: {Figures(total)}";
        foreach (var grant in agreement.Grants)
        {
            yield return $"  {grant.Id} ({grant.Clause}): {grant.Consumer} → {grant.Provider}, {grant.Purpose}, {string.Join(' ', grant.LegalBasis)}";
            yield return $"    {ConventionWords.Of("client", language)}: {(grant.Clients.IsEmpty ? "*" : string.Join(", ", grant.Clients))}; {ConventionWords.Of("quality", language)}: {grant.Population.Gate} {string.Join(", ", grant.Population.Qualities)}; {ConventionWords.Of("territory", language)}: {(grant.OfficeProvinceOnly ? "office" : grant.Provinces.IsEmpty ? "*" : string.Join(", ", grant.Provinces))}";
            yield return $"    {ConventionWords.Of("quota", language)}: {Figures(grant.Quotas)}";
            if (!grant.Hours.IsEmpty) yield return $"    {ConventionWords.Of("hours", language)}: {string.Join("; ", grant.Hours.Select(static window => string.Create(CultureInfo.InvariantCulture, $"{string.Join(' ', window.Days)} {window.From:HH:mm}-{window.To:HH:mm}")))}";
            foreach (var operation in grant.Operations) yield return $"    {operation.Id}: {string.Join(", ", operation.Release)}";
        }
    }

    // Under the names that stand in the file; what is not set bounds nothing and is not shown.
    private static string Figures(object quotas) => string.Join(", ", quotas.GetType().GetProperties().Where(static property => property.CanWrite)
        .Select(property => (Name: char.ToLowerInvariant(property.Name[0]) + property.Name[1..], Value: property.GetValue(quotas)))
        .Where(static quota => quota.Value is not null).Select(static quota => string.Create(CultureInfo.InvariantCulture, $"{quota.Name} {quota.Value}")));

    private static string Day(DateOnly day) => day.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);
}
