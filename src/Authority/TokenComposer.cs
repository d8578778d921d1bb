using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Authority.Keys;
using Microsoft.IdentityModel.JsonWebTokens;

namespace Authority;

/// <summary>An access token that is written and not signed.</summary>
/// <param name="Payload">Claims as JSON text.</param>
/// <param name="Jti">128 random bits, base64url.</param>
/// <param name="Key">Key that will sign it.</param>
/// <param name="Expires">Its end.</param>
/// <param name="LivesSeconds">True seconds of life: <c>expires_in</c>.</param>
public sealed record ComposedToken(string Payload, string Jti, SigningKey Key, DateTimeOffset Expires, int LivesSeconds);

/// <summary>Writes RFC 9068 access tokens and signs them (authority page, section 5).</summary>
public static class TokenComposer
{
    /// <summary>Life of a token, cut short by the agreement, the client's key and the bound certificate.</summary>
    public static readonly TimeSpan Lifetime = TimeSpan.FromSeconds(300);
    private const int JtiBytes = 16;
    private static readonly JsonWebTokenHandler Handler = new() { SetDefaultTimesOnTokenCreation = false };
    private static readonly Dictionary<string, object> AccessTokenHeader = new(StringComparer.Ordinal) { ["typ"] = "at+jwt" };

    /// <summary>Writes the claims; null when nothing would be left of the token's life.</summary>
    public static ComposedToken? Compose(
        string issuer,
        AuthenticatedClient client,
        Confirmation confirmation,
        Grant grant,
        SigningKey key,
        DateTimeOffset now
    )
    {
        var issued = DateTimeOffset.FromUnixTimeSeconds(now.ToUnixTimeSeconds());
        var expires = Earliest(issued + Lifetime, grant.Until, confirmation.Until, client.KeyUntil);
        var lives = (int)(expires - issued).TotalSeconds;
        if (lives <= 0)
            return null;
        var jti = Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(JtiBytes));
        var payload = JsonObjects.Write(json =>
        {
            json.WriteString("iss", issuer);
            json.WriteString("sub", client.Id);
            json.WriteString("client_id", client.Id);
            json.WriteString("aud", grant.Resource);
            json.WriteNumber("iat", issued.ToUnixTimeSeconds());
            json.WriteNumber("exp", issued.ToUnixTimeSeconds() + lives);
            json.WriteString("jti", jti);
            json.WriteString("org", client.Institution);
            json.WriteString("scope", grant.Scope);
            WriteDetails(json, grant);
            WriteConfirmation(json, confirmation);
        });
        return new(Encoding.UTF8.GetString(payload), jti, key, issued.AddSeconds(lives), lives);
    }

    /// <summary>Signs. The key ring's private key is used here and nowhere else.</summary>
    public static string Sign(ComposedToken token) => Handler.CreateToken(token.Payload, token.Key.Credentials, AccessTokenHeader);

    /// <summary>Signs a JSON object as another kind of JWT, for example an introspection answer (RFC 9701).</summary>
    public static string Sign(string payload, SigningKey key, string type) =>
        Handler.CreateToken(payload, key.Credentials, new Dictionary<string, object>(StringComparer.Ordinal) { ["typ"] = type });

    /// <summary><c>authorization_details</c> as granted (RFC 9396 section 7): in the token, in the answer, in introspection.</summary>
    internal static void WriteDetails(Utf8JsonWriter json, Grant grant)
    {
        json.WriteStartArray("authorization_details");
        json.WriteStartObject();
        json.WriteString("type", DetailsParameter.Type);
        json.WriteString("agreement", grant.Agreement);
        json.WriteString("purpose", grant.Purpose);
        json.WriteStartArray("operations");
        foreach (var operation in grant.Operations)
            json.WriteStringValue(operation);
        json.WriteEndArray();
        json.WriteEndObject();
        json.WriteEndArray();
    }

    private static void WriteConfirmation(Utf8JsonWriter json, Confirmation confirmation)
    {
        json.WriteStartObject("cnf");
        if (confirmation.X5tS256 is { } x5t)
            json.WriteString("x5t#S256", x5t);
        if (confirmation.Jkt is { } jkt)
            json.WriteString("jkt", jkt);
        json.WriteEndObject();
    }

    private static DateTimeOffset Earliest(DateTimeOffset first, params ReadOnlySpan<DateTimeOffset?> others)
    {
        foreach (var other in others)
            if (other < first)
                first = other.Value;
        return first;
    }
}
