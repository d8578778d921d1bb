using System.Buffers;
using System.Globalization;
using System.Text.Json;
using Tokens.Transport;

namespace Authority;

/// <summary>
/// Writes answers of the OAuth endpoints: JSON, never stored, nothing in them that a stranger chose (RFC 6749 sections 5.1 and 5.2).
/// </summary>
internal static class OAuthAnswer
{
    internal const string RequestIdHeader = "Request-Id";
    private const string Json = "application/json";

    internal static Task Write(HttpContext context, SealedToken token, string signed) =>
        Write(context, StatusCodes.Status200OK, Json, json =>
        {
            json.WriteString("access_token", signed);
            json.WriteString("token_type", token.Confirmation.TokenType);
            json.WriteNumber("expires_in", token.Token.LivesSeconds);
            json.WriteString("scope", token.Grant.Scope);
            TokenComposer.WriteDetails(json, token.Grant);
        });

    /// <param name="context">The request.</param>
    /// <param name="refusal">What is told.</param>
    /// <param name="problemPages">Base address of the pages that explain codes; null when there are none.</param>
    /// <param name="requestId">Id under which the refusal is sealed and can be explained; null when it has no record.</param>
    internal static Task Write(HttpContext context, TokenRefusal refusal, string? problemPages = null, string? requestId = null)
    {
        var headers = context.Response.Headers;
        if (requestId is not null)
            headers[RequestIdHeader] = requestId;
        if (refusal.RetryAfterSeconds is { } seconds)
            headers.RetryAfter = seconds.ToString(CultureInfo.InvariantCulture);
        if (ReferenceEquals(refusal, TokenRefusal.Compressed))
            headers.AcceptEncoding = "identity";
        if (refusal.Challenge is { } challenge)
            headers.WWWAuthenticate = challenge;
        if (refusal.DpopNonce is { } nonce)
            headers["DPoP-Nonce"] = nonce;
        return Write(context, refusal.Status, Json, json => WriteRefusal(json, refusal, problemPages));
    }

    /// <summary>The same words where there is no request to answer.</summary>
    internal static ServerAnswer Of(TokenRefusal refusal, string? problemPages) =>
        new(Json, JsonObjects.Write(json => WriteRefusal(json, refusal, problemPages)).ToArray());

    internal static async Task Write(HttpContext context, int status, string mediaType, Action<Utf8JsonWriter> members)
    {
        Begin(context, status, mediaType, JsonObjects.Write(members));
        await context.Response.BodyWriter.FlushAsync(context.RequestAborted);
    }

    private static void Begin(HttpContext context, int status, string mediaType, ReadOnlySpan<byte> body)
    {
        NoStore(context);
        (context.Response.StatusCode, context.Response.ContentType, context.Response.ContentLength) = (status, mediaType, body.Length);
        context.Response.BodyWriter.Write(body);
    }

    internal static void NoStore(HttpContext context)
    {
        context.Response.Headers.CacheControl = "no-store";
        context.Response.Headers.Pragma = "no-cache";
    }

    private static void WriteRefusal(Utf8JsonWriter json, TokenRefusal refusal, string? problemPages)
    {
        json.WriteString("error", refusal.Error);
        json.WriteString("error_description", refusal.Description);
        if (refusal.Rule is not null && problemPages is not null)
            json.WriteString("error_uri", $"{problemPages}/{refusal.Code}");
        if (!refusal.Choices.IsEmpty)
            WriteChoices(json, refusal);
    }

    private static void WriteChoices(Utf8JsonWriter json, TokenRefusal refusal)
    {
        json.WriteStartArray("choices");
        foreach (var choice in refusal.Choices)
        {
            json.WriteStartObject();
            json.WriteString("type", DetailsParameter.Type);
            json.WriteString("agreement", choice.Agreement);
            json.WriteString("purpose", choice.Purpose);
            json.WriteEndObject();
        }
        json.WriteEndArray();
    }
}
