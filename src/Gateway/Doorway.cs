using Agreements.Loading;
using Gateway.Admission;
using Gateway.Authentication;
using Gateway.Batches;
using Gateway.Catalogue;
using Gateway.Problems;
using Tokens.Transport;

namespace Gateway;

/// <summary>Leads a request that the wire gate let through to the one place that answers it.</summary>
internal sealed class Doorway(RegistryWatcher law, Exchange exchange, BatchDesk batches, CatalogueDesk catalogue)
{
    /// <summary>Answers every request of the data listener.</summary>
    public Task RunAsync(HttpContext http)
    {
        var path = http.Request.Path.Value ?? "/";
        if (RouteTable.Of(law.Current).TryFind(http.Request.Method, path, out var route))
        {
            if (!RouteTable.Accepts(http.Request.Headers.Accept, route)) return exchange.RefuseAsync(http, new Refusal(Problem.NotAcceptable));
            return route.Part == "query" ? exchange.RunAsync(http, route.Operation) : batches.RunAsync(http, route);
        }

        return CatalogueDesk.Knows(path) ? catalogue.RunAsync(http, path) : exchange.RefuseAsync(http, new Refusal(Problem.RouteUnknown));
    }

    /// <summary>What the wire gate asks of a path.</summary>
    public WireRoute? WireOf(HttpContext http)
    {
        var path = http.Request.Path.Value ?? "/";
        return RouteTable.Of(law.Current).WireOf(path) ?? (CatalogueDesk.Knows(path) ? CatalogueDesk.Wire : null);
    }

    /// <summary>Seals and tells what the wire gate refused.</summary>
    public Task RefuseAsync(HttpContext http, WireDefect defect) => exchange.RefuseAsync(http, new Refusal(defect switch
    {
        WireDefect.MethodNotAllowed => Problem.MethodNotAllowed,
        WireDefect.MediaType => Problem.MediaTypeUnsupported,
        _ => Problem.RequestMalformed,
    }) { Reason = $"wire gate: {defect}", Challenge = IsTokenMisplaced(http, defect) ? Challenges.InvalidRequest : default });

    private static bool IsTokenMisplaced(HttpContext http, WireDefect defect) => defect switch
    {
        WireDefect.RepeatedField => http.Request.Headers.Authorization.Count > 1,
        WireDefect.Query => http.Request.Query.ContainsKey("access_token"),
        _ => false,
    };
}
