using System.Collections.Frozen;
using System.Collections.Immutable;
using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using Agreements;
using Agreements.Contracts;
using Gateway.Catalogue;
using Gateway.Requests;
using Tokens.Transport;

namespace Gateway.Admission;

/// <summary>What a path leads to.</summary>
/// <param name="Operation">Operation whose contract names the path.</param>
/// <param name="Part">query for a single question; declare for declarations; submit, manifest, results or purge for a batch.</param>
/// <param name="Parameter">Value of the path's one parameter, for instance a batch id; null when it has none.</param>
internal readonly record struct RouteMatch(Operation Operation, string Part, string? Parameter);

/// <summary>
/// Paths of a registry snapshot. Exact and case-sensitive, taken from the contracts: what is authorized is what is called, and a
/// new exchange needs no route in code.
/// </summary>
internal sealed class RouteTable
{
    private static readonly ConditionalWeakTable<Registry, RouteTable> Tables = [];
    private static readonly FrozenSet<string> Json = FrozenSet.Create(StringComparer.OrdinalIgnoreCase, "application/json");
    private static readonly FrozenSet<string> Lines = FrozenSet.Create(StringComparer.OrdinalIgnoreCase, "application/x-ndjson");
    private static readonly FrozenSet<string> Form = FrozenSet.Create(
        StringComparer.OrdinalIgnoreCase,
        "application/x-www-form-urlencoded"
    );
    private const string Search = "/_search";

    // With the parameter that a range may name; the version is that of FHIR R4.
    private static readonly ImmutableArray<string> ForJson = ["application/json"];
    private static readonly ImmutableArray<string> ForLines = ["application/x-ndjson", .. ForJson];
    private static readonly ImmutableArray<string> ForFhir = ["application/fhir+json;fhirVersion=4.0", "application/json;fhirVersion=4.0"];
    private static readonly FrozenSet<string> OfSearch = FrozenSet.Create(StringComparer.Ordinal, AddressQuery.Format);

    // A resource type takes no method by itself: a search by GET would carry the person in its address (health page, section 1).
    private static readonly WireRoute NoMethod = new([], []);
    private readonly FrozenDictionary<string, Operation> _exact;
    private readonly FrozenDictionary<string, WireRoute> _wires;
    private readonly FrozenSet<string> _types;
    private readonly (string Prefix, string Suffix, string Method, string Part, Operation Operation)[] _patterns;

    private RouteTable(Registry registry)
    {
        _exact = registry.Operations.Values.ToFrozenDictionary(static operation => operation.Path, StringComparer.Ordinal);
        _wires = registry.Operations.Values.ToFrozenDictionary(static operation => operation.Path, Wire, StringComparer.Ordinal);
        _types = registry
            .Operations.Values.Where(static operation => operation.Path.EndsWith(Search, StringComparison.Ordinal))
            .Select(static operation => operation.Path[..^Search.Length])
            .ToFrozenSet(StringComparer.Ordinal);
        _patterns =
        [
            .. from operation in registry.Operations.Values
            from route in operation.Routes
            let open = route.Path.IndexOf('{', StringComparison.Ordinal)
            let close = route.Path.IndexOf('}', StringComparison.Ordinal)
            select (route.Path[..open], route.Path[(close + 1)..], route.Method, route.Part, operation),
        ];
    }

    /// <summary>The table of a snapshot, made once.</summary>
    public static RouteTable Of(Registry registry) => Tables.GetValue(registry, static snapshot => new RouteTable(snapshot));

    /// <summary>Finds the route of a method and path.</summary>
    public bool TryFind(string method, string path, out RouteMatch route)
    {
        if (_exact.TryGetValue(path, out var operation))
        {
            route = new RouteMatch(
                operation,
                operation.AnsweredByGateway ? "declare"
                    : operation.Protocol == OperationProtocol.Batch ? "submit"
                    : "query",
                null
            );
            return true;
        }

        foreach (var pattern in _patterns)
        {
            if (pattern.Method != method || !Matches(path, pattern.Prefix, pattern.Suffix, out var parameter))
                continue;
            route = new RouteMatch(pattern.Operation, pattern.Part, parameter);
            return true;
        }

        route = default;
        return false;
    }

    /// <summary>What the wire gate asks of the path: methods and media types; null when no contract names it.</summary>
    public WireRoute? WireOf(string path)
    {
        if (_wires.TryGetValue(path, out var wire))
            return wire;
        if (_types.Contains(path))
            return NoMethod;
        HashSet<string>? methods = null;
        foreach (var pattern in _patterns)
            if (Matches(path, pattern.Prefix, pattern.Suffix, out _))
                (methods ??= new HashSet<string>(StringComparer.Ordinal)).Add(pattern.Method);
        return methods is null ? null : new WireRoute(methods.ToFrozenSet(StringComparer.Ordinal), []);
    }

    private static bool Matches(string path, string prefix, string suffix, [NotNullWhen(true)] out string? parameter)
    {
        parameter = null;
        if (path.Length <= prefix.Length + suffix.Length)
            return false;
        if (!path.StartsWith(prefix, StringComparison.Ordinal) || !path.EndsWith(suffix, StringComparison.Ordinal))
            return false;
        var middle = path[prefix.Length..^suffix.Length];
        if (middle.Contains('/', StringComparison.Ordinal))
            return false;
        parameter = middle;
        return true;
    }

    /// <summary>
    /// Can the caller take what the operation answers? What every answer could be called counts: its own type, and plain JSON, which all of
    /// them are.
    /// </summary>
    public static bool Accepts(HttpRequest request, RouteMatch route) =>
        Accepted.Best(
            request,
            route switch
            {
                { Operation.Protocol: OperationProtocol.Fhir } => ForFhir,
                { Part: "results" } or { Operation.Protocol: OperationProtocol.Lines } => ForLines,
                _ => ForJson,
            }
        )
            is not null;

    private static WireRoute Wire(Operation operation) =>
        new(Set(operation.Method), ContentTypes(operation)) { Parameters = operation.Protocol == OperationProtocol.Fhir ? OfSearch : [] };

    private static FrozenSet<string> ContentTypes(Operation operation) =>
        operation.Protocol switch
        {
            OperationProtocol.Batch or OperationProtocol.Lines => Lines,
            OperationProtocol.Fhir => Form,
            _ => operation.Method == "GET" ? [] : Json,
        };

    private static FrozenSet<string> Set(string method) => FrozenSet.Create(StringComparer.Ordinal, method);
}
