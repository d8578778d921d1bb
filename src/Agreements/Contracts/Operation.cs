using System.Collections.Immutable;

namespace Agreements.Contracts;

/// <summary>How much care an operation's records need (exchanges page, section 1.16).</summary>
public enum AuditClass
{
    /// <summary>One access record per call.</summary>
    Status,

    /// <summary>One record per batch line.</summary>
    StatusBulk,

    /// <summary>One record per person in the answer; health and children in care.</summary>
    Sensitive,

    /// <summary>An intent record before the provider is called.</summary>
    Write,

    /// <summary>No personal data.</summary>
    Aggregate,

    /// <summary>Reads of the log itself.</summary>
    Oversight,

    /// <summary>Reads of the catalogue.</summary>
    Catalogue,
}

/// <summary>What travels on the wire.</summary>
public enum OperationProtocol
{
    /// <summary><c>application/json</c>, described by <c>contracts/openapi</c>.</summary>
    Json,

    /// <summary>An NDJSON batch of the operation named by <see cref="Operation.BatchOf"/>.</summary>
    Batch,

    /// <summary>NDJSON lines, answered at once by as many lines; such an operation repeats no other.</summary>
    Lines,

    /// <summary>A FHIR R4 search, described by <c>contracts/fhir</c>.</summary>
    Fhir,
}

/// <summary>
/// One question that the gateway can mediate. Its id is at once OAuth scope and OpenAPI <c>operationId</c>.
/// Read from <c>contracts/openapi/*.yaml</c> and <c>contracts/fhir/operations.yaml</c>; never written in code.
/// </summary>
public sealed class Operation
{
    /// <summary>Operation id, for example <c>education.school-enrolment.read</c>.</summary>
    public required string Id { get; init; }

    /// <summary>What it is called towards people (<c>x-title</c>); null when the contract does not say.</summary>
    public LocalizedText? Title { get; init; }

    /// <summary>Wire protocol.</summary>
    public required OperationProtocol Protocol { get; init; }

    /// <summary>HTTP method of the (first) route, upper case.</summary>
    public required string Method { get; init; }

    /// <summary>Path of the (first) route on the gateway, for example <c>/education/v1/school-enrolments/query</c>.</summary>
    public required string Path { get; init; }

    /// <summary>Further routes of the same operation: manifest, results and purge of a batch (exchanges page, section 1.13).</summary>
    public ImmutableArray<OperationRoute> Routes { get; init; } = [];

    /// <summary>The gateway answers itself and asks no provider (<c>x-answered-by: gateway</c>).</summary>
    public bool AnsweredByGateway { get; init; }

    /// <summary>
    /// Path below the provider's base address, for example <c>/v1/school-enrolments/query</c>; empty when the gateway answers itself.
    /// </summary>
    public required string ProviderPath { get; init; }

    /// <summary>Path below the provider's base address for chunks of a batch; null where the provider takes none.</summary>
    public string? ProviderChunkPath { get; init; }

    /// <summary>Sector, which decides the prefix of the sector token: education, employment, health, care, territory, registries.</summary>
    public required string Sector { get; init; }

    /// <summary>Audit class.</summary>
    public required AuditClass AuditClass { get; init; }

    /// <summary>The question is about one person, named by the request member <c>subject</c> (<c>x-subject: required</c>).</summary>
    public bool HasDataSubject { get; init; } = true;

    /// <summary>Purposes for which the contract foresees the operation.</summary>
    public required ImmutableArray<string> Purposes { get; init; }

    /// <summary>Id of the single operation that each line of this batch repeats; null unless <see cref="Protocol"/> is Batch.</summary>
    public string? BatchOf { get; init; }

    /// <summary>
    /// A sensitive operation that may be granted without case reference, because a nightly process asks (exchanges page, section 16.3).
    /// </summary>
    public bool CaseReferenceOptional { get; init; }

    /// <summary>Offered without being switched on in the deployment.</summary>
    public bool EnabledByDefault { get; init; } = true;

    /// <summary>Shape of the request body, or of one line of a batch; null for FHIR searches.</summary>
    public Shape? Request { get; init; }

    /// <summary>
    /// Shape of the answer, or of one result line of a batch, the members written by the gateway included; null for FHIR searches.
    /// </summary>
    public Shape? Answer { get; init; }

    /// <summary>
    /// Where the answer states a status that seasons and several sources turn on (<c>x-status</c>); null for operations without one.
    /// </summary>
    public StatusRule? Status { get; init; }

    /// <summary>FHIR resource type of the search; null otherwise.</summary>
    public string? FhirType { get; init; }
}

/// <summary>A further route of an operation.</summary>
/// <param name="Method">HTTP method, upper case.</param>
/// <param name="Path">Path with parameters in braces.</param>
/// <param name="Part">What it gives: <c>manifest</c>, <c>results</c> or <c>purge</c>.</param>
public sealed record OperationRoute(string Method, string Path, string Part);

/// <summary>
/// Which values of the status are positive, negative, or not settled (<c>x-status</c> in the contract).
/// It lets seasons (section 1.11) and several sources (section 1.7) work without code that knows schooling.
/// </summary>
/// <param name="Path">Dotted path of the status, for example <c>enrolment.status</c>.</param>
/// <param name="SincePath">Dotted path of the date since when it holds; null when there is none.</param>
/// <param name="Positive">Values that settle the question at once.</param>
/// <param name="Negative">Values that are stated only when every source answered, and that a season can hold back.</param>
/// <param name="Pending">The value that replaces a negative before the season's date; null when the operation has no season.</param>
public sealed record StatusRule(
    string Path,
    string? SincePath,
    ImmutableArray<string> Positive,
    ImmutableArray<string> Negative,
    string? Pending
);
