using System.Buffers;
using Gateway.Audit;
using Gateway.Observability;
using Gateway.Problems;
using Tokens.Operations;
using Tokens.Transport;

namespace Gateway;

/// <summary>
/// Words for what the server refuses before there is a request (<see cref="ServerRefusals"/>): the same documents as everywhere, with
/// the server's status. Such refusals share a record, which follows within a second and whose id is the document's <c>instance</c>; so
/// there is no receipt.
/// </summary>
internal sealed class ServerRefusal(Intake intake, RefusalCounts counts, GatewayMeters meters, TimeProvider time)
{
    /// <summary>The answer to a request of which only a part could be read.</summary>
    public ServerAnswer Write(HttpContext http, int status)
    {
        if (ListenerName.Of(http) == OperationsPages.Listener)
            return OperationsPages.Refused(status);
        var refusal = new Refusal(ProblemOf(status)) { Reason = $"refused by the server: {status}" };
        var facts = intake.Begin(http, operation: null);
        // The listener that diagnoses carries no data and seals nothing.
        var record = ListenerName.Of(http) == GatewayHost.DiagnoseListener ? facts.Id : counts.Follow(facts, refusal);
        var (language, body) = (Languages.Negotiate(http.Request.Headers.AcceptLanguage), new ArrayBufferWriter<byte>(512));
        var isFhir = http.Request.Path.StartsWithSegments("/fhir", StringComparison.Ordinal);
        if (isFhir)
            OperationOutcomeWriter.Write(body, refusal, record, language, expression: null);
        else
            ProblemDocument.Write(body, refusal, record, language, status: status);
        meters.Ended("none", refusal.Problem.Code, time.GetElapsedTime(facts.ArrivedAt));
        return new ServerAnswer(isFhir ? OperationOutcomeWriter.ContentType : ProblemDocument.ContentType, body.WrittenMemory, language);
    }

    private static Problem ProblemOf(int status) =>
        status switch
        {
            StatusCodes.Status405MethodNotAllowed => Problem.MethodNotAllowed,
            StatusCodes.Status413PayloadTooLarge => Problem.BodyTooLarge,
            StatusCodes.Status431RequestHeaderFieldsTooLarge => Problem.HeadersTooLarge,
            _ => Problem.RequestMalformed,
        };
}
