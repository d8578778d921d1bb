using System.Collections.Immutable;
using System.Globalization;
using Agreements;
using Gateway;
using Gateway.Authentication;
using Gateway.Authorization;
using Tokens.Access;
using Tokens.Status;

namespace Policy.Tests.Matrix;

/// <summary>What the gateway decides: the steps of the exchange, run on the compiled registry.</summary>
internal sealed class Decisions(Registry registry)
{
    private static readonly ImmutableHashSet<string> Nothing = [];
    private readonly ImmutableArray<string> _operations = [.. registry.Operations.Keys];
    private readonly Dictionary<GrantedOperation, (string Terms, ImmutableHashSet<string> Release)> _terms = [];

    public Decision Of(Client client, string agreementId, string purpose, string operation, DateOnly day)
    {
        var institution = registry.Institutions[client.Institution];
        var office = client.Office is null ? null : institution.Offices.First(known => known.Code == client.Office);
        var caller = new Caller(institution, client, office, registry.Agreements[agreementId].Reference, purpose, _operations)
        {
            TokenId = "t",
            ExpiresAt = DateTimeOffset.MaxValue,
            Scheme = TokenScheme.Bearer,
        };
        if (!AgreementInForce.Find(registry, StatusSnapshot.Empty, caller, day).Allows(out var agreement, out var refusal))
            return Refused(refusal);
        return Entitlement
            .Decide(registry, caller, agreement, registry.Operations[operation], day.ToDateTime(new TimeOnly(12, 0)))
            .Allows(out var entitlement, out refusal)
            ? Permitted(entitlement)
            : Refused(refusal);
    }

    private static Decision Refused(Refusal refusal) => new(refusal.Problem.Code, "", Nothing);

    private Decision Permitted(Entitlement entitlement)
    {
        if (
            !_terms.TryGetValue(entitlement.Granted, out var known)
            || !known.Terms.StartsWith(entitlement.Clause + "|", StringComparison.Ordinal)
        )
            _terms[entitlement.Granted] = known = (
                TermsOf(entitlement),
                entitlement.Granted.Release.ToImmutableHashSet(StringComparer.Ordinal)
            );
        return new(null, known.Terms, known.Release);
    }

    private static string TermsOf(Entitlement entitlement)
    {
        var (agreement, grant, quotas) = (entitlement.Agreement, entitlement.Grant, entitlement.Grant.Quotas);
        return string.Join(
            '|',
            entitlement.Clause,
            $"basis {Join(grant.LegalBasis)}",
            $"provider {grant.Provider}",
            $"sources {string.Join(' ', grant.Sources.Select(static source => $"{source.Code}@{source.Institution}/{source.Under}"))}",
            $"schemes {Join(grant.SubjectSchemes)}",
            $"require {grant.CaseReference} {grant.Agent} {grant.Consent}".ToLowerInvariant(),
            $"gate {grant.Population.Gate} {grant.Population.DeclaredBy} {Join(grant.Population.Qualities)}",
            $"territory {(grant.OfficeProvinceOnly ? "office" : grant.Provinces.IsEmpty ? "all" : Join(grant.Provinces))} {grant.BreakGlass}".ToLowerInvariant(),
            $"linking {grant.Linking?.From:yyyy-MM-dd} {grant.Linking?.Until:yyyy-MM-dd}",
            $"fresh {grant.Freshness?.TotalSeconds}",
            $"answer {grant.MaxAnswerBytes} {grant.Deadline.TotalSeconds}",
            $"forward {grant.ForwardCaseReference}".ToLowerInvariant(),
            $"lines {grant.MaxBatchLines}",
            string.Create(
                CultureInfo.InvariantCulture,
                $"quotas {quotas.PerDay} {quotas.PerMonth} {quotas.BurstPerSecond} {quotas.PerSubjectPerDay} {quotas.PerAgentPerDay} {quotas.MissesPerDay} {quotas.OpenBatches} {quotas.PerOfficePerDay} {quotas.PersonsPerDay} {quotas.MissAllowance} {quotas.MissesPerMatch}"
            ),
            string.Create(CultureInfo.InvariantCulture, $"total {agreement.Quotas?.PerDay} {agreement.Quotas?.PerMonth}"),
            $"codes {string.Join(' ', entitlement.Granted.Codes.OrderBy(static pair => pair.Key, StringComparer.Ordinal).Select(static pair => $"{pair.Key}={string.Join(',', pair.Value.Select(static code => $"{code.System}#{code.Code}"))}"))}",
            $"search {Join(entitlement.Granted.Search)}",
            $"warn {string.Join(' ', agreement.WarnDaysBefore)}",
            $"results {agreement.BatchResults.TotalSeconds}"
        );
    }

    private static string Join(ImmutableArray<string> texts) => string.Join(' ', texts);
}
