using System.Text.Json;

namespace Tokens.Jose;

/// <summary>
/// A JWS that the guard has read entirely: well-formed, of the expected type, with an allowed algorithm and typed claims. Nothing is
/// authentic yet: its signature has not been looked at. Only <see cref="JoseGuard"/> makes one.
/// </summary>
public sealed class GuardedJws
{
    internal GuardedJws(string compact, string algorithm, string? keyId, JsonElement header, JsonElement payload) =>
        (Compact, Algorithm, KeyId, Header, Payload) = (compact, algorithm, keyId, header, payload);

    /// <summary>The token as sent.</summary>
    public string Compact { get; }

    /// <summary>Algorithm, one of <see cref="AllowedAlgorithms"/>.</summary>
    public string Algorithm { get; }

    /// <summary>Key id; null when none stands.</summary>
    public string? KeyId { get; }

    /// <summary>Protected header.</summary>
    public JsonElement Header { get; }

    /// <summary>Payload; member names are unique at every depth.</summary>
    public JsonElement Payload { get; }

    /// <summary><c>iss</c>.</summary>
    public string? Issuer => Text("iss");

    /// <summary><c>sub</c>.</summary>
    public string? Subject => Text("sub");

    /// <summary><c>jti</c>.</summary>
    public string? JwtId => Text("jti");

    /// <summary><c>exp</c>.</summary>
    public DateTimeOffset? Expires { get; internal init; }

    /// <summary><c>nbf</c>.</summary>
    public DateTimeOffset? NotBefore { get; internal init; }

    /// <summary><c>iat</c>.</summary>
    public DateTimeOffset? IssuedAt { get; internal init; }

    /// <summary>A string claim; null when it is absent or of another JSON type.</summary>
    public string? Text(string claim) =>
        Payload.TryGetProperty(claim, out var member) && member.ValueKind == JsonValueKind.String ? member.GetString() : null;

    /// <summary>Is <c>aud</c> this one JSON string, ordinally? An array is not, not even of one.</summary>
    public bool IsFor(string audience) =>
        Payload.TryGetProperty("aud", out var member) && member.ValueKind == JsonValueKind.String && member.ValueEquals(audience);
}
