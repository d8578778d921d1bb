using Agreements;
using Tokens.Transport;

namespace Gateway.Admission;

/// <summary>
/// Where a request goes, and the registry snapshot that says so: decided once, before anything else looks at the request, and carried by it
/// to its end, so that no operation of one snapshot ever meets the agreements of another.
/// </summary>
/// <param name="Registry">The snapshot that was in force.</param>
/// <param name="Path">The path as it was sent.</param>
/// <param name="Operation">The operation whose contract names method and path; null when none does.</param>
/// <param name="Endpoint">Who answers a path that no contract names; null when no one does.</param>
/// <param name="Wire">What the wire gate asks of the request; null when nothing stands at the path.</param>
internal sealed record RequestRoute(Registry Registry, string Path, RouteMatch? Operation, IPathEndpoint? Endpoint, WireRoute? Wire)
{
    /// <summary>Of the request; null for one that was refused before it had a path.</summary>
    public static RequestRoute? Of(HttpContext http) => http.Features.Get<RequestRoute>();
}
