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

/// <summary>Leads a request that the wire gate let through to the one place that answers it.</summary>
internal sealed class Doorway(RegistryWatcher law, Exchange exchange, BatchDesk batches, DeclarationDesk declarations, DiagnoseDesk diagnosis, Arrivals arrivals, IEnumerable<IPathDesk> desks)
{
    private readonly IPathDesk[] _desks = [.. desks];

    /// <summary>Answers every request of the data listeners and of the one that diagnoses.</summary>
    public async Task RunAsync(HttpContext http)
    {
        if (Diagnoses(http))
        {
            await diagnosis.RunAsync(http);
            return;
        }

        var path = http.Request.Path.Value ?? "/";
        var operation = RouteTable.Of(law.Current).TryFind(http.Request.Method, path, out var route) ? route.Operation.Id : null;
        if (!(await arrivals.EnterAsync(http, operation)).Allows(out var turn, out var refusal))
        {
            await TurnAwayAsync(http, operation, refusal);
            return;
        }

        using (turn) await LeadAsync(http, path, operation is null ? null : route);
    }

    private Task LeadAsync(HttpContext http, string path, RouteMatch? known)
    {
        if (known is { } route)
        {
            if (Form(http.Request, route) is { } refusal) return exchange.RefuseAsync(http, refusal);
            return route.Part switch
            {
                "query" => exchange.RunAsync(http, route.Operation),
                "declare" => declarations.RunAsync(http, route.Operation),
                _ => batches.RunAsync(http, route),
            };
        }

        foreach (var desk in _desks) if (desk.WireOf(path) is not null) return desk.RunAsync(http, path);
        return exchange.RefuseAsync(http, new Refusal(Problem.RouteUnknown));
    }

    /// <summary>What the wire gate asks of a path.</summary>
    public WireRoute? WireOf(HttpContext http)
    {
        if (Diagnoses(http)) return DiagnoseDesk.WireOf(http);
        var path = http.Request.Path.Value ?? "/";
        if (RouteTable.Of(law.Current).WireOf(path) is { } operation) return operation;
        foreach (var desk in _desks) if (desk.WireOf(path) is { } wire) return wire;
        return null;
    }

    /// <summary>Seals and tells what the wire gate refused.</summary>
    public async Task RefuseAsync(HttpContext http, WireDefect defect)
    {
        var problem = defect switch
        {
            WireDefect.MethodNotAllowed => Problem.MethodNotAllowed,
            WireDefect.MediaType => Problem.MediaTypeUnsupported,
            WireDefect.HeadersTooLarge => Problem.HeadersTooLarge,
            WireDefect.ContentEncoding => Problem.ContentEncodingUnsupported,
            _ => Problem.RequestMalformed,
        };
        var known = defect == WireDefect.Query ? AddressQuery.Refuse(http.Request, WireOf(http)) : new Refusal(problem);
        var challenge = IsTokenMisplaced(http, defect) ? Challenges.InvalidRequest : default;
        var refusal = known with { Reason = $"wire gate: {defect}", Challenge = challenge };
        if (Diagnoses(http)) await diagnosis.RefuseAsync(http, refusal);
        else if (!(await arrivals.EnterAsync(http, operation: null)).Allows(out var turn, out var away)) await TurnAwayAsync(http, operation: null, away);
        else using (turn) await exchange.RefuseAsync(http, refusal);
    }

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
        facts.Caller = arrivals.HolderOf(http);
        return exchange.RefuseAsync(http, facts, refusal);
    }

    private static bool Diagnoses(HttpContext http) => ListenerName.Of(http) == GatewayHost.DiagnoseListener;

    private static bool IsTokenMisplaced(HttpContext http, WireDefect defect) => defect switch
    {
        WireDefect.RepeatedField => http.Request.Headers.Authorization is { Count: > 0 } sent && (sent.Count > 1 || sent[0]?.Contains(',', StringComparison.Ordinal) == true),
        WireDefect.Query => http.Request.Query.ContainsKey("access_token"),
        _ => false,
    };
}
