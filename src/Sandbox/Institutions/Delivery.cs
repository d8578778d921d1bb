using Sandbox.Institutions.Behaviors;

namespace Sandbox.Institutions;

/// <summary>Sends an answer, or fails to, as the behavior says.</summary>
public static class Delivery
{
    /// <summary>Is the answer of this mode independent of the question?</summary>
    public static bool IsBlind(BehaviorMode mode) =>
        mode
            is BehaviorMode.Down
                or BehaviorMode.Busy
                or BehaviorMode.Refuse
                or BehaviorMode.Error
                or BehaviorMode.Maintenance
                or BehaviorMode.Silent;

    /// <summary>Answers without looking at the question.</summary>
    public static async Task Blindly(HttpContext context, BehaviorMode mode)
    {
        var response = context.Response;
        switch (mode)
        {
            case BehaviorMode.Busy:
                response.StatusCode = 429;
                response.Headers.RetryAfter = "7";
                break;
            case BehaviorMode.Refuse:
                response.StatusCode = 401;
                break;
            case BehaviorMode.Maintenance:
                response.StatusCode = 503;
                break;
            case BehaviorMode.Error:
                response.StatusCode = 500;
                response.ContentType = "text/plain";
                await response.WriteAsync(
                    "System.Data.SyntheticException: timeout\n   at Massar.Register.Select(String sql) SELECT * FROM eleves"
                );
                break;
            case BehaviorMode.Silent:
                await Wait(context, Timeout.InfiniteTimeSpan);
                break;
            default:
                context.Abort();
                break;
        }
    }

    /// <summary>Sends a body.</summary>
    public static Task Send(HttpContext context, Behavior behavior, ReadOnlyMemory<byte> body) =>
        behavior.Mode switch
        {
            BehaviorMode.Trickle => Trickle(context, body),
            BehaviorMode.ResetMidBody => Half(context, body),
            BehaviorMode.GzipBomb => Packed(context),
            BehaviorMode.Slow => Late(context, behavior.Delay, body),
            BehaviorMode.LostWrite => Blindly(context, BehaviorMode.Down),
            _ => Whole(context, body),
        };

    private static Task Whole(HttpContext context, ReadOnlyMemory<byte> body)
    {
        context.Response.ContentLength = body.Length;
        return context.Response.BodyWriter.WriteAsync(body).AsTask();
    }

    private static async Task Late(HttpContext context, TimeSpan delay, ReadOnlyMemory<byte> body)
    {
        await Wait(context, delay);
        if (!context.RequestAborted.IsCancellationRequested)
            await Whole(context, body);
    }

    private static async Task Trickle(HttpContext context, ReadOnlyMemory<byte> body)
    {
        context.Response.ContentLength = body.Length;
        for (var i = 0; i < body.Length && !context.RequestAborted.IsCancellationRequested; i++)
        {
            await context.Response.Body.WriteAsync(body.Slice(i, 1));
            await context.Response.Body.FlushAsync();
            await Wait(context, TimeSpan.FromSeconds(1));
        }
    }

    private static async Task Half(HttpContext context, ReadOnlyMemory<byte> body)
    {
        context.Response.ContentLength = body.Length;
        await context.Response.Body.WriteAsync(body[..(body.Length / 2)]);
        await context.Response.Body.FlushAsync();
        context.Abort();
    }

    private static Task Packed(HttpContext context)
    {
        context.Response.Headers.ContentEncoding = "gzip";
        return Whole(context, Distortion.GzipBomb);
    }

    /// <summary>Waits, or until the gateway hangs up, which is no fault.</summary>
    private static async Task Wait(HttpContext context, TimeSpan delay)
    {
        await Task.Delay(delay, context.RequestAborted).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }
}
