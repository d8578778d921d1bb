using System.Buffers;
using System.Text;
using System.Text.Json;
using Agreements;
using Authority.Keys;
using Tokens.Jose;
using Tokens.Status;

namespace Authority;

/// <summary>
/// RFC 7662, and RFC 9701 when asked for a JWT. Only for resource servers; whatever is not an active token for them answers the same.
/// </summary>
public sealed class Introspection(
    ClientEndpoint endpoint,
    IssuedTokens tokens,
    TokensOfCertificates issued,
    ITokenStatus status,
    KeyRing ring,
    AuthorityAddresses addresses,
    AuthorityOptions options,
    TimeProvider time
)
{
    private const string JwtType = "token-introspection+jwt";
    private const string JwtMedia = "application/" + JwtType;

    /// <summary>Answers <c>POST /connect/introspect</c>.</summary>
    public Task Handle(HttpContext context) => endpoint.Handle(context, check: null, async (_, client, request) =>
        {
            if (request.Token is null)
                return ClientEndpoint.TokenMissing;
            var resources = options
                .Resources.Where(resource => resource.IntrospectedBy.Contains(client.Id, StringComparer.Ordinal))
                .Select(static resource => resource.Id)
                .ToArray();
            if (resources.Length == 0)
                return new TokenRefusal("unauthorized_client", 403, "introspection-not-allowed", "this client is not a resource server");
            var token = await tokens.Recognise(request.Token);
            var active = token is not null && IsActive(token, resources, client.Registry);
            await Answer(context, active ? token : null, resources[0], client.Id);
            return null;
        });

    private bool IsActive(GuardedJws token, string[] resources, Registry registry)
    {
        var list = status.Current;
        var today = CivilTime.Today(time);
        return status.IsFresh
            && !ClockTolerance.IsPast(token.Expires!.Value, time.GetUtcNow())
            && resources.Any(token.IsFor)
            && !list.IsRevoked(token.JwtId!)
            && !list.IsKeyDenied(token.KeyId!)
            && !(token.Payload.GetProperty("cnf").TryGetProperty("x5t#S256", out var bound) && issued.IsStopped(bound.GetString()!))
            && registry.Clients.TryGetValue(token.Subject!, out var client)
            && client.Active
            && !list.IsSuspended(StoppedKind.Client, client.Id)
            && !list.IsSuspended(StoppedKind.Institution, client.Institution)
            && !registry.IsSuspended(SuspendedKind.Client, client.Id, today)
            && !registry.IsSuspended(SuspendedKind.Institution, client.Institution, today);
    }

    private Task Answer(HttpContext context, GuardedJws? token, string resource, string clientId)
    {
        if (context.Request.Headers.Accept != JwtMedia)
            return OAuthAnswer.Write(context, StatusCodes.Status200OK, "application/json", json => WriteMembers(json, token));
        var buffer = new ArrayBufferWriter<byte>(1024);
        using (var json = new Utf8JsonWriter(buffer))
        {
            json.WriteStartObject();
            json.WriteString("iss", addresses.Issuer);
            // The resource server by both its names: libraries compare with the one or with the other.
            json.WriteStartArray("aud");
            json.WriteStringValue(resource);
            json.WriteStringValue(clientId);
            json.WriteEndArray();
            json.WriteNumber("iat", time.GetUtcNow().ToUnixTimeSeconds());
            json.WriteStartObject("token_introspection");
            WriteMembers(json, token);
            json.WriteEndObject();
            json.WriteEndObject();
        }
        OAuthAnswer.NoStore(context);
        context.Response.ContentType = JwtMedia;
        return context.Response.WriteAsync(
            TokenComposer.Sign(Encoding.UTF8.GetString(buffer.WrittenSpan), ring.Signing, JwtType),
            context.RequestAborted
        );
    }

    private static void WriteMembers(Utf8JsonWriter json, GuardedJws? token)
    {
        json.WriteBoolean("active", token is not null);
        if (token is null)
            return;
        foreach (var claim in token.Payload.EnumerateObject())
            claim.WriteTo(json);
        json.WriteString("token_type", token.Payload.GetProperty("cnf").TryGetProperty("jkt", out _) ? "DPoP" : "Bearer");
    }
}
