using Agreements.Contracts;
using Agreements.Loading.Fhir;
using Agreements.Loading.Yaml;

namespace Agreements.Loading.Conventions;

/// <summary>What stops one granted operation from loading (exchanges page, sections 1.8, 3 and 16.3).</summary>
internal sealed class OperationRules(LoadContext context, GrantEntry entry, GrantedOperation granted, Fields fields)
{
    private const int MaxJsonAnswer = 65536;

    public void Check()
    {
        if (!context.Operations.TryGetValue(granted.Id, out var operation))
        {
            if (context.ContractsComplete && granted.Id.Length > 0) Error("id", $"operation '{granted.Id}' does not exist", "Add it to contracts/openapi or contracts/fhir, or correct the id");
            return;
        }
        if (!operation.Purposes.Contains(entry.Grant.Purpose)) Error("id", $"operation '{operation.Id}' is not foreseen for {entry.Grant.Purpose}", $"Grant it for {string.Join(" or ", operation.Purposes)}, or extend the contract");
        Consumer(operation);
        Class(operation);
        if (operation.Protocol is OperationProtocol.Fhir) Fhir(operation);
        else Json(operation);
    }

    private void Consumer(Operation operation)
    {
        if (!context.Institutions.TryGetValue(entry.Grant.Consumer, out var consumer)) return;
        if (consumer.Class is InstitutionClass.International && operation.AuditClass is not (AuditClass.Aggregate or AuditClass.Catalogue))
            Error("id", "an international institution gets aggregates only", "Remove the operation");
        if (operation.Sector == "care" && consumer.Sector != "care" && consumer.Class is not InstitutionClass.Agency)
            Error("id", "a care operation for a client of another sector", "Remove the operation");
        if (operation.Sector == "care" && entry.Grant.Agent is not Demand.Required)
            Grant("require", $"{operation.Id}: a care operation without agent", "Write 'agent: required'");
    }

    private void Class(Operation operation)
    {
        var grant = entry.Grant;
        if (operation.AuditClass is AuditClass.Sensitive && !operation.CaseReferenceOptional && grant.CaseReference is not Demand.Required)
            Grant("require", $"{operation.Id}: a sensitive operation without case reference", "Write 'caseReference: required'");
        if (operation.Sector == "agency" && (grant.Population.Gate != "open-dossier" || grant.Population.DeclaredBy != grant.Consumer))
            Grant("population", $"{operation.Id}: an answer of the agency without a gate declared by the consumer", "Write 'gate: open-dossier' and 'declaredBy: <consumer>'");
        if (grant.Population.Gate == "none" && operation.HasDataSubject && operation.AuditClass is AuditClass.Status or AuditClass.StatusBulk or AuditClass.Sensitive)
            Grant("population", $"{operation.Id}: a question about a person without gate", "Write 'gate: open-dossier'");
        if (operation.Sector == "dossiers" && (grant.Population.Gate != "open-dossier" || grant.Population.DeclaredBy != grant.Consumer))
            Grant("population", $"{operation.Id}: dossiers are declared by the consumer of a gated grant", "Write 'gate: open-dossier' and 'declaredBy: <consumer>', or remove the operation");
        if (operation.Sector == "registries" && grant.SubjectSchemes.Any(static scheme => scheme != "household-id"))
            Grant("subjectSchemes", $"{operation.Id}: the registries are asked about households, and no token of theirs travels", "Write 'subjectSchemes: [household-id]'");
        if (operation.Protocol is OperationProtocol.Batch && context.Institutions.TryGetValue(grant.Provider, out var provider) && provider.Provider?.Bulk == "none")
            Grant("provider", $"{operation.Id}: institution '{grant.Provider}' takes no batches", "Write 'bulk: chunk' or 'bulk: single' in its file, or remove the operation");
    }

    private void Json(Operation operation)
    {
        if (entry.Grant.MaxAnswerBytes > MaxJsonAnswer && entry.Grant.Operations.All(other => context.Operations.GetValueOrDefault(other.Id)?.Protocol is not OperationProtocol.Fhir))
            entry.Fields.Report.Error(entry.Fields.LineOf("answer"), $"maxBytes is larger than {MaxJsonAnswer}", "Lower it");
        if (operation.AnsweredByGateway && (!granted.Release.IsEmpty || fields.Has("releaseAs"))) Error(fields.Has("release") ? "release" : "releaseAs", "the gateway answers by itself, nothing is released", "Remove it");
        if (!operation.AnsweredByGateway && granted.Release.IsEmpty && !fields.Has("releaseAs") && operation.Answer is not null && operation.HasDataSubject)
            Error("id", "nothing is released", "Add 'release' or 'releaseAs'");
        if (fields.Has("codes") || fields.Has("search")) Error(fields.Has("codes") ? "codes" : "search", "codes and search belong to FHIR operations", "Remove them");
        var answer = operation.BatchOf is { } single ? context.Operations.GetValueOrDefault(single)?.Answer : operation.Answer;
        foreach (var path in granted.Release) Path(path, answer);
    }

    private void Path(string path, Shape? answer)
    {
        var line = fields.TextLines("release").FirstOrDefault(item => item.Text == path).Line;
        if (line == 0) line = fields.LineOf("releaseAs");
        if (ShapePath.Walk(answer, path, out var first) is not { } shape) fields.Report.Error(line, $"path '{path}' does not exist in the contract", "Correct the path, or add the member to the contract");
        else if (shape.Kind is ShapeKind.Object) fields.Report.Error(line, $"path '{path}' is an object", "Name the members that leave: later ones are released to nobody");
        else if (first is { Envelope: true } or { WrittenByGateway: true }) fields.Report.Error(line, $"path '{path}' belongs to the envelope", "Remove it: the envelope leaves with every answer");
    }

    private void Fhir(Operation operation)
    {
        if (operation.FhirType is { } name && context.FhirTypes.TryGetValue(name, out var type)) new FhirReleaseCheck(type, granted, fields).Run();
        if (context.Institutions.TryGetValue(entry.Grant.Provider, out var provider) && provider.Provider?.Fhir?.Types.Contains(operation.FhirType ?? "") is not true)
            Grant("provider", $"{operation.Id}: institution '{entry.Grant.Provider}' does not answer for {operation.FhirType}", "Add the type under provider.fhir.types, or correct the provider");
    }

    // The fault lies in a clause of the grant, not in the operation.
    private void Grant(string key, string what, string remedy) => entry.Fields.Report.Error(entry.Fields.LineOf(key), what, remedy);

    private void Error(string key, string what, string remedy) => fields.Report.Error(fields.LineOf(key), what, remedy);
}
