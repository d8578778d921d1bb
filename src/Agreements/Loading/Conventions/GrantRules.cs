using System.Collections.Immutable;
using Agreements.Identifiers;
using Agreements.Loading.Yaml;
using Wording;
using static Agreements.Loading.FindingWords;

namespace Agreements.Loading.Conventions;

/// <summary>What stops a grant from loading, besides form (exchanges page, section 16.3).</summary>
internal sealed class GrantRules(LoadContext context, ImmutableArray<string> parties, GrantEntry entry)
{
    private static readonly string[] Schemes = ["sector-token", "idcs", "household-id"];

    private readonly Grant _grant = entry.Grant;
    private readonly Fields _fields = entry.Fields;

    public void Check()
    {
        Purpose();
        Party("consumer", _grant.Consumer);
        Party("provider", _grant.Provider);
        Clients();
        Sources();
        Schemed();
        Identified();
        People();
        Gate();
        Territory();
        if (_grant.Contest is not null)
            Contested();
        for (var i = 0; i < entry.Operations.Length; i++)
            new OperationRules(context, entry, _grant.Operations[i], entry.Operations[i]).Check();
    }

    private void Purpose()
    {
        foreach (var (basis, line) in _fields.TextLines("legalBasis"))
            if (!context.Reference.LegalBases.ContainsKey(basis))
                _fields.Report.Error(line, "legal-basis-unknown", Found(basis), PurposesFile);
        if (!context.Reference.Purposes.TryGetValue(_grant.Purpose, out var purpose))
        {
            if (_grant.Purpose.Length > 0)
                Error("purpose", "purpose-unknown", Found(_grant.Purpose), PurposesFile);
            return;
        }
        foreach (var (basis, line) in _fields.TextLines("legalBasis"))
            if (context.Reference.LegalBases.ContainsKey(basis) && !purpose.LegalBasis.Contains(basis))
                _fields.Report.Warn(line, "legal-basis-uncited", basis, purpose.Code, Blank.List(purpose.LegalBasis), PurposesFile);
        if (purpose.Consent is Demand.Required && _grant.Consent is not Demand.Required)
            Error("require", "consent-needed", purpose.Code, "consent: required");
    }

    private void Party(string key, string institution)
    {
        if (institution.Length == 0)
            return;
        if (!context.InstitutionFiles.Contains(institution))
            Error(key, "institution-unknown", Found(institution), $"institutions/{institution}.yaml");
        else if (!parties.Contains(institution))
            Error(key, "party-missing", institution, key, "parties");
        else if (context.Institutions.TryGetValue(institution, out var known) && !known.Roles.Contains(key))
            Error(key, "role-missing", institution, key);
    }

    private void Clients()
    {
        if (!context.Institutions.TryGetValue(_grant.Consumer, out var consumer))
            return;
        foreach (var (client, line) in _fields.TextLines("clients"))
            if (consumer.Clients.All(known => known.Id != client))
                _fields.Report.Error(line, "client-unknown", Found(client), consumer.Id, $"institutions/{consumer.Id}.yaml");
    }

    private void Sources()
    {
        for (var i = 0; i < _grant.Sources.Length; i++)
        {
            var (source, line) = (_grant.Sources[i], entry.Sources[i].Line);
            if (!context.InstitutionFiles.Contains(source.Institution))
                _fields.Report.Error(line, "institution-unknown", Found(source.Institution), $"institutions/{source.Institution}.yaml");
            else if (
                context.Institutions.TryGetValue(source.Institution, out var holder)
                && (holder.Provider is null || holder.Provider.Sources.All(known => known.Code != source.Code))
            )
                _fields.Report.Error(line, "source-unknown", source.Institution, Found(source.Code), "provider.sources");
            if (source.Under is null && source.Institution != _grant.Provider)
                _fields.Report.Error(line, "source-uncovered", Found(source.Code), "under: <agreement>");
            if (_grant.Sources.Take(i).Any(other => other.Code == source.Code))
                _fields.Report.Error(line, "source-twice", Found(source.Code));
        }
    }

    private void Schemed()
    {
        foreach (var (scheme, line) in _fields.TextLines("subjectSchemes"))
            if (!Schemes.Contains(scheme))
                _fields.Report.Error(line, "scheme-unknown", Found(scheme), Blank.List(Schemes));
        if (_grant.SubjectSchemes.Contains("idcs") && _grant.Quotas.MissesPerDay is null)
            Error("quotas", "misses-needed", "idcs", "missesPerDay");
    }

    // A source that takes an identifier which cannot be made of the consumer's would never be asked.
    private void Identified()
    {
        foreach (var institution in _grant.Sources.Select(static source => source.Institution).Distinct(StringComparer.Ordinal))
        {
            if (!context.Institutions.TryGetValue(institution, out var holder) || holder.Provider is not { } provider)
                continue;
            foreach (var (scheme, line) in _fields.TextLines("subjectSchemes"))
            {
                if (
                    !Schemes.Contains(scheme)
                    || _grant.Operations.FirstOrDefault(granted =>
                        IsAbout(granted.Id, out var sector) && !IdentifierScheme.CanBecome(scheme, provider.IdentifierScheme, sector)
                    )
                        is not { } asked
                )
                    continue;
                _fields.Report.Error(
                    line,
                    "scheme-unturned",
                    asked.Id,
                    scheme,
                    provider.IdentifierScheme,
                    institution,
                    "subjectSchemes",
                    "identifierScheme",
                    $"institutions/{institution}.yaml"
                );
            }
        }
    }

    // Does the operation ask a source about a person?
    private bool IsAbout(string id, out string sector)
    {
        var asks = context.Operations.TryGetValue(id, out var operation) && operation is { HasDataSubject: true, AnsweredByGateway: false };
        sector = operation?.Sector ?? "";
        return asks;
    }

    private void People()
    {
        if (!context.Reference.Purposes.TryGetValue(_grant.Purpose, out var purpose) || !purpose.Human)
            return;
        if (_grant.Agent is not Demand.Required)
            Error("require", "agent-needed", purpose.Code, "agent: required");
        if (_grant.Quotas.PerAgentPerDay is null)
            Error("quotas", "agent-quota-needed", purpose.Code, "perAgentPerDay");
    }

    private void Gate()
    {
        foreach (var quality in _grant.Population.Qualities)
            if (!context.Reference.Qualities.ContainsKey(quality))
                Error("population", "quality-unknown", Found(quality), QualitiesFile);
        var declaredBy = _grant.Population.DeclaredBy;
        if (_grant.Population.Gate == "open-dossier")
        {
            if (_grant.Population.Qualities.IsEmpty)
                Error("population", "gate-no-qualities", "qualities");
            if (declaredBy is null || !parties.Contains(declaredBy))
                Error("population", "gate-undeclared", "declaredBy: <party>");
        }
        else if (declaredBy is not null || !_grant.Population.Qualities.IsEmpty)
            Error("population", "gate-takes-none", Found(_grant.Population.Gate), "declaredBy", "qualities");
    }

    private void Territory()
    {
        foreach (var area in _grant.Provinces)
            if (!context.Reference.Areas.ContainsKey(area))
                Error("territory", "area-unknown", Found(area), AreasFile);
        if (!_grant.OfficeProvinceOnly || !context.Institutions.TryGetValue(_grant.Consumer, out var consumer))
            return;
        foreach (var client in consumer.Clients)
            if (_grant.Clients.Contains(client.Id) && client.Office is null)
                _fields.Report.Warn(_fields.LineOf("territory"), "client-officeless", client.Id);
    }

    private void Contested()
    {
        bool Has(string verb) => _grant.Operations.Any(operation => operation.Id.EndsWith($"-review.{verb}", StringComparison.Ordinal));
        if (!Has("create") || !Has("read"))
            Error("contest", "contest-reviewless", "contest");
    }

    private void Error(string key, string code, params ReadOnlySpan<Blank> blanks) =>
        _fields.Report.Error(_fields.LineOf(key), code, blanks);
}
