using System.Buffers;
using System.Collections.Frozen;
using Sandbox.Institutions.Behaviors;

namespace Sandbox.Institutions;

/// <summary>
/// The life of a call at a stand-in: the gateway's certificate, the body, the assertion, the question, the behavior
/// switched on or that the person causes, the answer.
/// </summary>
/// <param name="operations">Operations by path.</param>
/// <param name="assertions">Check of the assertion; null when none is demanded.</param>
/// <param name="behaviors">Switch.</param>
/// <param name="received">Memory of calls.</param>
/// <param name="clock">Time.</param>
public sealed class StandInCalls(
    FrozenDictionary<string, StandInOperation> operations,
    AssertionCheck? assertions,
    BehaviorSwitch behaviors,
    ReceivedCalls received,
    TimeProvider clock
)
{
    private const int LongestBody = 8 << 20;
    private static readonly BehaviorMode[] BrokenInTurn = [BehaviorMode.Cut, BehaviorMode.DuplicateMember, BehaviorMode.BadUtf8];
    private int _brokenBodies = -1;

    /// <summary>Answers one call.</summary>
    public async Task Handle(HttpContext context)
    {
        // Says which question this answers: the gateway keeps the connection of an institution that does.
        context.Response.Headers["Exchange-Id"] = context.Request.Headers["Exchange-Id"];
        if (!StandInTls.IsGateway(context.Connection.ClientCertificate))
        {
            context.Response.StatusCode = 401;
            return;
        }
        if (!operations.TryGetValue(PathBelowBase(context.Request), out var operation))
        {
            context.Response.StatusCode = 404;
            return;
        }
        if (!HttpMethods.IsPost(context.Request.Method))
        {
            context.Response.StatusCode = 405;
            return;
        }

        var body = await Read(context);
        if (body.Array is null)
        {
            context.Response.StatusCode = 413;
            return;
        }
        try
        {
            await Answer(context, operation, body);
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(body.Array);
        }
    }

    /// <summary>The base address of an institution has a path of its own, as real ones have; it may be left out.</summary>
    private static string PathBelowBase(HttpRequest request) =>
        (request.Path.StartsWithSegments(StandIn.BasePath, StringComparison.Ordinal, out var rest) ? rest : request.Path).Value ?? "";

    private async Task Answer(HttpContext context, StandInOperation operation, ReadOnlyMemory<byte> body)
    {
        if (assertions is not null)
        {
            var reason = await assertions.Refuse(
                context.Request.Headers["Exchange-Assertion"],
                context.Request.Headers["Exchange-Id"],
                operation,
                body
            );
            received.Add(context, body.Span, clock.GetUtcNow(), reason);
            if (reason is not null)
            {
                context.Response.StatusCode = 403;
                await context.Response.WriteAsync(reason);
                return;
            }
        }
        else
            received.Add(context, body.Span, clock.GetUtcNow(), null);

        var behavior = behaviors.Take(operation.Id);
        if (Delivery.IsBlind(behavior.Mode))
        {
            await Delivery.Blindly(context, behavior.Mode);
            return;
        }
        await Tell(context, operation, body, behavior);
    }

    private async Task Tell(HttpContext context, StandInOperation operation, ReadOnlyMemory<byte> body, Behavior behavior)
    {
        var output = Buffers.Rent();
        try
        {
            var told = operation.Answer(body.Span, behavior.Mode, output);
            if (told.Status != 200)
            {
                context.Response.StatusCode = told.Status;
                return;
            }
            if (
                behavior.Mode is BehaviorMode.Normal or BehaviorMode.Stale or BehaviorMode.PendingSeason
                && told.Person != BehaviorMode.Normal
            )
                behavior = Behavior.Of(told.Person == BehaviorMode.Cut ? NextBroken() : told.Person);
            if (Delivery.IsBlind(behavior.Mode))
            {
                await Delivery.Blindly(context, behavior.Mode);
                return;
            }
            if (behavior.Mode == BehaviorMode.NotFound404 && told.IsUnknown)
            {
                await NotKnown(context);
                return;
            }
            context.Response.ContentType = operation.AnswerType;
            await Delivery.Send(context, behavior, Spoil(operation, behavior.Mode, output));
        }
        finally
        {
            Buffers.Return(output);
        }
    }

    // Problem details, as of a program that looked for the person; an address that does not exist has no body.
    private static Task NotKnown(HttpContext context)
    {
        (context.Response.StatusCode, context.Response.ContentType) = (404, "application/problem+json");
        return context.Response.WriteAsync("""{"status":404}""");
    }

    private static ReadOnlyMemory<byte> Spoil(StandInOperation operation, BehaviorMode mode, ArrayBufferWriter<byte> output) =>
        mode switch
        {
            BehaviorMode.Normal or BehaviorMode.Slow => output.WrittenMemory,
            BehaviorMode.TooLarge => Distortion.TooLarge(output.WrittenSpan),
            _ => Distortion.Apply(mode, output.WrittenSpan, operation.AnswerMember, operation.AnotherPerson),
        };

    private BehaviorMode NextBroken() => BrokenInTurn[(int)((uint)Interlocked.Increment(ref _brokenBodies) % (uint)BrokenInTurn.Length)];

    /// <summary>Reads the body into a pooled array; the segment has no array when it is too long.</summary>
    private static async Task<ArraySegment<byte>> Read(HttpContext context)
    {
        var buffer = ArrayPool<byte>.Shared.Rent((int)Math.Clamp(context.Request.ContentLength ?? 4096, 1024, LongestBody));
        var length = 0;
        while (true)
        {
            var read = await context.Request.Body.ReadAsync(buffer.AsMemory(length), context.RequestAborted);
            if (read == 0)
                return new ArraySegment<byte>(buffer, 0, length);
            length += read;
            if (length < buffer.Length)
                continue;
            var larger = length < LongestBody ? ArrayPool<byte>.Shared.Rent(buffer.Length * 2) : null;
            if (larger is not null)
                buffer.AsSpan(0, length).CopyTo(larger);
            ArrayPool<byte>.Shared.Return(buffer);
            if (larger is null)
                return default;
            buffer = larger;
        }
    }

    /// <summary>Answer buffers that are used again: an answer costs no allocation once the pool is warm.</summary>
    private static class Buffers
    {
        private static readonly System.Collections.Concurrent.ConcurrentBag<ArrayBufferWriter<byte>> Idle = [];

        public static ArrayBufferWriter<byte> Rent() => Idle.TryTake(out var buffer) ? buffer : new ArrayBufferWriter<byte>(4096);

        public static void Return(ArrayBufferWriter<byte> buffer)
        {
            buffer.ResetWrittenCount();
            if (Idle.Count < 64)
                Idle.Add(buffer);
        }
    }
}
