using System.Collections.Frozen;
using Agreements.Contracts;
using Agreements.Loading.Yaml;

namespace Agreements.Loading;

/// <summary>Gathers operations of all contracts and checks them against each other.</summary>
internal sealed class OperationTable
{
    private sealed record Entry(Operation Operation, Fields Fields, FileReport Report);

    private sealed record Part(string Whole, OperationRoute Route, Shape? Answer, int Line, FileReport Report);

    private readonly List<Entry> _entries = [];
    private readonly List<Part> _parts = [];

    public void Add(Operation operation, Fields fields, FileReport report) => _entries.Add(new Entry(operation, fields, report));

    public void AddPart(string whole, OperationRoute route, Shape? answer, int line, FileReport report) =>
        _parts.Add(new Part(whole, route, answer, line, report));

    public FrozenDictionary<string, Operation> Complete(IReadOnlyDictionary<string, Purpose> purposes)
    {
        var operations = new Dictionary<string, Operation>(StringComparer.Ordinal);
        var routes = new HashSet<string>(StringComparer.Ordinal);
        foreach (var (operation, fields, report) in _entries)
        {
            if (!operations.TryAdd(operation.Id, WithParts(operation))) report.Error(fields.Line, $"operation '{operation.Id}' is declared twice", "Rename one of them");
            if (!routes.Add($"{operation.Method} {operation.Path}")) report.Error(fields.Line, $"route {operation.Method} {operation.Path} is declared twice", "Change one of the paths");
            foreach (var purpose in operation.Purposes)
                if (!purposes.ContainsKey(purpose))
                    report.Error(fields.Line, $"purpose '{purpose}' does not exist", "Add it to reference/purposes.yaml, or correct it");
        }
        foreach (var (operation, fields, report) in _entries) Check(operations[operation.Id], fields, report, operations);
        foreach (var part in _parts)
            if (!operations.TryGetValue(part.Whole, out var whole) || whole.Protocol is not OperationProtocol.Batch)
                part.Report.Error(part.Line, "x-part-of names no batch operation", "Name an operation with x-batch-of");
        return operations.ToFrozenDictionary(StringComparer.Ordinal);
    }

    // The lines that a batch gives are those of its results, not the manifest that accepts it.
    private Operation WithParts(Operation operation)
    {
        var parts = _parts.Where(part => part.Whole == operation.Id).ToArray();
        if (parts.Length == 0) return operation;
        return new Operation
        {
            Id = operation.Id,
            Title = operation.Title,
            Protocol = operation.Protocol,
            Method = operation.Method,
            Path = operation.Path,
            Routes = [.. parts.Select(part => part.Route)],
            AnsweredByGateway = operation.AnsweredByGateway,
            ProviderPath = operation.ProviderPath,
            ProviderChunkPath = operation.ProviderChunkPath,
            Sector = operation.Sector,
            AuditClass = operation.AuditClass,
            HasDataSubject = operation.HasDataSubject,
            Purposes = operation.Purposes,
            BatchOf = operation.BatchOf,
            EnabledByDefault = operation.EnabledByDefault,
            Request = operation.Request,
            Answer = parts.FirstOrDefault(part => part.Route.Part == "results")?.Answer ?? operation.Answer,
            Status = operation.Status,
        };
    }

    private static void Check(Operation operation, Fields fields, FileReport report, Dictionary<string, Operation> operations)
    {
        if (operation.BatchOf is { } single)
        {
            if (!operations.TryGetValue(single, out var found) || found.Protocol is not OperationProtocol.Json)
                report.Error(fields.Line, "x-batch-of names no single operation", "Name the operation that each line repeats");
            foreach (var part in (string[])["manifest", "results", "purge"])
                if (operation.Routes.All(route => route.Part != part))
                    report.Error(fields.Line, $"the batch has no route for its {part}", $"Add a path with 'x-part-of: {operation.Id}' and 'x-part: {part}'");
        }
        if (operation is { HasDataSubject: true, Protocol: OperationProtocol.Json or OperationProtocol.Lines } && operation.Request?.Find("subject") is not { Required: true })
            report.Error(fields.Line, "the request has no required member 'subject'", "Add it, or write 'x-subject: none'");
        if (operation.Status is { } status) CheckStatus(status, operation, fields, report);
    }

    private static void CheckStatus(StatusRule status, Operation operation, Fields fields, FileReport report)
    {
        var shape = ShapePath.Find(operation.Answer, status.Path);
        var since = status.SincePath is null ? null : ShapePath.Find(operation.Answer, status.SincePath);
        if (shape?.Values is not { } values) report.Error(fields.LineOf("x-status"), "x-status.path names no member with a closed list", "Name the status");
        else if (status.Positive.Concat(status.Negative).Concat(status.Pending is null ? [] : [status.Pending]).Any(value => !values.Contains(value)))
            report.Error(fields.LineOf("x-status"), "x-status names a value that the status does not have", "Use values of its enum");
        if (status.SincePath is not null && since is not { Format: ShapeFormat.Date })
            report.Error(fields.LineOf("x-status"), "x-status.since names no date", "Name the date since when the status holds");
    }
}
