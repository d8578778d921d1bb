using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace Tokens.Transport;

/// <summary>
/// An answer that leaves before the body of its request was asked for. On HTTP/1.1 the next bytes of the connection are then that body
/// or, where the caller waited for <c>100 Continue</c> and never got it, perhaps the next request; nobody can tell which (RFC 9110,
/// section 10.1.1; RFC 9112, section 9.3). A body that is short and on its way is read and thrown away by the server; in any other case
/// the answer says <c>Connection: close</c>, so that nothing that follows is taken for a request or for a body by mistake.
/// </summary>
public static class EarlyAnswers
{
    /// <summary>Put before everything that may answer.</summary>
    public static IApplicationBuilder UseEarlyAnswers(this IApplicationBuilder app) =>
        app.Use(static (context, next) => MayLeaveBody(context) ? Lead(context, next) : next(context));

    private static async Task Lead(HttpContext context, RequestDelegate next)
    {
        context.Response.OnStarting(static held => Close((HttpContext)held), context);
        try
        {
            await next(context);
        }
        catch (Exception fault) when (fault is not BadHttpRequestException && !context.Response.HasStarted && !HasLeft(context))
        {
            // The server would answer for the program, without asking anybody what else to say.
            context.Response.Clear();
            context.Response.StatusCode = StatusCodes.Status500InternalServerError;
            await context.Response.CompleteAsync();
            throw;
        }
    }

    private static bool HasLeft(HttpContext context) => context.RequestAborted.IsCancellationRequested;

    private static bool MayLeaveBody(HttpContext context)
    {
        var request = context.Request;
        if (!HttpProtocol.IsHttp11(request.Protocol) && !HttpProtocol.IsHttp10(request.Protocol))
            return false;
        if (context.Features.Get<IHttpRequestBodyDetectionFeature>() is not { CanHaveBody: true })
            return false;
        return request.Headers.Expect.Count > 0 || request.ContentLength is not { } length || length > KestrelLimits.DefaultBodyBytes;
    }

    // Once somebody has begun to read, 100 has left and the body is on its way: the server reads what is left of it, within its limits.
    private static Task Close(HttpContext context)
    {
        var isAskedFor = context.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: true };
        if (!isAskedFor)
            context.Response.Headers.Connection = "close";
        return Task.CompletedTask;
    }
}
