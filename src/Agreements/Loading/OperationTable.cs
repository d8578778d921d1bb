using System.Collections.Frozen;
using Agreements.Contracts;
using Agreements.Loading.Yaml;
using Wording;

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
            if (!operations.TryAdd(operation.Id, WithParts(operation)))
                report.Error(fields.Line, "operation-declared-twice", FindingWords.Found(operation.Id));
            if (!routes.Add($"{operation.Method} {operation.Path}"))
                report.Error(fields.Line, "route-twice", FindingWords.Found($"{operation.Method} {operation.Path}"));
            foreach (var purpose in operation.Purposes)
                if (!purposes.ContainsKey(purpose))
                    report.Error(fields.Line, "purpose-unknown", FindingWords.Found(purpose), FindingWords.PurposesFile);
        }
        foreach (var (operation, fields, report) in _entries)
            Check(operations[operation.Id], fields, report, operations);
        foreach (var part in _parts)
            if (!operations.TryGetValue(part.Whole, out var whole) || whole.Protocol is not OperationProtocol.Batch)
                part.Report.Error(part.Line, "part-of-nothing", "x-part-of", FindingWords.Found(part.Whole), "x-batch-of");
        return operations.ToFrozenDictionary(StringComparer.Ordinal);
    }

    // The lines that a batch gives are those of its results, not the manifest that accepts it.
    private Operation WithParts(Operation operation)
    {
        var parts = _parts.Where(part => part.Whole == operation.Id).ToArray();
        if (parts.Length == 0)
            return operation;
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
                report.Error(fields.Line, "batch-of-nothing", "x-batch-of", FindingWords.Found(single));
            foreach (var part in (string[])["manifest", "results", "purge"])
                if (operation.Routes.All(route => route.Part != part))
                    report.Error(fields.Line, "batch-part-missing", part, $"x-part-of: {operation.Id}", $"x-part: {part}");
        }
        if (
            operation is { HasDataSubject: true, Protocol: OperationProtocol.Json or OperationProtocol.Lines }
            && operation.Request?.Find("subject") is not { Required: true }
        )
            report.Error(fields.Line, "subject-missing", "subject", "x-subject: none");
        if (operation.Status is { } status)
            CheckStatus(status, operation, fields, report);
    }

    private static void CheckStatus(StatusRule status, Operation operation, Fields fields, FileReport report)
    {
        var shape = ShapePath.Find(operation.Answer, status.Path);
        var since = status.SincePath is null ? null : ShapePath.Find(operation.Answer, status.SincePath);
        IEnumerable<string?> named = [.. status.Positive, .. status.Negative, status.Pending];
        var line = fields.LineOf("x-status");
        if (shape?.Values is not { } values)
            report.Error(line, "status-path", "x-status.path", FindingWords.Found(status.Path));
        else if (named.FirstOrDefault(value => value is not null && !values.Contains(value)) is { } other)
            report.Error(line, "status-value", "x-status", FindingWords.Found(other), Blank.List(values.Order(StringComparer.Ordinal)));
        if (status.SincePath is not null && since is not { Format: ShapeFormat.Date })
            report.Error(fields.LineOf("x-status"), "status-since", "x-status.since", FindingWords.Found(status.SincePath));
    }
}
