using System.Diagnostics;
using System.Runtime.InteropServices;
using Agreements;
using Gateway.Problems;
using Tokens.Transport;
using Yarp.ReverseProxy.Forwarder;

namespace Gateway.Forwarding;

/// <summary>Step 5: asks one provider, within its limits, and captures its answer.</summary>
/// <remarks>
/// Each call runs on an <see cref="HttpContext"/> of its own that no connection stands behind: nothing of the caller's request can
/// reach the provider, and YARP's copy of the provider's status line can never reach the caller. A batch, which outlives its
/// request, asks in the same way.
/// </remarks>
internal sealed class ProviderCalls(
    IHttpForwarder forwarder,
    ProviderConnections connections,
    ExchangeAssertion assertion,
    IHostApplicationLifetime life,
    TimeProvider time
)
{
    private const int LongestRetryAfterSeconds = 300;

    /// <summary>Asks; the refusal names the provider's fault in the closed list's words.</summary>
    /// <param name="question">What to ask and of whom.</param>
    /// <param name="pretence">Stands in for the question, which then does not leave; null to ask.</param>
    /// <param name="cancellation">The caller left, the batch was cancelled, or the gateway stops.</param>
    public async ValueTask<Asked> AskAsync(Question question, Pretence? pretence, CancellationToken cancellation)
    {
        var line = connections.To(question.Provider);
        if (line.ClosedForSeconds(CivilTime.Local(time.GetUtcNow())) is { } seconds)
            return Untried(Refuse(Problem.ProviderClosed, question, "declared maintenance") with { RetryAfterSeconds = seconds });
        using var seat = await line.EnterAsync(question, cancellation);
        if (!seat.IsTaken)
            return Untried(
                new Refusal(Problem.Overloaded) { RetryAfterSeconds = 2, Reason = $"no seat at {question.Provider.Id} before the deadline" }
            ) with
            {
                TellsOfSource = false,
            };
        if (!question.MayLeave())
            return Stopped(question);
        question = question.After(seat.Waited);
        if (!line.Breaker.TryPass(out var probe))
            return CircuitOpen(question);
        var outcome = CallOutcome.None;
        try
        {
            // Who does not ask cannot find out whether the source is back.
            if (probe && pretence is not null)
                return CircuitOpen(question);
            var asked = pretence is null
                ? await TryAsync(question, line, cancellation)
                : await PretendAsync(question, pretence, seat.Waited, cancellation);
            outcome = OutcomeOf(asked);
            return asked with { Waited = seat.Waited };
        }
        finally
        {
            line.Breaker.Report(probe, outcome);
        }
    }

    private static Asked Untried(Refusal refusal) => new(refusal, 0, 0, Sent: false) { Tries = 0 };

    private static Asked Stopped(Question question)
    {
        var refusal = Refuse(Problem.ProviderUnavailable, question, "stopped while it waited for its seat") with { IsNotAsked = true };
        return Untried(refusal) with { TellsOfSource = false };
    }

    private static Asked CircuitOpen(Question question) =>
        Untried(Refuse(Problem.ProviderUnavailable, question, "circuit open") with { RetryAfterSeconds = 5 });

    // What was drawn counts for the circuit as far as it is good: a failure that nobody saw is none.
    private async ValueTask<Asked> PretendAsync(Question question, Pretence pretence, TimeSpan waited, CancellationToken cancellation)
    {
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        deadline.CancelAfter(question.TimeLeft);
        var (wait, failure) = pretence.Draw();
        Verdict<Answer> verdict = failure is not null ? failure : new Answer([], 0, wire: null) { PersonUnknown = true };
        try
        {
            await pretence.HoldAsync(waited + wait, time, deadline.Token);
        }
        catch (OperationCanceledException)
        {
            // A question that leaves is on its way by then, and a line of a batch says so.
            verdict = (
                NotTheSources(question, cause: null, cancellation, deadline.Token)
                ?? Refuse(Problem.ProviderTimeout, question, "as long as a source has")
            ) with
            {
                Asked = true,
            };
        }

        return new Asked(verdict, 0, 0, Sent: false) { Tries = 0, TellsOfSource = verdict.Refusal is null };
    }

    // A read whose connection the other side was just closing goes out once more, over a new connection and under a new assertion: that the
    // other side had nothing to do for a while is no fault of anybody.
    private async ValueTask<Asked> TryAsync(Question question, ProviderLine line, CancellationToken cancellation)
    {
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        deadline.CancelAfter(question.TimeLeft);
        var started = time.GetTimestamp();
        var attempt = await SendAsync(question, line, line.Wires.Any(), deadline.Token);
        var (sent, tries) = (attempt.Wire.Sent, 1);
        if (question.IsRead && attempt.MetClosing && !deadline.IsCancellationRequested)
        {
            attempt.Discard();
            attempt = await SendAsync(question, line, line.Wires.Fresh(), deadline.Token);
            (sent, tries) = (sent || attempt.Wire.Sent, 2);
        }

        var verdict = Judge(question, attempt, out var tells, cancellation, deadline.Token);
        var took = (int)time.GetElapsedTime(started).TotalMilliseconds;
        if (verdict.Refusal is not null)
            attempt.End();
        return new Asked(verdict, attempt.Captured.Status, took, sent) { TellsOfSource = tells, Tries = tries };
    }

    private async ValueTask<Attempt> SendAsync(Question question, ProviderLine line, Wire wire, CancellationToken deadline)
    {
        wire.Begin();
        try
        {
            var transformer = new CapturingTransformer(question, assertion.For(question), Traceparent(), time);
            var context = new DefaultHttpContext();
            context.Request.Method = HttpMethods.Post;
            context.Request.Protocol = HttpProtocol.Http11;
            context.Request.ContentLength = question.Body.Length;
            _ = MemoryMarshal.TryGetArray(question.Body, out var bytes);
            using var body = new MemoryStream(bytes.Array!, bytes.Offset, bytes.Count, writable: false);
            context.Request.Body = body;
            var error = await forwarder.SendAsync(
                context,
                line.Prefix,
                wire.Invoker,
                ForwarderRequestConfigs.Exact11,
                transformer,
                deadline
            );
            return new Attempt(wire, transformer, error, context.Features.Get<IForwarderErrorFeature>()?.Exception);
        }
        catch
        {
            wire.Dispose();
            throw;
        }
    }

    private Verdict<Answer> Judge(
        Question question,
        Attempt attempt,
        out bool tells,
        CancellationToken cancellation,
        CancellationToken deadline
    )
    {
        var captured = attempt.Captured;
        tells = true;
        if (captured.TooLarge)
            return Refuse(Problem.ProviderAnswerTooLarge, question, "answer over the agreement's limit");
        if (attempt.IsBroken)
        {
            if (NotTheSources(question, attempt.Cause, cancellation, deadline) is { } ours)
            {
                tells = false;
                return ours;
            }

            return Refuse(
                attempt.Cause is OperationCanceledException or TimeoutException ? Problem.ProviderTimeout : Problem.ProviderUnavailable,
                question,
                $"{attempt.Error} {attempt.Cause?.GetType().Name}"
            );
        }

        if (attempt.OfAnother)
            return Refuse(Problem.ProviderWrongSubject, question, "Exchange-Id of another exchange, or none");
        var provider = question.Provider.Provider!;
        return captured.Status switch
        {
            200 or 404 when captured.PartOrKept => Refuse(Problem.ProviderInvalidAnswer, question, "a part, or out of a cache"),
            200 when captured.Encoded => Refuse(Problem.ProviderInvalidAnswer, question, "coded although identity was asked for"),
            200 when !MediaTypeFits(captured.MediaType, question.Accept) => Refuse(Problem.ProviderInvalidAnswer, question, "media type"),
            200 => new Answer(captured.TakeBuffer(), captured.Length, attempt.Wire) { MayGoOn = attempt.MayGoOn },
            404 when provider.NotFoundIs404 && SpeaksOfPerson(captured.MediaType, question.Accept) => new Answer(
                captured.TakeBuffer(),
                0,
                attempt.Wire
            )
            {
                PersonUnknown = true,
                MayGoOn = attempt.MayGoOn,
            },
            401 or 403 => Refuse(Problem.ProviderRefused, question, "the provider refused the gateway"),
            429 or 503 => Refuse(Problem.ProviderBusy, question, "the provider is busy") with
            {
                RetryAfterSeconds = Math.Clamp(captured.RetryAfterSeconds ?? 5, 1, LongestRetryAfterSeconds),
            },
            _ => Refuse(Problem.ProviderError, question, $"status {captured.Status}"),
        };
    }

    // Why a call came to nothing without the source having done anything; null when it is the source's own doing. Nobody is named: the
    // record must not blame a source for what a caller did, or for time that the gateway had used up before it asked.
    private Refusal? NotTheSources(Question question, Exception? cause, CancellationToken cancellation, CancellationToken deadline)
    {
        if (cancellation.IsCancellationRequested)
        {
            return life.ApplicationStopping.IsCancellationRequested
                ? new Refusal(Problem.Interrupted) { RetryAfterSeconds = 5, Reason = "the gateway stops" }
                : new Refusal(Problem.CallerGone) { Reason = "the caller left before the answer" };
        }

        if (LocalFault.IsIn(cause))
            return new Refusal(Problem.Overloaded) { RetryAfterSeconds = 5, Reason = "no connection can be opened on this machine" };
        var cut = deadline.IsCancellationRequested && question.TimeLeft < question.FullTime;
        return cut
            ? new Refusal(Problem.Interrupted) { RetryAfterSeconds = 1, Reason = "most of the time was gone before the source was asked" }
            : null;
    }

    private static bool MediaTypeFits(string? mediaType, string accept) =>
        string.Equals(mediaType, accept, StringComparison.OrdinalIgnoreCase)
        || (accept == "application/fhir+json" && string.Equals(mediaType, "application/json", StringComparison.OrdinalIgnoreCase));

    // An address that does not exist is answered by whatever stands in front of the provider: by a page, or by nothing. A question in FHIR
    // has an empty Bundle for a person who is not known.
    private static bool SpeaksOfPerson(string? mediaType, string accept) =>
        accept == "application/json" && mediaType?.ToLowerInvariant() is "application/json" or "application/problem+json";

    // Busy and refused providers are alive: only silence and faults open the circuit.
    private static CallOutcome OutcomeOf(Asked asked) =>
        !asked.TellsOfSource ? CallOutcome.None
        : asked.Verdict.Refusal is { Problem: var problem }
        && (problem == Problem.ProviderTimeout || problem == Problem.ProviderUnavailable || problem == Problem.ProviderError)
            ? CallOutcome.Failed
        : CallOutcome.Healthy;

    private static Refusal Refuse(Problem problem, Question question, string reason) =>
        new(problem)
        {
            Provider = question.Provider.Id,
            Words = [question.Provider.Id],
            Reason = reason,
        };

    private static string Traceparent() => $"00-{ActivityTraceId.CreateRandom()}-{ActivitySpanId.CreateRandom()}-01";
}
