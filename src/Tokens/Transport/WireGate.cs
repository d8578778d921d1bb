using System.Collections.Frozen;
using System.Diagnostics.Metrics;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Http;

namespace Tokens.Transport;

/// <summary>What a route takes. The host finds it from the path before any routing of the framework has run.</summary>
/// <param name="Methods">Methods, upper case.</param>
/// <param name="ContentTypes">Media types of the body; empty when the route takes no body.</param>
/// <param name="AllowsQuery">A query string may follow.</param>
public sealed record WireRoute(FrozenSet<string> Methods, FrozenSet<string> ContentTypes, bool AllowsQuery = false)
{
    /// <summary>Parameters that may stand in the query, each once, where no other may; none unless stated.</summary>
    public FrozenSet<string> Parameters { get; init; } = [];

    /// <summary>What a 405 says in <c>Allow</c> (RFC 9110, section 15.5.6). Empty where the path takes no method at all.</summary>
    public string Allow { get; } = string.Join(", ", Methods.Order(StringComparer.Ordinal));
}

/// <summary>What the gate asks of its host.</summary>
public sealed class WireGateOptions
{
    /// <summary>The route of a request's path; null when there is none (the host then answers 404 itself).</summary>
    public required Func<HttpContext, WireRoute?> Route { get; init; }

    /// <summary>Writes the refusal in the host's own format; must complete the response.</summary>
    public required Func<HttpContext, WireDefect, Task> Refuse { get; init; }

    /// <summary>Host names (no port) that this server answers for; null takes any, for operations ports only.</summary>
    public FrozenSet<string>? Hosts { get; init; }
}

/// <summary>
/// First middleware of every program: passes only requests that are understood entirely, from headers alone, before any work
/// (hardening page, section 5.5).
/// </summary>
public static class WireGate
{
    private static readonly Meter Meter = new("Tokens.Wire");
    private static readonly Counter<long> Refused = Meter.CreateCounter<long>(
        "wire.refused",
        "{request}",
        "requests refused by the wire gate, by reason"
    );

    /// <summary>Puts the gate in front of everything that follows.</summary>
    public static IApplicationBuilder UseWireGate(this IApplicationBuilder app, WireGateOptions options) => app.UseWireGate(() => options);

    /// <summary>As the other; the options are asked for at the first request, when the host knows its own addresses.</summary>
    public static IApplicationBuilder UseWireGate(this IApplicationBuilder app, Func<WireGateOptions> options)
    {
        var held = new Lazy<WireGateOptions>(options);
        return app.Use(
            (context, next) =>
            {
                var defect = Judge(context, held.Value);
                return defect == WireDefect.None ? Lead(context, next, held.Value) : Refuse(context, defect, held.Value);
            }
        );
    }

    private static Task Refuse(HttpContext context, WireDefect defect, WireGateOptions options)
    {
        Count(defect.ToString());
        return options.Refuse(context, defect);
    }

    // A caller who leaves, or whose body is broken, is no fault of the program: counted, and no line of the log.
    private static async Task Lead(HttpContext context, RequestDelegate next, WireGateOptions options)
    {
        try
        {
            WireTrailers.Forbid(context);
            await next(context);
        }
        catch (Exception fault) when (IsCallers(fault, context))
        {
            if (fault is BadHttpRequestException { StatusCode: StatusCodes.Status400BadRequest } && !context.Response.HasStarted)
            {
                context.Response.StatusCode = StatusCodes.Status400BadRequest;
                await Refuse(context, WireDefect.BrokenBody, options);
                return;
            }

            Count(fault is BadHttpRequestException ? nameof(WireDefect.BrokenBody) : "HungUp");
            if (context.Response.HasStarted)
                context.Abort();
            else
                context.Response.StatusCode = (fault as BadHttpRequestException)?.StatusCode ?? StatusCodes.Status400BadRequest;
        }
    }

    private static void Count(string reason) => Refused.Add(1, new KeyValuePair<string, object?>("reason", reason));

    private static bool IsCallers(Exception fault, HttpContext context) =>
        fault is BadHttpRequestException or ConnectionResetException
        || (context.RequestAborted.IsCancellationRequested && fault is (IOException or OperationCanceledException));

    /// <summary>The first defect of a request; <see cref="WireDefect.None"/> when it is sound.</summary>
    public static WireDefect Judge(HttpContext context, WireGateOptions options)
    {
        var request = context.Request;
        var defect = WireFields.Judge(request);
        if (defect != WireDefect.None)
            return defect;
        if (!WireTarget.IsSound(context))
            return WireDefect.Target;
        if (!request.Host.HasValue || (options.Hosts is { } hosts && !hosts.Contains(request.Host.Host)))
            return WireDefect.Authority;
        return options.Route(context) is { } route ? Judge(context, route) : WireDefect.None;
    }

    /// <summary>
    /// What a request of a known path lacks: its method, query, coding and media type. Sets <c>Allow</c> where the method is wrong.
    /// </summary>
    public static WireDefect Judge(HttpContext context, WireRoute route)
    {
        var request = context.Request;
        if (!route.Methods.Contains(request.Method))
            return NotAllowed(context.Response, route);
        if (request.QueryString.HasValue && !route.AllowsQuery && !TakesQuery(request.Query, route.Parameters))
            return WireDefect.Query;
        if (WireFields.IsCoded(request.Headers))
            return WireDefect.ContentEncoding;
        var hasBody = request.ContentLength > 0 || request.Headers.TransferEncoding.Count > 0;
        if (route.ContentTypes.Count == 0)
            return hasBody ? WireDefect.UnexpectedBody : WireDefect.None;
        return WireMediaType.IsOneOf(request.Headers.ContentType, route.ContentTypes) ? WireDefect.None : WireDefect.MediaType;
    }

    // Set when the answer begins, since whoever writes the refusal begins with no headers.
    private static WireDefect NotAllowed(HttpResponse response, WireRoute route)
    {
        response.OnStarting(() =>
        {
            if (response.StatusCode == StatusCodes.Status405MethodNotAllowed)
                response.Headers.Allow = route.Allow;
            return Task.CompletedTask;
        });
        return WireDefect.MethodNotAllowed;
    }

    private static bool TakesQuery(IQueryCollection query, FrozenSet<string> parameters)
    {
        foreach (var (name, values) in query)
            if (values.Count != 1 || !parameters.Contains(name))
                return false;
        return true;
    }
}
