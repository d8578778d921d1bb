using System.Security.Cryptography;
using System.Text.Json;
using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Tokens;
using Sandbox;

namespace Gateway.Tests.Suspensions;

/// <summary>Statements as <c>gatewayctl agreement suspend-request</c> signs them, and ones that nobody should believe.</summary>
internal static class Statement
{
    private static readonly JsonWebTokenHandler Handler = new() { SetDefaultTimesOnTokenCreation = false };

    public static string By(
        Town town,
        string party,
        string act = "suspend",
        string? key = null,
        string type = "agreement-suspension+jwt",
        int seconds = 0,
        Action<Dictionary<string, object>>? change = null
    )
    {
        var now = TimeProvider.System.GetUtcNow().ToUnixTimeSeconds() + seconds;
        var claims = new Dictionary<string, object>(StringComparer.Ordinal)
        {
            ["iss"] = party,
            ["aud"] = town.File.Gateway,
            ["agr"] = "ANSS-MENPS-2026-01",
            ["act"] = act,
            ["reason"] = "drill",
            ["iat"] = now,
            ["exp"] = now + 3600,
            ["jti"] = Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(16)),
        };
        change?.Invoke(claims);
        var name = key ?? $"{party}-sign-2026";
        using var secret = town.Keys.Load(name);
        var credentials = new SigningCredentials(
            new ECDsaSecurityKey(secret)
            {
                KeyId = town.Keys.Public(name).Kid,
                CryptoProviderFactory = new CryptoProviderFactory { CacheSignatureProviders = false },
            },
            SecurityAlgorithms.EcdsaSha256
        );
        return Handler.CreateToken(
            JsonSerializer.Serialize(claims),
            credentials,
            new Dictionary<string, object>(StringComparer.Ordinal) { ["typ"] = type }
        );
    }
}
