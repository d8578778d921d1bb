using System.Globalization;
using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Tokens.Transport;

namespace Tokens.Operations;

/// <summary>One thing that must be well before calls may come.</summary>
/// <param name="Name">Name on the page, for example <c>ledger</c>.</param>
/// <param name="IsReady">Asked on every look; must not block.</param>
public sealed record ReadinessCheck(string Name, Func<bool> IsReady)
{
    /// <summary>What somebody should know although calls may come; null, or a null text, for nothing. Stands under <c>notes</c>.</summary>
    public Func<string?>? Note { get; init; }

    /// <summary>What it means for callers when it is not well, for the line in the log.</summary>
    public string? Means { get; init; }

    /// <summary>Whoever notices it says it in the log already; null for never.</summary>
    public Func<bool>? IsSaidElsewhere { get; init; }

    /// <summary>Asks; a check that fails to answer is not well.</summary>
    internal bool IsWell()
    {
        try
        {
            return IsReady();
        }
        catch (Exception)
        {
            return false;
        }
    }
}

/// <summary><c>/health/live</c>, <c>/health/ready</c> and <c>/metrics</c>, answered on the operations listener and nowhere else.</summary>
public static class OperationsPages
{
    /// <summary>Name of the operations listener (<see cref="ListenerName.Named"/>).</summary>
    public const string Listener = "Operations";

    /// <summary>
    /// Puts the pages first in the pipeline. A request on the operations listener never reaches the rest of the program, and one on
    /// another listener never reaches these pages.
    /// </summary>
    /// <param name="app">The pipeline.</param>
    /// <param name="metrics">The metrics page.</param>
    /// <param name="checks">All must be ready for 200; and the program must not be <see cref="Leaving"/>.</param>
    public static IApplicationBuilder UseOperationsPages(
        this IApplicationBuilder app,
        PrometheusPage metrics,
        IReadOnlyList<ReadinessCheck> checks
    )
    {
        IReadOnlyList<ReadinessCheck> all = app.ApplicationServices.GetService<Leaving>() is { } leaving
            ? [Running(leaving), .. checks]
            : checks;
        return app.Use((context, next) => ListenerName.Of(context) == Listener ? Answer(context, metrics, all) : next(context));
    }

    // A balancer looks here: it must see the end coming while calls are still served.
    private static ReadinessCheck Running(Leaving leaving) =>
        new("running", () => !leaving.IsStopping)
        {
            Note = () => leaving.IsStopping ? "stopping: calls under way are finished, new ones go to another node" : null,
        };

    /// <summary>What this listener says where its server refuses a request before there is one.</summary>
    public static ServerAnswer Refused(int status) =>
        new(
            "text/plain; charset=utf-8",
            Encoding.UTF8.GetBytes(string.Create(CultureInfo.InvariantCulture, $"refused by the server: {status}\n"))
        );

    private static Task Answer(HttpContext context, PrometheusPage metrics, IReadOnlyList<ReadinessCheck> checks)
    {
        context.Response.Headers.CacheControl = "no-store";
        if (!HttpMethods.IsGet(context.Request.Method) && !HttpMethods.IsHead(context.Request.Method))
        {
            context.Response.Headers.Allow = "GET, HEAD";
            return Status(context, StatusCodes.Status405MethodNotAllowed);
        }

        return context.Request.Path.Value switch
        {
            "/health/live" => Write(context, StatusCodes.Status200OK, "text/plain", "live\n"),
            "/health/ready" => Ready(context, checks),
            "/metrics" => Write(context, StatusCodes.Status200OK, PrometheusPage.MediaType, metrics.Write()),
            _ => Status(context, StatusCodes.Status404NotFound),
        };
    }

    private static Task Ready(HttpContext context, IReadOnlyList<ReadinessCheck> checks)
    {
        var findings = checks.ToDictionary(static check => check.Name, static check => check.IsWell(), StringComparer.Ordinal);
        var status = findings.ContainsValue(value: false) ? StatusCodes.Status503ServiceUnavailable : StatusCodes.Status200OK;
        var page = findings.ToDictionary(static finding => finding.Key, static object (finding) => finding.Value, StringComparer.Ordinal);
        var notes = checks
            .Select(static check => (check.Name, Text: check.Note?.Invoke()))
            .Where(static note => note.Text is not null)
            .ToDictionary(static note => note.Name, static note => note.Text, StringComparer.Ordinal);
        if (notes.Count > 0)
            page["notes"] = notes;
        return Write(context, status, "application/json", JsonSerializer.Serialize(page));
    }

    private static Task Status(HttpContext context, int status)
    {
        context.Response.StatusCode = status;
        return Task.CompletedTask;
    }

    private static Task Write(HttpContext context, int status, string mediaType, string body)
    {
        (context.Response.StatusCode, context.Response.ContentType) = (status, mediaType);
        return context.Response.WriteAsync(body, context.RequestAborted);
    }
}
