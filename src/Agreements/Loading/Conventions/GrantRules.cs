using System.Collections.Immutable;
using Agreements.Identifiers;
using Agreements.Loading.Yaml;

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
        if (_grant.Contest is not null) Contested();
        for (var i = 0; i < entry.Operations.Length; i++) new OperationRules(context, entry, _grant.Operations[i], entry.Operations[i]).Check();
    }

    private void Purpose()
    {
        foreach (var (basis, line) in _fields.TextLines("legalBasis"))
            if (!context.Reference.LegalBases.ContainsKey(basis)) _fields.Report.Error(line, $"legal basis '{basis}' does not exist", "Add it to reference/purposes.yaml, or correct it");
        if (!context.Reference.Purposes.TryGetValue(_grant.Purpose, out var purpose))
        {
            if (_grant.Purpose.Length > 0) Error("purpose", $"purpose '{_grant.Purpose}' does not exist", "Add it to reference/purposes.yaml, or correct it");
            return;
        }
        foreach (var (basis, line) in _fields.TextLines("legalBasis"))
            if (context.Reference.LegalBases.ContainsKey(basis) && !purpose.LegalBasis.Contains(basis))
                _fields.Report.Warn(line, $"legal basis '{basis}' is not one that is cited for {purpose.Code}", $"Cite {string.Join(" or ", purpose.LegalBasis)}, or extend reference/purposes.yaml");
        if (purpose.Consent is Demand.Required && _grant.Consent is not Demand.Required)
            Error("require", $"purpose {purpose.Code} needs recorded consent", "Write 'consent: required'");
    }

    private void Party(string key, string institution)
    {
        if (institution.Length == 0) return;
        if (!context.InstitutionFiles.Contains(institution)) Error(key, $"institution '{institution}' does not exist", $"Add institutions/{institution}.yaml, or correct the id");
        else if (!parties.Contains(institution)) Error(key, $"the {key} is no party of the agreement", "Add it to 'parties', or correct it");
        else if (context.Institutions.TryGetValue(institution, out var known) && !known.Roles.Contains(key))
            Error(key, $"institution '{institution}' does not have the role {key}", $"Add '{key}' to its roles, or correct the grant");
    }

    private void Clients()
    {
        if (!context.Institutions.TryGetValue(_grant.Consumer, out var consumer)) return;
        foreach (var (client, line) in _fields.TextLines("clients"))
            if (consumer.Clients.All(known => known.Id != client)) _fields.Report.Error(line, $"client '{client}' does not exist at {consumer.Id}", $"Register it in institutions/{consumer.Id}.yaml, or correct it");
    }

    private void Sources()
    {
        for (var i = 0; i < _grant.Sources.Length; i++)
        {
            var (source, line) = (_grant.Sources[i], entry.Sources[i].Line);
            if (!context.InstitutionFiles.Contains(source.Institution)) _fields.Report.Error(line, $"institution '{source.Institution}' does not exist", "Correct the id");
            else if (context.Institutions.TryGetValue(source.Institution, out var holder) && (holder.Provider is null || holder.Provider.Sources.All(known => known.Code != source.Code)))
                _fields.Report.Error(line, $"institution '{source.Institution}' has no source '{source.Code}'", "Declare it under provider.sources, or correct the code");
            if (source.Under is null && source.Institution != _grant.Provider)
                _fields.Report.Error(line, "a source of another institution than the provider, without the agreement that covers it", "Add 'under: <agreement>'");
            if (_grant.Sources.Take(i).Any(other => other.Code == source.Code)) _fields.Report.Error(line, "source occurs twice", "Keep one of them");
        }
    }

    private void Schemed()
    {
        foreach (var (scheme, line) in _fields.TextLines("subjectSchemes"))
            if (!Schemes.Contains(scheme)) _fields.Report.Error(line, "a scheme that no consumer may send", $"Use some of: {string.Join(", ", Schemes)}");
        if (_grant.SubjectSchemes.Contains("idcs") && _grant.Quotas.MissesPerDay is null)
            Error("quotas", "the scheme idcs without missesPerDay", "Add 'missesPerDay': identifiers can be tried one after the other");
    }

    // A source that takes an identifier which cannot be made of the consumer's would never be asked.
    private void Identified()
    {
        foreach (var institution in _grant.Sources.Select(static source => source.Institution).Distinct(StringComparer.Ordinal))
        {
            if (!context.Institutions.TryGetValue(institution, out var holder) || holder.Provider is not { } provider) continue;
            foreach (var (scheme, line) in _fields.TextLines("subjectSchemes"))
            {
                if (!Schemes.Contains(scheme) || _grant.Operations.FirstOrDefault(granted => IsAbout(granted.Id, out var sector) && !IdentifierScheme.CanBecome(scheme, provider.IdentifierScheme, sector)) is not { } asked) continue;
                _fields.Report.Error(line, $"{asked.Id}: '{scheme}' cannot be turned into '{provider.IdentifierScheme}', which institution '{institution}' takes",
                    $"Remove it from 'subjectSchemes', or correct 'identifierScheme' in institutions/{institution}.yaml, or remove the source");
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
        if (!context.Reference.Purposes.TryGetValue(_grant.Purpose, out var purpose) || !purpose.Human) return;
        if (_grant.Agent is not Demand.Required) Error("require", $"people ask for {purpose.Code}, and no agent is required", "Write 'agent: required'");
        if (_grant.Quotas.PerAgentPerDay is null) Error("quotas", $"people ask for {purpose.Code}, and no quota per agent is set", "Add 'perAgentPerDay'");
    }

    private void Gate()
    {
        foreach (var quality in _grant.Population.Qualities)
            if (!context.Reference.Qualities.ContainsKey(quality)) Error("population", $"quality '{quality}' does not exist", "Add it to reference/qualities.yaml, or correct it");
        var declaredBy = _grant.Population.DeclaredBy;
        if (_grant.Population.Gate == "open-dossier")
        {
            if (_grant.Population.Qualities.IsEmpty) Error("population", "a gate without qualities", "Name the qualities that count");
            if (declaredBy is null || !parties.Contains(declaredBy)) Error("population", "the gate is not declared by a party", "Write 'declaredBy: <party>'");
        }
        else if (declaredBy is not null || !_grant.Population.Qualities.IsEmpty) Error("population", $"gate '{_grant.Population.Gate}' takes neither declaredBy nor qualities", "Remove them");
    }

    private void Territory()
    {
        foreach (var area in _grant.Provinces)
            if (!context.Reference.Areas.ContainsKey(area)) Error("territory", $"area '{area}' does not exist", "Add it to reference/areas.yaml, or correct it");
        if (!_grant.OfficeProvinceOnly || !context.Institutions.TryGetValue(_grant.Consumer, out var consumer)) return;
        foreach (var client in consumer.Clients)
            if (_grant.Clients.Contains(client.Id) && client.Office is null) _fields.Report.Warn(_fields.LineOf("territory"), $"client '{client.Id}' has no office and will be refused", "Register its office");
    }

    private void Contested()
    {
        bool Has(string verb) => _grant.Operations.Any(operation => operation.Id.EndsWith($"-review.{verb}", StringComparison.Ordinal));
        if (!Has("create") || !Has("read")) Error("contest", "contest without the review operations in the same grant", "Grant the review operations, or remove 'contest'");
    }

    private void Error(string key, string what, string remedy) => _fields.Report.Error(_fields.LineOf(key), what, remedy);
}
