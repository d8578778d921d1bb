using System.Collections.Immutable;
using System.Text.RegularExpressions;
using Agreements.Contracts;
using Agreements.Loading.Yaml;
using Wording;
using static Agreements.Loading.FindingWords;

namespace Agreements.Loading.OpenApi;

/// <summary>Reads the operations of all documents (exchanges page, section 3).</summary>
internal sealed partial class OperationReader(DocumentSet documents, OperationTable table)
{
    private static readonly string[] Methods = ["post", "get", "delete"];
    private static readonly string[] Media = ["application/json", "application/x-ndjson"];
    private readonly SchemaReader _schemas = new(documents);

    public void Read()
    {
        foreach (var document in documents.All)
            Read(document);
    }

    private void Read(Document document)
    {
        var root = new Fields(document.Root, document.Report);
        if (root.Text("openapi") is { Length: > 0 } version && !version.StartsWith("3.1.", StringComparison.Ordinal))
            document.Report.Error(root.LineOf("openapi"), "openapi-version", Found(version), "openapi: 3.1.0");
        root.Node("info");
        root.Ignore("servers", "security", "tags", "externalDocs", "jsonSchemaDialect");
        Components(root.Map("components", required: false), document);
        if (root.Map("paths", required: false) is { } paths)
            foreach (var path in paths.Entries())
                Path(path, document);
        root.Close();
    }

    // Read for their errors: a component that nobody refers to yet is checked all the same.
    private void Components(Fields? components, Document document)
    {
        if (components is null)
            return;
        components.Ignore("responses", "parameters", "headers", "securitySchemes", "requestBodies", "examples");
        if (components.Map("schemas", required: false) is { } schemas)
            foreach (var entry in schemas.Entries())
                _schemas.Read(entry.Value, document);
        components.Close();
    }

    private void Path(YamlEntry path, Document document)
    {
        if (!PathForm().IsMatch(path.Key))
            document.Report.Error(path.Line, "path-shape", Found(path.Key), "/sector/v1/noun");
        if (path.Value is not YamlMapping methods)
        {
            document.Report.Error(path.Line, "path-methodless", Found(path.Key), Blank.List(Methods));
            return;
        }
        var fields = new Fields(methods, document.Report);
        fields.Ignore("parameters", "summary", "description", "x-description");
        foreach (var method in Methods)
            if (fields.Map(method, required: false) is { } operation)
                Operation(method.ToUpperInvariant(), path.Key, operation, document);
        fields.Close();
    }

    private void Operation(string method, string path, Fields fields, Document document)
    {
        fields.Ignore("summary", "description", "x-description", "tags", "parameters", "security");
        var id = fields.Text("operationId");
        if (fields.OptionalText("x-part-of") is { } whole)
        {
            var part = fields.Choice("x-part", null, "manifest", "results", "purge");
            table.AddPart(
                whole,
                new OperationRoute(method, path, part),
                Answer(fields, document, "200", "204"),
                fields.LineOf("x-part-of"),
                document.Report
            );
        }
        else
            Whole(id, method, path, fields, document);
        fields.Close();
    }

    private void Whole(string id, string method, string path, Fields fields, Document document)
    {
        if (!IdForm().IsMatch(id))
            document.Report.Error(fields.LineOf("operationId"), "operation-id-form", Found(id), "sector.noun.verb");
        else if (!path.StartsWith($"/{id[..id.IndexOf('.', StringComparison.Ordinal)]}/", StringComparison.Ordinal))
            document.Report.Error(fields.LineOf("operationId"), "path-sector", Found(path), Found(id));
        var batchOf = fields.OptionalText("x-batch-of");
        var answeredByGateway = fields.Choice("x-answered-by", "provider", "provider", "gateway") == "gateway";
        var body = fields.Map("requestBody");
        var lines = IsLines(body);
        var request = body is null ? null : Content(body, document);
        var operation = new Operation
        {
            Id = id,
            Title = fields.Has("x-title") ? fields.Localized("x-title") : null,
            Protocol =
                batchOf is not null ? OperationProtocol.Batch
                : lines ? OperationProtocol.Lines
                : OperationProtocol.Json,
            Method = method,
            Path = path,
            AnsweredByGateway = answeredByGateway,
            ProviderPath = answeredByGateway ? "" : fields.Text("x-provider-path", ProviderPathForm(), "/v1/noun/query"),
            ProviderChunkPath = fields.OptionalText("x-provider-chunk-path", ProviderPathForm(), "/v1/noun/query-chunk"),
            Sector = id.Split('.')[0],
            AuditClass = AuditClasses.Read(fields, "x-audit-class"),
            Purposes = fields.Texts("x-purposes"),
            HasDataSubject = fields.Choice("x-subject", null, "required", "none") == "required",
            BatchOf = batchOf,
            EnabledByDefault = fields.OptionalBoolean("x-enabled-by-default") ?? true,
            Request = request,
            Answer = Answer(fields, document, batchOf is null ? "200" : "202"),
            Status = Status(fields.Map("x-status", required: false)),
        };
        if (operation.Protocol == OperationProtocol.Lines && !answeredByGateway)
            document.Report.Error(fields.LineOf("requestBody"), "lines-untaken", "x-batch-of: <operation>", "x-answered-by: gateway");
        if (answeredByGateway && !id.StartsWith("dossiers.declaration.", StringComparison.Ordinal))
            document.Report.Error(fields.LineOf("x-answered-by"), "gateway-declarations", Found(id));
        table.Add(operation, fields, document.Report);
    }

    private static bool IsLines(Fields? body) =>
        body?.Node("content") is YamlMapping content && content.Find("application/x-ndjson") is not null;

    private static StatusRule? Status(Fields? fields)
    {
        if (fields is null)
            return null;
        var rule = new StatusRule(
            fields.Text("path"),
            fields.OptionalText("since"),
            fields.Texts("positive"),
            fields.Texts("negative"),
            fields.OptionalText("pending")
        );
        fields.Close();
        return rule;
    }

    private Shape? Answer(Fields fields, Document document, params ReadOnlySpan<string> statuses)
    {
        if (fields.Map("responses") is not { } responses)
            return null;
        foreach (var entry in responses.Entries())
        {
            if (!statuses.Contains(entry.Key) || entry.Value is not YamlMapping response)
                continue;
            if (entry.Key == "204")
                return null;
            return Content(new Fields(response, document.Report), document);
        }
        fields.Report.Error(fields.LineOf("responses"), "success-missing");
        return null;
    }

    private Shape? Content(Fields body, Document document)
    {
        body.Ignore("description", "x-description", "required", "headers");
        Shape? shape = null;
        if (body.Map("content") is { } content)
        {
            foreach (var media in content.Entries())
            {
                if (!Media.Contains(media.Key) || media.Value is not YamlMapping mapping)
                    document.Report.Error(media.Line, "content-kind", Found(media.Key), Blank.List(Media));
                else
                {
                    var fields = new Fields(mapping, document.Report);
                    fields.Ignore("example", "examples");
                    if (fields.Node("schema") is { } schema)
                        shape = _schemas.Read(schema, document);
                    fields.Close();
                }
            }
        }
        body.Close();
        return shape;
    }

    [GeneratedRegex(
        @"\A[a-z]+\.[a-z]+(-[a-z]+)*\.[a-z]+(-[a-z]+)*\z",
        RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture,
        30_000
    )]
    private static partial Regex IdForm();

    [GeneratedRegex(
        @"\A/[a-z]+/v[1-9](/[a-z][a-z-]*|/\{[a-zA-Z]+\})+\z",
        RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture,
        30_000
    )]
    private static partial Regex PathForm();

    [GeneratedRegex(@"\A/v[1-9](/[a-z][a-z-]*)+\z", RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture, 30_000)]
    private static partial Regex ProviderPathForm();
}
