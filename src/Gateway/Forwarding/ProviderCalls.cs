using System.Diagnostics;
using System.Runtime.InteropServices;
using Agreements;
using Gateway.Problems;
using Yarp.ReverseProxy.Forwarder;

namespace Gateway.Forwarding;

/// <summary>What became of a question.</summary>
/// <param name="Verdict">The answer, or the provider's fault.</param>
/// <param name="Status">HTTP status of the provider; 0 when it gave none.</param>
/// <param name="Milliseconds">From the beginning, a new connection included, to the last byte.</param>
/// <param name="Sent">
/// Whether the question may have left: false when the provider was closed, had no seat or an open circuit, and when no connection came about. A
/// record must not claim that somebody was asked who was not: it would open the record to him, and his own count would contradict it.
/// </param>
internal readonly record struct Asked(Verdict<Answer> Verdict, int Status, int Milliseconds, bool Sent);

/// <summary>Step 5: asks one provider, within its limits, and captures its answer.</summary>
/// <remarks>
/// Each call runs on an <see cref="HttpContext"/> of its own that no connection stands behind: nothing of the caller's request can
/// reach the provider, and YARP's copy of the provider's status line can never reach the caller. A batch, which outlives its
/// request, asks in the same way.
/// </remarks>
internal sealed class ProviderCalls(IHttpForwarder forwarder, ProviderConnections connections, ExchangeAssertion assertion, TimeProvider time)
{
    private const int LongestRetryAfterSeconds = 300;

    /// <summary>Asks; the refusal names the provider's fault in the closed list's words.</summary>
    /// <param name="question">What to ask and of whom.</param>
    /// <param name="cancellation">The caller hung up.</param>
    public async ValueTask<Asked> AskAsync(Question question, CancellationToken cancellation)
    {
        var line = connections.To(question.Provider);
        if (line.ClosedForSeconds(CivilTime.Local(time.GetUtcNow())) is { } seconds) return new Asked(Refuse(Problem.ProviderClosed, question, "declared maintenance") with { RetryAfterSeconds = seconds }, 0, 0, Sent: false);
        using var seat = await line.EnterAsync(question, cancellation);
        if (!seat.IsTaken) return new Asked(new Refusal(Problem.Overloaded) { RetryAfterSeconds = 2, Reason = $"no seat at {question.Provider.Id} before the deadline" }, 0, 0, Sent: false);
        question = question.After(seat.Waited);
        var asked = new Asked(Refuse(Problem.ProviderUnavailable, question, "circuit open") with { RetryAfterSeconds = 5 }, 0, 0, Sent: false);
        await line.Breaker.TryAsync(async () =>
        {
            var started = time.GetTimestamp();
            var transformer = new CapturingTransformer(question, assertion.For(question), Traceparent());
            var sent = await SendAsync(question, line, transformer, cancellation);
            var took = (int)time.GetElapsedTime(started).TotalMilliseconds;
            asked = new Asked(Judge(question, transformer, (sent.Error, sent.Cause), cancellation), transformer.Status, took, sent.Began);
            return asked.Verdict.Refusal is not { } refusal || !Blames(refusal);
        });
        return asked;
    }

    private async ValueTask<(ForwarderError Error, Exception? Cause, bool Began)> SendAsync(
        Question question, ProviderLine line, CapturingTransformer transformer, CancellationToken cancellation)
    {
        var context = new DefaultHttpContext();
        context.Request.Method = HttpMethods.Post;
        context.Request.Protocol = HttpProtocol.Http11;
        context.Request.ContentLength = question.Body.Length;
        _ = MemoryMarshal.TryGetArray(question.Body, out var bytes);
        using var body = new MemoryStream(bytes.Array!, bytes.Offset, bytes.Count, writable: false);
        context.Request.Body = body;
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        deadline.CancelAfter(question.TimeLeft);
        var error = await forwarder.SendAsync(context, line.Prefix, line.Invoker, ForwarderRequestConfigs.Exact11, transformer, deadline.Token);
        // The body is read when a connection has taken the request, in one step with writing the headers, which fit its first buffer.
        return (error, context.Features.Get<IForwarderErrorFeature>()?.Exception, body.Position > 0 || transformer.Status > 0);
    }

    private static Verdict<Answer> Judge(
        Question question, CapturingTransformer captured, (ForwarderError Error, Exception? Cause) sent, CancellationToken cancellation)
    {
        var verdict = JudgeStatus(question, captured, sent, cancellation);
        if (verdict.Refusal is not null) captured.Discard();
        return verdict;
    }

    private static Verdict<Answer> JudgeStatus(
        Question question, CapturingTransformer captured, (ForwarderError Error, Exception? Cause) sent, CancellationToken cancellation)
    {
        if (captured.TooLarge) return Refuse(Problem.ProviderAnswerTooLarge, question, "answer over the agreement's limit");
        if (sent.Error is not ForwarderError.None || (captured.Status == 200 && !captured.Complete && !captured.Encoded))
        {
            var late = sent.Cause is OperationCanceledException or TimeoutException && !cancellation.IsCancellationRequested;
            return Refuse(late ? Problem.ProviderTimeout : Problem.ProviderUnavailable, question, $"{sent.Error} {sent.Cause?.GetType().Name}");
        }

        var provider = question.Provider.Provider!;
        return captured.Status switch
        {
            200 when captured.Encoded => Refuse(Problem.ProviderInvalidAnswer, question, "compressed although identity was asked for"),
            200 when !MediaTypeFits(captured.MediaType, question.Accept) => Refuse(Problem.ProviderInvalidAnswer, question, "media type"),
            200 => new Answer(captured.TakeBuffer(), captured.Length),
            404 when provider.NotFoundIs404 && SpeaksOfPerson(captured.MediaType, question.Accept) => new Answer(captured.TakeBuffer(), 0) { PersonUnknown = true },
            401 or 403 => Refuse(Problem.ProviderRefused, question, "the provider refused the gateway"),
            429 or 503 => Refuse(Problem.ProviderBusy, question, "the provider is busy") with
            { RetryAfterSeconds = Math.Clamp(captured.RetryAfterSeconds ?? 5, 1, LongestRetryAfterSeconds) },
            _ => Refuse(Problem.ProviderError, question, $"status {captured.Status}"),
        };
    }

    private static bool MediaTypeFits(string? mediaType, string accept) =>
        string.Equals(mediaType, accept, StringComparison.OrdinalIgnoreCase)
        || (accept == "application/fhir+json" && string.Equals(mediaType, "application/json", StringComparison.OrdinalIgnoreCase));

    // An address that does not exist is answered by whatever stands in front of the provider: by a page, or by nothing. A question in FHIR has an empty
    // Bundle for a person who is not known.
    private static bool SpeaksOfPerson(string? mediaType, string accept) =>
        accept == "application/json" && mediaType?.ToLowerInvariant() is "application/json" or "application/problem+json";

    // Busy and refused providers are alive: only silence and faults open the circuit.
    private static bool Blames(Refusal refusal) =>
        refusal.Problem == Problem.ProviderTimeout || refusal.Problem == Problem.ProviderUnavailable || refusal.Problem == Problem.ProviderError;

    private static Refusal Refuse(Problem problem, Question question, string reason) =>
        new(problem) { Provider = question.Provider.Id, Words = [question.Provider.Id], Reason = reason };

    private static string Traceparent() => $"00-{ActivityTraceId.CreateRandom()}-{ActivitySpanId.CreateRandom()}-01";
}
