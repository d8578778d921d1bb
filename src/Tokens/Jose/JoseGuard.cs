using System.Runtime.InteropServices;
using System.Text.Json;
using System.Text.Unicode;

namespace Tokens.Jose;

/// <summary>
/// Stands before <c>JsonWebTokenHandler</c> and refuses what that forgives (authority page, section 6): unknown <c>crit</c>, wrong
/// <c>typ</c>, duplicate members, dates as strings, padding. Pure, never throws, runs before anything costly.
/// </summary>
public static class JoseGuard
{
    /// <summary>Longest token, characters.</summary>
    public const int MaxLength = 8192;
    private const int MaxKeyIdLength = 128;
    private static readonly string[] ForbiddenHeaders = ["crit", "b64", "zip", "enc"];
    private static readonly string[] TextClaims = ["iss", "sub", "jti", "client_id", "scope"];

    /// <summary>Reads a JWS under a profile. Returns null with the defect when it is not entirely sound.</summary>
    public static GuardedJws? Read(string compact, JoseProfile profile, out JoseDefect defect)
    {
        defect = JoseDefect.None;
        if (compact.Length > MaxLength || compact.IndexOf('.', StringComparison.Ordinal) > profile.MaxHeaderLength)
            return Refuse(JoseDefect.TooLong, out defect);
        if (!CompactJws.TryDecode(compact, out var headerBytes, out var payloadBytes))
            return Refuse(JoseDefect.NotCompact, out defect);
        if (!TryParse(headerBytes, maxDepth: 4, maxMembers: 16, out var header))
            return Refuse(JoseDefect.HeaderNotJson, out defect);
        defect = JudgeHeader(header, profile, out var algorithm, out var keyId);
        if (defect != JoseDefect.None)
            return null;
        if (!TryParse(payloadBytes, maxDepth: 8, maxMembers: 64, out var payload))
            return Refuse(JoseDefect.PayloadNotJson, out defect);
        return ReadClaims(new(compact, algorithm!, keyId, header, payload), out defect);
    }

    private static GuardedJws? Refuse(JoseDefect reason, out JoseDefect defect)
    {
        defect = reason;
        return null;
    }

    private static JoseDefect JudgeHeader(JsonElement header, JoseProfile profile, out string? algorithm, out string? keyId)
    {
        (algorithm, keyId) = (null, null);
        foreach (var name in ForbiddenHeaders)
            if (header.TryGetProperty(name, out _))
                return JoseDefect.ForbiddenHeader;
        if (!header.TryGetProperty("alg", out var alg) || alg.ValueKind != JsonValueKind.String)
            return JoseDefect.Algorithm;
        algorithm = AllowedAlgorithms.Find(alg.GetString());
        if (algorithm is null || !profile.Algorithms.Contains(algorithm, StringComparer.Ordinal))
            return JoseDefect.Algorithm;
        if (!IsTypeAllowed(header, profile))
            return JoseDefect.Type;
        if (!header.TryGetProperty("kid", out var kid))
            return profile.KeyIdRequired ? JoseDefect.KeyId : JoseDefect.None;
        if (kid.ValueKind != JsonValueKind.String)
            return JoseDefect.KeyId;
        keyId = kid.GetString()!;
        return keyId.Length is 0 or > MaxKeyIdLength ? JoseDefect.KeyId : JoseDefect.None;
    }

    private static bool IsTypeAllowed(JsonElement header, JoseProfile profile)
    {
        if (!header.TryGetProperty("typ", out var typ))
            return profile.TypeOptional;
        if (typ.ValueKind != JsonValueKind.String)
            return false;
        var name = typ.GetString()!;
        const string prefix = "application/";
        return profile.Types.Contains(name.StartsWith(prefix, StringComparison.OrdinalIgnoreCase) ? name[prefix.Length..] : name);
    }

    private static GuardedJws? ReadClaims(GuardedJws jws, out JoseDefect defect)
    {
        defect = JoseDefect.ClaimType;
        foreach (var claim in TextClaims)
            if (jws.Payload.TryGetProperty(claim, out var member) && member.ValueKind != JsonValueKind.String)
                return null;
        if (
            !NumericDate.TryRead(jws.Payload, "exp", out var expires)
            || !NumericDate.TryRead(jws.Payload, "nbf", out var notBefore)
            || !NumericDate.TryRead(jws.Payload, "iat", out var issuedAt)
        )
            return null;
        defect = JoseDefect.None;
        return new(jws.Compact, jws.Algorithm, jws.KeyId, jws.Header, jws.Payload)
        {
            Expires = expires,
            NotBefore = notBefore,
            IssuedAt = issuedAt,
        };
    }

    /// <summary>One object, nothing after it, no duplicate members at any depth, valid text everywhere.</summary>
    private static bool TryParse(ReadOnlySpan<byte> utf8, int maxDepth, int maxMembers, out JsonElement root)
    {
        root = default;
        if (!Utf8.IsValid(utf8))
            return false;
        try
        {
            root = JsonElement.Parse(utf8, new JsonDocumentOptions { MaxDepth = maxDepth, AllowDuplicateProperties = false });
            var members = maxMembers;
            return root.ValueKind == JsonValueKind.Object && IsReadable(root, ref members);
        }
        catch (Exception exception) when (exception is JsonException or InvalidOperationException or FormatException)
        {
            return false; // InvalidOperationException: an escaped lone surrogate
        }
    }

    /// <summary>Counts members down, and reads every escaped string once, so that no later reader meets one that cannot be text.</summary>
    private static bool IsReadable(JsonElement element, ref int members)
    {
        switch (element.ValueKind)
        {
            case JsonValueKind.Object:
                foreach (var member in element.EnumerateObject())
                    if (--members < 0 || !IsReadable(member.Value, ref members))
                        return false;
                return true;
            case JsonValueKind.Array:
                foreach (var item in element.EnumerateArray())
                    if (--members < 0 || !IsReadable(item, ref members))
                        return false;
                return true;
            case JsonValueKind.String:
                return !JsonMarshal.GetRawUtf8Value(element).Contains((byte)'\\') || element.GetString() is not null;
            default:
                return true;
        }
    }
}
