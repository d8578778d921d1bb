using System.Collections.Immutable;
using System.Globalization;
using System.Text.Json;
using Tokens.Jose;
using Tokens.Possession;

namespace Tokens.Access;

/// <summary>Claims of an authentic access token → <see cref="AccessToken"/> (RFC 9068 section 2.2, RFC 9396). Pure.</summary>
internal static class AccessTokenReader
{
    private const int MaxOperations = 32;

    internal static AccessToken? Read(GuardedJws jws, TrustedIssuer issuer, out TokenDefect defect)
    {
        defect = TokenDefect.Claims;
        if (jws is not { JwtId.Length: > 0 and <= 256, KeyId: { } kid, IssuedAt: { } issuedAt, Expires: { } expires })
            return null;
        if (jws.Text(issuer.ClientClaim) is not { Length: > 0 } named)
            return null;
        var org = jws.Text("org");
        if (issuer.IsOwn && (org is null || jws.Subject != named || jws.Text("scope") is not { Length: > 0 }))
            return null;
        defect = TokenDefect.UnknownClient;
        if (issuer.ClientFor(named) is not { } client)
            return null;
        defect = TokenDefect.Unbound;
        if (!TryReadConfirmation(jws.Payload, out var x5t, out var hash, out var jkt))
            return null;
        defect = TokenDefect.Details;
        if (!TryReadDetails(jws.Payload, out var details) || (details is null && issuer.IsOwn))
            return null;
        defect = TokenDefect.None;
        return new AccessToken
        {
            Issuer = issuer.Issuer,
            ClientId = client,
            Org = issuer.IsOwn ? org : null, // a foreign claim of that name means something else
            Jti = jws.JwtId,
            Kid = kid,
            IssuedAt = issuedAt,
            Expires = expires,
            Scopes = [.. (jws.Text("scope") ?? "").Split(' ', StringSplitOptions.RemoveEmptyEntries)],
            Details = details,
            X5tS256 = x5t,
            CertificateHash = hash,
            Jkt = jkt,
        };
    }

    private static bool TryReadConfirmation(JsonElement payload, out string? x5t, out byte[] hash, out string? jkt)
    {
        (x5t, hash, jkt) = (null, [], null);
        if (!payload.TryGetProperty("cnf", out var cnf) || cnf.ValueKind != JsonValueKind.Object)
            return false;
        if (cnf.TryGetProperty("x5t#S256", out var thumbprint))
        {
            if (thumbprint.ValueKind != JsonValueKind.String || !CertificateBinding.TryDecodeHash(x5t = thumbprint.GetString()!, out hash))
                return false;
        }
        if (cnf.TryGetProperty("jkt", out var key))
        {
            if (key.ValueKind != JsonValueKind.String || !CertificateBinding.TryDecodeHash(jkt = key.GetString()!, out _))
                return false;
        }
        return x5t is not null || jkt is not null;
    }

    /// <summary>True with null when the claim is absent; false when it is anything but exactly one usable object.</summary>
    private static bool TryReadDetails(JsonElement payload, out ExchangeDetails? details)
    {
        details = null;
        if (!payload.TryGetProperty("authorization_details", out var array))
            return true;
        if (array.ValueKind != JsonValueKind.Array || array.GetArrayLength() != 1)
            return false;
        var item = array[0];
        if (
            Text(item, "type") != "data_exchange"
            || Text(item, "agreement") is not { Length: > 0 and <= 80 } agreement
            || Text(item, "purpose") is not { Length: > 0 and <= 40 } purpose
        )
            return false;
        var at = agreement.LastIndexOf('@');
        if (at <= 0 || !int.TryParse(agreement.AsSpan(at + 1), NumberStyles.None, CultureInfo.InvariantCulture, out var version))
            return false;
        if (
            !item.TryGetProperty("operations", out var list)
            || list.ValueKind != JsonValueKind.Array
            || list.GetArrayLength() is 0 or > MaxOperations
        )
            return false;
        var operations = ImmutableArray.CreateBuilder<string>(list.GetArrayLength());
        foreach (var operation in list.EnumerateArray())
        {
            if (operation.ValueKind != JsonValueKind.String)
                return false;
            operations.Add(operation.GetString()!);
        }
        details = new(agreement, agreement[..at], version, purpose, operations.DrainToImmutable());
        return true;
    }

    private static string? Text(JsonElement item, string name) =>
        item.ValueKind == JsonValueKind.Object && item.TryGetProperty(name, out var member) && member.ValueKind == JsonValueKind.String
            ? member.GetString()
            : null;
}
