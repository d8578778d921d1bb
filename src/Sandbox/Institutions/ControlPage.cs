using System.Net;
using System.Text.Json;
using System.Text.Json.Serialization;
using Sandbox.Institutions.Behaviors;

namespace Sandbox.Institutions;

/// <summary>
/// The control page of a stand-in, for callers on this machine only: what it received, and how it shall behave
/// (exchanges page, section 14).
/// </summary>
/// <param name="behaviors">Switch.</param>
/// <param name="received">Memory of calls.</param>
public sealed class ControlPage(BehaviorSwitch behaviors, ReceivedCalls received)
{
    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web)
    {
        AllowDuplicateProperties = false,
        UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
        Converters = { new JsonStringEnumConverter(JsonNamingPolicy.KebabCaseLower, allowIntegerValues: false) },
        WriteIndented = true,
    };

    /// <summary>Is this path the control page's?</summary>
    public static bool Owns(PathString path) => path.StartsWithSegments("/control", StringComparison.Ordinal);

    /// <summary>Answers a control call.</summary>
    public Task Handle(HttpContext context)
    {
        if (context.Connection.RemoteIpAddress is not { } from || !IPAddress.IsLoopback(from))
        {
            context.Response.StatusCode = 403;
            return Task.CompletedTask;
        }
        return (context.Request.Method, context.Request.Path.Value) switch
        {
            ("GET", "/control/received") => context.Response.WriteAsJsonAsync(received.All, Json),
            ("DELETE", "/control/received") => Forget(context),
            ("PUT", "/control/behavior") => Switch(context),
            _ => Unknown(context),
        };
    }

    private Task Forget(HttpContext context)
    {
        received.Clear();
        context.Response.StatusCode = 204;
        return Task.CompletedTask;
    }

    private async Task Switch(HttpContext context)
    {
        try
        {
            var wanted = await JsonSerializer.DeserializeAsync<Wanted>(context.Request.Body, Json, context.RequestAborted);
            if (wanted is null)
            {
                context.Response.StatusCode = 400;
                return;
            }
            behaviors.Set(
                wanted.Mode,
                wanted.Operation,
                wanted.DelayMs is { } ms ? TimeSpan.FromMilliseconds(ms) : null,
                wanted.Count is > 0 ? wanted.Count : null
            );
            context.Response.StatusCode = 204;
        }
        catch (JsonException)
        {
            context.Response.StatusCode = 400;
            await context.Response.WriteAsync(
                """expected { "operation"?, "mode", "delayMs"?, "count"? }; modes: """
                    + string.Join(' ', Enum.GetValues<BehaviorMode>().Select(NameOf))
            );
        }
    }

    private static Task Unknown(HttpContext context)
    {
        context.Response.StatusCode = 404;
        return Task.CompletedTask;
    }

    private static string NameOf(BehaviorMode mode) => JsonSerializer.Serialize(mode, Json).Trim('"');

    /// <summary>Body of <c>PUT /control/behavior</c>.</summary>
    /// <param name="Mode">Mode.</param>
    /// <param name="Operation">Operation id; absent for all.</param>
    /// <param name="DelayMs">Delay of <c>slow</c>.</param>
    /// <param name="Count">Calls that it holds for; absent or 0 until it is changed.</param>
    private sealed record Wanted(
        [property: JsonRequired] BehaviorMode Mode,
        string? Operation = null,
        [property: JsonPropertyName("delayMs")] int? DelayMs = null,
        int? Count = null
    );
}
