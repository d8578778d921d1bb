using Agreements.Contracts;
using Agreements.Loading.Fhir;
using Agreements.Loading.Yaml;
using Wording;
using static Agreements.Loading.FindingWords;

namespace Agreements.Loading.Conventions;

/// <summary>What stops one granted operation from loading (exchanges page, sections 1.8, 3 and 16.3).</summary>
internal sealed class OperationRules(LoadContext context, GrantEntry entry, GrantedOperation granted, Fields fields)
{
    private const int MaxJsonAnswer = 65536;
    private const string GateClause = "gate: open-dossier",
        DeclaredClause = "declaredBy: <consumer>";

    public void Check()
    {
        if (!context.Operations.TryGetValue(granted.Id, out var operation))
        {
            if (context.ContractsComplete && granted.Id.Length > 0)
                Error("id", "operation-unknown", Found(granted.Id), OpenApiFolder, FhirFolder);
            return;
        }
        if (!operation.Purposes.Contains(entry.Grant.Purpose))
            Error("id", "operation-unforeseen", operation.Id, Found(entry.Grant.Purpose), Blank.List(operation.Purposes));
        Consumer(operation);
        Class(operation);
        if (operation.Protocol is OperationProtocol.Fhir)
            Fhir(operation);
        else
            Json(operation);
    }

    private void Consumer(Operation operation)
    {
        if (!context.Institutions.TryGetValue(entry.Grant.Consumer, out var consumer))
            return;
        if (consumer.Class is InstitutionClass.International && operation.AuditClass is not (AuditClass.Aggregate or AuditClass.Catalogue))
            Error("id", "international", operation.Id);
        if (operation.Sector == "care" && consumer.Sector != "care" && consumer.Class is not InstitutionClass.Agency)
            Error("id", "care-stranger", operation.Id);
        if (operation.Sector == "care" && entry.Grant.Agent is not Demand.Required)
            Grant("require", "care-agentless", operation.Id, "agent: required");
    }

    private void Class(Operation operation)
    {
        var grant = entry.Grant;
        if (operation.AuditClass is AuditClass.Sensitive && !operation.CaseReferenceOptional && grant.CaseReference is not Demand.Required)
            Grant("require", "case-needed", operation.Id, "caseReference: required");
        if (operation.Sector == "agency" && (grant.Population.Gate != "open-dossier" || grant.Population.DeclaredBy != grant.Consumer))
            Grant("population", "agency-ungated", operation.Id, GateClause, DeclaredClause);
        if (
            grant.Population.Gate == "none"
            && operation.HasDataSubject
            && operation.AuditClass is AuditClass.Status or AuditClass.StatusBulk or AuditClass.Sensitive
        )
            Grant("population", "person-ungated", operation.Id, GateClause);
        if (operation.Sector == "dossiers" && (grant.Population.Gate != "open-dossier" || grant.Population.DeclaredBy != grant.Consumer))
            Grant("population", "cases-ungated", operation.Id, GateClause, DeclaredClause);
        if (operation.Sector == "registries" && grant.SubjectSchemes.Any(static scheme => scheme != "household-id"))
            Grant("subjectSchemes", "registries-schemes", operation.Id, "subjectSchemes: [household-id]");
        if (
            operation.Protocol is OperationProtocol.Batch
            && context.Institutions.TryGetValue(grant.Provider, out var provider)
            && provider.Provider?.Bulk == "none"
        )
            Grant("provider", "batches-untaken", operation.Id, grant.Provider, "bulk: chunk", "bulk: single");
    }

    private void Json(Operation operation)
    {
        if (
            entry.Grant.MaxAnswerBytes > MaxJsonAnswer
            && entry.Grant.Operations.All(other => context.Operations.GetValueOrDefault(other.Id)?.Protocol is not OperationProtocol.Fhir)
        )
            entry.Fields.Report.Error(entry.Fields.LineOf("answer"), "answer-too-large", "maxBytes", Number(MaxJsonAnswer));
        var list = fields.Has("release") ? "release" : "releaseAs";
        if (operation.AnsweredByGateway && (!granted.Release.IsEmpty || fields.Has("releaseAs")))
            Error(list, "gateway-answers", operation.Id, list);
        if (
            !operation.AnsweredByGateway
            && granted.Release.IsEmpty
            && !fields.Has("releaseAs")
            && operation.Answer is not null
            && operation.HasDataSubject
        )
            Error("id", "nothing-disclosed", operation.Id, "release", "releaseAs");
        foreach (var key in (string[])["codes", "search"])
            if (fields.Has(key))
                Error(key, "fhir-only", operation.Id, key);
        var answer = operation.BatchOf is { } single ? context.Operations.GetValueOrDefault(single)?.Answer : operation.Answer;
        foreach (var path in granted.Release)
            Path(path, answer);
    }

    private void Path(string path, Shape? answer)
    {
        var line = fields.TextLines("release").FirstOrDefault(item => item.Text == path).Line;
        if (line == 0)
            line = fields.LineOf("releaseAs");
        if (ShapePath.Walk(answer, path, out var first) is not { } shape)
            fields.Report.Error(line, "path-unknown", Found(path));
        else if (shape.Kind is ShapeKind.Object)
            fields.Report.Error(line, "path-object", Found(path));
        else if (first is { Envelope: true } or { WrittenByGateway: true })
            fields.Report.Error(line, "path-envelope", Found(path));
    }

    private void Fhir(Operation operation)
    {
        if (operation.FhirType is { } name && context.FhirTypes.TryGetValue(name, out var type))
            new FhirReleaseCheck(type, granted, fields).Run();
        if (
            context.Institutions.TryGetValue(entry.Grant.Provider, out var provider)
            && provider.Provider?.Fhir?.Types.Contains(operation.FhirType ?? "") is not true
        )
            Grant("provider", "type-unanswered", operation.Id, entry.Grant.Provider, operation.FhirType ?? "", "provider.fhir.types");
    }

    // The fault lies in a clause of the grant, not in the operation.
    private void Grant(string key, string code, params ReadOnlySpan<Blank> blanks) =>
        entry.Fields.Report.Error(entry.Fields.LineOf(key), code, blanks);

    private void Error(string key, string code, params ReadOnlySpan<Blank> blanks) => fields.Report.Error(fields.LineOf(key), code, blanks);
}
