namespace Authority;

/// <summary>
/// <c>POST /connect/explain</c>: a client that proves who it is learns the exact reason of a refusal that names it. RFC 6749 gives a failed
/// authentication one word for every reason; this is where the partner gets the rest. Memory of this process alone, for a day.
/// </summary>
public sealed class Explanation(ClientEndpoint endpoint, Explanations explanations)
{
    /// <summary>Answers a form with <c>request_id</c> beside the client's authentication.</summary>
    public Task Handle(HttpContext context) => endpoint.Handle(context, check: null, async (_, client, request) =>
        {
            if (request.RequestId is not { } id)
                return TokenRefusal.InvalidRequest("request-id-missing", "request_id is missing");
            if (explanations.Find(client.Id, id) is not { } found)
                return new TokenRefusal(
                    "invalid_request",
                    StatusCodes.Status404NotFound,
                    "explanation-unknown",
                    "no refusal of yours has this id here, or it is over a day old"
                );
            await OAuthAnswer.Write(context, StatusCodes.Status200OK, "application/json", json =>
            {
                json.WriteString("request_id", found.RequestId);
                json.WriteString("at", found.At.UtcDateTime);
                json.WriteString("error", found.Refusal.Error);
                json.WriteNumber("status", found.Refusal.Status);
                json.WriteString("code", found.Refusal.Code);
                if (found.Refusal.Rule is { } rule)
                    json.WriteString("rule", rule);
                json.WriteString("error_description", found.Refusal.Description);
            });
            return null;
        });
}
