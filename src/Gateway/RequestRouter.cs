using Agreements.Loading;
using Gateway.Admission;
using Gateway.Authentication;
using Gateway.Batches;
using Gateway.Declarations;
using Gateway.Diagnosis;
using Gateway.Problems;
using Gateway.Requests;
using Tokens.Transport;

namespace Gateway;

/// <summary>Decides where a request goes, once, and leads what the wire gate let through to the one place that answers it.</summary>
internal sealed class RequestRouter(
    RegistryWatcher law,
    Exchange exchange,
    BatchEndpoint batches,
    DeclarationEndpoint declarations,
    DiagnosticsEndpoint diagnosis,
    Arrivals arrivals,
    IEnumerable<IPathEndpoint> endpoints
)
{
    private readonly IPathEndpoint[] _endpoints = [.. endpoints];

    /// <summary>Answers every request of the data listeners and of the one that diagnoses.</summary>
    public async Task RunAsync(HttpContext http)
    {
        if (Diagnoses(http))
        {
            await diagnosis.RunAsync(http);
            return;
        }

        var route = RouteOf(http);
        if (!(await arrivals.EnterAsync(http, route.Registry, route.Operation?.Operation.Id)).Allows(out var turn, out var refusal))
        {
            await TurnAwayAsync(http, route.Operation?.Operation.Id, refusal);
            return;
        }

        using (turn)
        {
            // The registry changed while the call waited for its turn: it is read anew, whole, as if it came now.
            if (!ReferenceEquals(route.Registry, law.Current))
            {
                route = Decide(http);
                if (route.Wire is { } wire && WireGate.Judge(http, wire) is not WireDefect.None and var defect)
                {
                    await exchange.RefuseAsync(http, RefusalOf(http, defect));
                    return;
                }
            }

            await LeadAsync(http, route);
        }
    }

    private Task LeadAsync(HttpContext http, RequestRoute route)
    {
        if (route.Operation is not { } match)
            return route.Endpoint is { } endpoint
                ? endpoint.RunAsync(http, route.Path)
                : exchange.RefuseAsync(http, new Refusal(Problem.RouteUnknown));
        if (Form(http.Request, match) is { } refusal)
            return exchange.RefuseAsync(http, refusal);
        return match.Part switch
        {
            "query" => exchange.RunAsync(http, match.Operation),
            "declare" => declarations.RunAsync(http, match.Operation),
            _ => batches.RunAsync(http, match),
        };
    }

    /// <summary>What the wire gate asks of a path.</summary>
    public WireRoute? WireOf(HttpContext http) => Diagnoses(http) ? DiagnosticsEndpoint.WireOf(http) : RouteOf(http).Wire;

    private RequestRoute RouteOf(HttpContext http) => RequestRoute.Of(http) ?? Decide(http);

    private RequestRoute Decide(HttpContext http)
    {
        var (registry, path) = (law.Current, http.Request.Path.Value ?? "/");
        var table = RouteTable.Of(registry);
        RouteMatch? operation = table.TryFind(http.Request.Method, path, out var match) ? match : null;
        var (wire, endpoint) = (table.WireOf(path), default(IPathEndpoint));
        for (var i = 0; wire is null && i < _endpoints.Length; i++)
            if ((wire = _endpoints[i].WireOf(path)) is not null)
                endpoint = _endpoints[i];
        var route = new RequestRoute(registry, path, operation, endpoint, wire);
        http.Features.Set(route);
        return route;
    }

    /// <summary>Seals and tells what the wire gate refused.</summary>
    public async Task RefuseAsync(HttpContext http, WireDefect defect)
    {
        var refusal = RefusalOf(http, defect);
        if (Diagnoses(http))
            await diagnosis.RefuseAsync(http, refusal);
        else if (!(await arrivals.EnterAsync(http, RouteOf(http).Registry, operation: null)).Allows(out var turn, out var away))
            await TurnAwayAsync(http, operation: null, away);
        else
            using (turn)
                await exchange.RefuseAsync(http, refusal);
    }

    private Refusal RefusalOf(HttpContext http, WireDefect defect)
    {
        var problem = defect switch
        {
            WireDefect.MethodNotAllowed => Problem.MethodNotAllowed,
            WireDefect.MediaType => Problem.MediaTypeUnsupported,
            WireDefect.HeadersTooLarge => Problem.HeadersTooLarge,
            WireDefect.ContentEncoding => Problem.ContentEncodingUnsupported,
            _ => Problem.RequestMalformed,
        };
        var known =
            defect == WireDefect.Query ? AddressQuery.Refuse(http.Request, WireOf(http)) : Named(new Refusal(problem), http, defect);
        var challenge = IsTokenMisplaced(http, defect) ? Challenges.InvalidRequest : default;
        return known with { Reason = $"wire gate: {defect}", Challenge = challenge };
    }

    private static Refusal Named(Refusal refusal, HttpContext http, WireDefect defect) =>
        WireFault.Of(http.Request, defect) is { } fault
            ? refusal with
            {
                Words = [fault.Name],
                Errors = [new RequestError(fault.Name, fault.Code) { Rule = fault.Rule }],
            }
            : refusal;

    // FHIR R4 lets a caller that cannot set Accept say so in the address (http.html, 3.1.0.1.11): then that decides.
    private static Refusal? Form(HttpRequest request, RouteMatch route)
    {
        if (request.Query.TryGetValue(AddressQuery.Format, out var format))
            return FhirFormat.IsJson(format) ? null : AddressQuery.Refuse(AddressQuery.Format);
        return RouteTable.Accepts(request, route) ? null : new Refusal(Problem.NotAcceptable);
    }

    // Sealed like any refusal: whose certificate it is, is proven.
    private Task TurnAwayAsync(HttpContext http, string? operation, Refusal refusal)
    {
        var facts = exchange.Begin(http, operation);
        facts.Caller = arrivals.HolderOf(http, facts.Registry);
        return exchange.RefuseAsync(http, facts, refusal);
    }

    private static bool Diagnoses(HttpContext http) => ListenerName.Of(http) == GatewayHost.DiagnoseListener;

    private static bool IsTokenMisplaced(HttpContext http, WireDefect defect) =>
        defect switch
        {
            WireDefect.RepeatedField => http.Request.Headers.Authorization is { Count: > 0 } sent
                && (sent.Count > 1 || sent[0]?.Contains(',', StringComparison.Ordinal) == true),
            WireDefect.Query => http.Request.Query.ContainsKey("access_token"),
            _ => false,
        };
}
